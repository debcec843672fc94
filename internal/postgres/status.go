package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// Status is how the installation stands at now; day is when today began, in
// whatever zone the reader counts days.
func (db *DB) Status(ctx context.Context, now, day time.Time) (outreach.Status, error) {
	status := outreach.Status{At: now}
	for _, read := range []func(context.Context, *outreach.Status) error{
		db.countLeads, db.countEnrolments, db.countReplies, db.countWebhooks, db.countInbox, db.countSmall, db.countDoubts,
		func(ctx context.Context, s *outreach.Status) error { return db.countSends(ctx, s, day) },
	} {
		if err := read(ctx, &status); err != nil {
			return outreach.Status{}, fmt.Errorf("read status: %w", err)
		}
	}
	var err error
	if status.Rehearsal, err = db.Rehearsal(ctx); err != nil {
		return outreach.Status{}, err
	}
	if status.Hold, err = db.Hold(ctx); err != nil {
		return outreach.Status{}, err
	}
	if status.Mailboxes, err = db.MailboxViews(ctx, now); err != nil {
		return outreach.Status{}, err
	}
	if status.Sequences, err = db.SequenceViews(ctx); err != nil {
		return outreach.Status{}, err
	}
	next, found, err := db.NextPlanned(ctx)
	if found {
		status.NextDue = &next
	}
	return status, err
}

// tally runs a query of two columns, a word and how often it stands.
func tally[K ~string](ctx context.Context, db *DB, query string, args ...any) (map[K]int, error) {
	rows := []struct {
		Word  K   `db:"word"`
		Count int `db:"count"`
	}{}
	if err := db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	counts := make(map[K]int, len(rows))
	for _, row := range rows {
		counts[row.Word] = row.Count
	}
	return counts, nil
}

func (db *DB) countLeads(ctx context.Context, s *outreach.Status) (err error) {
	s.Leads, err = tally[outreach.Stage](ctx, db, `SELECT stage AS word, count(*) AS count FROM leads GROUP BY stage`)
	return err
}

func (db *DB) countEnrolments(ctx context.Context, s *outreach.Status) (err error) {
	s.Enrolments, err = tally[outreach.EnrolmentState](ctx, db, `SELECT state AS word, count(*) AS count FROM enrolments GROUP BY state`)
	return err
}

func (db *DB) countReplies(ctx context.Context, s *outreach.Status) (err error) {
	s.Replies, err = tally[outreach.Label](ctx, db, `
		SELECT COALESCE(NULLIF(corrected_label, ''), label) AS word, count(*) AS count FROM messages
		WHERE state = 'done' AND label <> '' AND lead_id IS NOT NULL GROUP BY 1`)
	return err
}

// countInbox counts what became of the mail that came in.
func (db *DB) countInbox(ctx context.Context, s *outreach.Status) (err error) {
	s.Inbox, err = tally[outreach.Ending](ctx, db, `
		SELECT CASE WHEN kind IN ('bounce', 'complaint') THEN 'bounce' WHEN kind = 'automatic' THEN 'automatic'
			WHEN match_method IN ('colleague', 'ambiguous') THEN 'colleague' ELSE 'matched' END AS word, count(*) AS count
		FROM messages WHERE state = 'done' GROUP BY 1
		UNION ALL SELECT 'not_ours', count(*) FROM not_ours HAVING count(*) > 0`)
	if err != nil {
		return err
	}
	return db.GetContext(ctx, &s.Strangers, `SELECT count(*) FROM not_ours WHERE from_company`)
}

func (db *DB) countSends(ctx context.Context, s *outreach.Status, day time.Time) (err error) {
	s.Today, err = tally[outreach.SendState](ctx, db, `
		SELECT state AS word, count(*) AS count FROM sends
		WHERE purpose = 'step' AND COALESCE(settled_at, claimed_at, created_at) >= $1 GROUP BY state`, day)
	return err
}

func (db *DB) countSmall(ctx context.Context, s *outreach.Status) error {
	row := struct {
		Sent       int `db:"sent"`
		Unknown    int `db:"unknown"`
		Open       int `db:"open"`
		Suppressed int `db:"suppressed"`
	}{}
	err := db.GetContext(ctx, &row, `
		SELECT count(*) FILTER (WHERE purpose = 'step' AND state IN ('sent', 'assumed_sent')) AS sent,
			count(*) FILTER (WHERE state = 'unknown') AS unknown,
			(SELECT count(*) FROM messages WHERE state = 'done' AND handled_at IS NULL AND lead_id IS NOT NULL AND kind = 'human') AS open,
			(SELECT count(*) FROM suppressions) AS suppressed
		FROM sends`)
	s.Sent, s.Unknown, s.Open, s.Suppressed = row.Sent, row.Unknown, row.Open, row.Suppressed
	return err
}

// SequenceViews lists the sequences with what became of their leads.
func (db *DB) SequenceViews(ctx context.Context) ([]outreach.SequenceView, error) {
	rows := []struct {
		ID           outreach.SequenceID `db:"id"`
		Name         string              `db:"name"`
		Owner        outreach.RepID      `db:"owner"`
		Revision     int                 `db:"number"`
		Paused       bool                `db:"paused"`
		PausedReason string              `db:"paused_reason"`
		Sent         int                 `db:"sent"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT q.id, q.name, q.owner, r.number, q.paused, q.paused_reason, COALESCE(s.sent, 0) AS sent
		FROM sequences q JOIN revisions r ON r.id = q.revision_id
		LEFT JOIN (SELECT sequence_id, count(*) AS sent FROM sends
			WHERE purpose = 'step' AND state IN ('sent', 'assumed_sent') GROUP BY sequence_id) s ON s.sequence_id = q.id
		ORDER BY q.id`); err != nil {
		return nil, fmt.Errorf("list sequences: %w", err)
	}
	views := make([]outreach.SequenceView, len(rows))
	for i, row := range rows {
		states, err := tally[outreach.EnrolmentState](ctx, db,
			`SELECT state AS word, count(*) AS count FROM enrolments WHERE sequence_id = $1 GROUP BY state`, row.ID)
		if err != nil {
			return nil, fmt.Errorf("count enrolments: %w", err)
		}
		views[i] = outreach.SequenceView{
			ID: row.ID, Name: row.Name, Owner: row.Owner, Revision: row.Revision, Paused: row.Paused,
			PausedReason: row.PausedReason, Enrolments: states, Sent: row.Sent,
		}
	}
	return views, nil
}

// MailboxViews lists the mailboxes with their day.
func (db *DB) MailboxViews(ctx context.Context, now time.Time) ([]outreach.MailboxView, error) {
	rows := []struct {
		ID           outreach.MailboxID `db:"id"`
		Address      string             `db:"address"`
		RepID        outreach.RepID     `db:"rep_id"`
		Timezone     string             `db:"timezone"`
		Paused       bool               `db:"paused"`
		PausedReason string             `db:"paused_reason"`
		NextSendAt   *time.Time         `db:"next_send_at"`
		WaitReason   outreach.Reason    `db:"wait_reason"`
		Today        int                `db:"today"`
		Active       int                `db:"active"`
		UnreadMS     *int64             `db:"unread_ms"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT m.id, m.address, m.rep_id, m.timezone, m.paused, m.paused_reason,
			CASE WHEN m.next_send_at > $1 THEN m.next_send_at END AS next_send_at, CASE WHEN m.next_send_at > $1 THEN m.wait_reason ELSE '' END AS wait_reason,
			COALESCE(d.reserved, 0) AS today, COALESCE(e.active, 0) AS active,
			CASE WHEN m.read_ms > 0 THEN machine_ms() - m.read_ms END AS unread_ms
		FROM mailboxes m
		LEFT JOIN mailbox_days d ON d.mailbox_id = m.id AND d.day = ($1::timestamptz AT TIME ZONE m.timezone)::date
		LEFT JOIN (SELECT mailbox_id, count(*) AS active FROM enrolments WHERE state = 'active' GROUP BY mailbox_id) e
			ON e.mailbox_id = m.id
		ORDER BY m.id`, now); err != nil {
		return nil, fmt.Errorf("list mailboxes: %w", err)
	}
	views := make([]outreach.MailboxView, len(rows))
	for i, row := range rows {
		views[i] = outreach.MailboxView{
			ID: row.ID, Address: row.Address, RepID: row.RepID, Timezone: row.Timezone, Paused: row.Paused,
			PausedReason: row.PausedReason, NextSendAt: row.NextSendAt, WaitReason: row.WaitReason,
			SentToday: row.Today, Active: row.Active,
		}
		if row.UnreadMS != nil {
			age := time.Duration(*row.UnreadMS) * time.Millisecond
			views[i].Unread = &age
		}
	}
	return views, db.addBlocks(ctx, views, now)
}

// addBlocks adds the recipient domains to which a mailbox does not write now.
func (db *DB) addBlocks(ctx context.Context, views []outreach.MailboxView, now time.Time) error {
	rows := []struct {
		ID     outreach.MailboxID `db:"mailbox_id"`
		Domain string             `db:"domain"`
		Until  time.Time          `db:"until"`
		Reason string             `db:"reason"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT mailbox_id, domain, until, reason FROM mailbox_domain_pauses WHERE until > $1 ORDER BY mailbox_id, domain`, now); err != nil {
		return fmt.Errorf("list blocks: %w", err)
	}
	for _, row := range rows {
		for i := range views {
			if views[i].ID == row.ID {
				views[i].Blocks = append(views[i].Blocks, outreach.DomainPause{Domain: row.Domain, Until: row.Until, Reason: row.Reason})
			}
		}
	}
	return nil
}
