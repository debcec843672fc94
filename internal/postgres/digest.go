package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// digestReplyColumns are read from messages m with its lead l, mailbox b and draft d.
const digestReplyColumns = `
	m.id, COALESCE(m.lead_id, 0) AS lead_id, COALESCE(NULLIF(trim(l.first_name || ' ' || l.last_name), ''), l.email, m.from_address) AS lead_name,
	COALESCE(l.email, m.from_address) AS lead_email, COALESCE(l.title, '') AS title, COALESCE(l.company, '') AS company,
	COALESCE(NULLIF(m.corrected_label, ''), m.label) AS label, m.confidence, m.abstained AND m.corrected_label = '' AS abstained,
	COALESCE(NULLIF(m.reply_text, ''), m.subject) AS words, m.received_at, m.state, m.error,
	COALESCE(m.decision->>'act', '') AS act, COALESCE(m.decision->>'next', '') AS next,
	COALESCE(NULLIF(m.rep_id, ''), b.rep_id) AS rep_id, m.mailbox_id,
	d.id AS draft_id, COALESCE(d.playbook, '') AS playbook, COALESCE(d.subject, '') AS draft_subject, COALESCE(d.body, '') AS draft_body`

const digestReplyTables = `
	FROM messages m JOIN mailboxes b ON b.id = m.mailbox_id
	LEFT JOIN leads l ON l.id = m.lead_id
	LEFT JOIN drafts d ON d.message_id = m.id AND d.state = 'ready'`

type digestReplyRow struct {
	ID         outreach.MessageID `db:"id"`
	LeadID     outreach.LeadID    `db:"lead_id"`
	LeadName   string             `db:"lead_name"`
	LeadEmail  string             `db:"lead_email"`
	Title      string             `db:"title"`
	Company    string             `db:"company"`
	Label      outreach.Label     `db:"label"`
	Confidence float64            `db:"confidence"`
	Abstained  bool               `db:"abstained"`
	Words      string             `db:"words"`
	ReceivedAt time.Time          `db:"received_at"`
	State      string             `db:"state"`
	Error      string             `db:"error"`
	Act        string             `db:"act"`
	Next       string             `db:"next"`
	RepID      outreach.RepID     `db:"rep_id"`
	MailboxID  outreach.MailboxID `db:"mailbox_id"`
	DraftID    sql.NullInt64      `db:"draft_id"`
	Playbook   string             `db:"playbook"`
	Subject    string             `db:"draft_subject"`
	Body       string             `db:"draft_body"`
}

func (r digestReplyRow) reply() outreach.DigestReply {
	reply := outreach.DigestReply{
		MessageID: r.ID, LeadID: r.LeadID, LeadName: r.LeadName, LeadEmail: r.LeadEmail, Title: r.Title, Company: r.Company,
		Label: r.Label, Confidence: r.Confidence, Abstained: r.Abstained, Words: r.Words, ReceivedAt: r.ReceivedAt, Act: r.Act, Next: r.Next,
	}
	if r.DraftID.Valid {
		reply.Draft = &outreach.Draft{Playbook: r.Playbook, Subject: r.Subject, Body: r.Body}
	}
	if r.State == "quarantined" {
		reply.Abstained, reply.Next = true, "It could not be read ("+r.Error+"): please look at it in the mailbox."
	}
	return reply
}

// DigestItems reads what a rep should see on a day.
func (db *DB) DigestItems(ctx context.Context, rep outreach.RepID, day outreach.Day, now time.Time) (outreach.DigestItems, error) {
	var items outreach.DigestItems
	var rows []digestReplyRow
	if err := db.SelectContext(ctx, &rows, `SELECT `+digestReplyColumns+digestReplyTables+`
		WHERE COALESCE(NULLIF(m.rep_id, ''), b.rep_id) = $1 AND m.handled_at IS NULL
			AND (m.state = 'quarantined' OR (m.state = 'done' AND (m.kind = 'human' OR m.abstained) AND m.lead_id IS NOT NULL
				AND (m.abstained OR COALESCE(NULLIF(m.corrected_label, ''), m.label) NOT IN ('unsubscribe', 'left_company'))))
		ORDER BY m.received_at, m.id LIMIT 500`, rep); err != nil {
		return items, fmt.Errorf("digest replies: %w", err)
	}
	for _, row := range rows {
		sortReply(&items, row.reply())
	}
	for _, part := range []struct {
		into  *[]outreach.DigestLine
		query string
		args  []any
	}{
		{&items.Candidates, digestCandidates, []any{rep}},
		{&items.Tasks, digestTasks, []any{rep, day.AddDays(1).String()}},
		{&items.Back, digestReminders, []any{rep, day.String()}},
		{&items.NeedsData, digestNeedsData, []any{rep}},
	} {
		if err := db.digestLines(ctx, part.into, part.query, part.args...); err != nil {
			return items, err
		}
	}
	if err := db.SelectContext(ctx, &items.Health, digestHealth, rep, now.Add(-24*time.Hour)); err != nil {
		return items, fmt.Errorf("digest health: %w", err)
	}
	return items, nil
}

// sortReply puts a reply into the section where the rep looks for it.
func sortReply(items *outreach.DigestItems, r outreach.DigestReply) {
	switch {
	case r.Abstained || r.Label == outreach.LabelUnclear:
		items.Triage = append(items.Triage, r)
	case r.Label.Positive():
		items.Answer = append(items.Answer, r)
	case r.Label.Objection():
		items.Objections = append(items.Objections, r)
	}
}

// The lines of a digest: id, lead_id, lead_name, company, text, day.
const (
	digestLead = `l.id AS lead_id, COALESCE(NULLIF(trim(l.first_name || ' ' || l.last_name), ''), l.email) AS lead_name, l.company`

	digestCandidates = `
		SELECT c.id, ` + digestLead + `, NULL::date AS day,
			c.kind || ': ' || concat_ws(', ', NULLIF(c.name, ''), NULLIF(c.title, ''), NULLIF(c.email, ''), NULLIF(c.phone, '')) AS text
		FROM candidates c JOIN leads l ON l.id = c.lead_id JOIN messages m ON m.id = c.message_id
		WHERE m.rep_id = $1 AND c.state = 'suggested' ORDER BY c.id LIMIT 100`
	digestTasks = `
		SELECT t.id, ` + digestLead + `, t.due_at::date AS day, t.title AS text
		FROM tasks t JOIN leads l ON l.id = t.lead_id
		WHERE t.rep_id = $1 AND t.state = 'open' AND (t.due_at IS NULL OR t.due_at < $2::date) AND l.stopped = ''
		ORDER BY t.due_at, t.id LIMIT 100`
	digestReminders = `
		SELECT r.id, ` + digestLead + `, r.on_day AS day, r.note AS text
		FROM reminders r JOIN leads l ON l.id = r.lead_id
		WHERE r.rep_id = $1 AND r.state = 'open' AND r.on_day <= $2::date ORDER BY r.on_day, r.id LIMIT 100`
	digestNeedsData = `
		SELECT e.id, ` + digestLead + `, NULL::date AS day, COALESCE((
			SELECT v.detail FROM lead_events v WHERE v.enrolment_id = e.id AND v.kind = 'held' ORDER BY v.id DESC LIMIT 1), '') AS text
		FROM enrolments e JOIN leads l ON l.id = e.lead_id JOIN mailboxes b ON b.id = e.mailbox_id
		WHERE b.rep_id = $1 AND e.state = 'held' AND e.state_reason = 'needs_data' ORDER BY e.id LIMIT 100`
	digestHealth = `
		SELECT 'Mailbox ' || id || ' is paused: ' || paused_reason FROM mailboxes WHERE rep_id = $1 AND paused
		UNION ALL
		SELECT 'Mailbox ' || p.mailbox_id || ' does not write to ' || p.domain || ': ' || p.reason
		FROM mailbox_domain_pauses p JOIN mailboxes b ON b.id = p.mailbox_id WHERE b.rep_id = $1 AND p.at > $2
		UNION ALL
		SELECT count(*) || ' mails may or may not have gone, the oldest since ' || to_char(min(d.since) AT TIME ZONE b.timezone, 'YYYY-MM-DD HH24:MI')
			|| '. Look into the Sent folder, then say so: drumbeat sends list --state unknown; drumbeat sends resolve ID'
		FROM doubts d JOIN sends s ON s.id = d.send_id AND s.state = 'unknown' JOIN mailboxes b ON b.id = d.mailbox_id
		WHERE b.rep_id = $1 GROUP BY b.timezone
		UNION ALL
		SELECT count(*) || ' mails that may or may not have gone were taken for sent since yesterday: see drumbeat sends list --state assumed_sent'
		FROM doubts d JOIN sends s ON s.id = d.send_id AND s.state = 'assumed_sent' JOIN mailboxes b ON b.id = d.mailbox_id
		WHERE b.rep_id = $1 AND s.settled_at > $2 HAVING count(*) > 0`
)

func (db *DB) digestLines(ctx context.Context, into *[]outreach.DigestLine, query string, args ...any) error {
	rows := []struct {
		ID       int64           `db:"id"`
		LeadID   outreach.LeadID `db:"lead_id"`
		LeadName string          `db:"lead_name"`
		Company  string          `db:"company"`
		Text     string          `db:"text"`
		Day      *time.Time      `db:"day"`
	}{}
	if err := db.SelectContext(ctx, &rows, query, args...); err != nil {
		return fmt.Errorf("digest lines: %w", err)
	}
	for _, row := range rows {
		line := outreach.DigestLine{ID: row.ID, LeadID: row.LeadID, LeadName: row.LeadName, Company: row.Company, Text: row.Text}
		if row.Day != nil {
			line.Day = outreach.DayOf(*row.Day)
		}
		*into = append(*into, line)
	}
	return nil
}

// DigestDecided tells whether a rep's digest of a day was sent, or was empty.
func (db *DB) DigestDecided(ctx context.Context, rep outreach.RepID, day outreach.Day) (bool, error) {
	var decided bool
	err := db.GetContext(ctx, &decided, `SELECT EXISTS (SELECT 1 FROM digest_days WHERE rep_id = $1 AND day = $2)`, rep, day.String())
	return decided, err
}

// RecordDigest decides about a rep's digest of a day, once: with a notice it
// goes out and its reminders are told; without one it was empty.
func (db *DB) RecordDigest(ctx context.Context, rep outreach.RepID, day outreach.Day, n *outreach.Notice, told []outreach.DigestLine, now time.Time) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		outcome := "empty"
		if n != nil {
			outcome = "sent"
		}
		err := mustChange(tx.ExecContext(ctx, `
			INSERT INTO digest_days (rep_id, day, outcome, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, rep, day.String(), outcome, now))
		if errors.Is(err, outreach.ErrNotFound) || (err == nil && n == nil) {
			return nil // decided before, or nothing to tell
		}
		if err != nil {
			return fmt.Errorf("digest day: %w", err)
		}
		if _, err := addNotice(ctx, tx, *n, now); err != nil {
			return err
		}
		ids := make([]int64, len(told))
		for i, line := range told {
			ids[i] = line.ID
		}
		_, err = tx.ExecContext(ctx, `UPDATE reminders SET state = 'told' WHERE id = ANY($1)`, int64s(ids))
		return err
	})
}

// AlertItem reads the message that a rep is told about at once.
func (db *DB) AlertItem(ctx context.Context, id outreach.MessageID) (outreach.AlertItem, error) {
	var row digestReplyRow
	err := db.GetContext(ctx, &row, `SELECT `+digestReplyColumns+digestReplyTables+` WHERE m.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.AlertItem{}, fmt.Errorf("message %d: %w", id, outreach.ErrNotFound)
	}
	if err != nil {
		return outreach.AlertItem{}, fmt.Errorf("message %d: %w", id, err)
	}
	return outreach.AlertItem{DigestReply: row.reply(), RepID: row.RepID, MailboxID: row.MailboxID}, nil
}
