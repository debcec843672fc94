package postgres

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// Sends lists rows of the ledger, newest first.
func (db *DB) Sends(ctx context.Context, f outreach.SendFilter) ([]outreach.SendView, error) {
	var since *time.Time
	if !f.Since.IsZero() {
		since = &f.Since
	}
	var rows []sendRow
	if err := db.SelectContext(ctx, &rows, `
		SELECT s.id, s.purpose, s.message_id, COALESCE(s.enrolment_id, 0) AS enrolment_id, COALESCE(s.lead_id, 0) AS lead_id,
			s.mailbox_id, s.sequence_id, s.step_id, s.step_index, s.to_address, s.created_at, s.state, s.claimed_at, s.settled_at,
			s.attempts, s.subject, s.smtp_code, s.smtp_text, s.resolved_by,
			CASE WHEN s.state IN ('unknown', 'assumed_sent') THEN concat_ws('; ', NULLIF(s.unknown_reason, ''), NULLIF(d.finding, '')) ELSE s.unknown_reason END AS unknown_reason, s.variant, s.choice,
			COALESCE(NULLIF(trim(l.first_name || ' ' || l.last_name), ''), s.to_address) AS lead_name
		FROM sends s LEFT JOIN leads l ON l.id = s.lead_id LEFT JOIN doubts d ON d.send_id = s.id
		WHERE ($1 = '' OR s.state = $1) AND ($2 = 0 OR s.lead_id = $2)
			AND ($1 <> 'unknown' OR s.id IN (SELECT send_id FROM doubts)) -- all of them stand there: the ledger is not read for them
			AND ($3::timestamptz IS NULL OR COALESCE(s.settled_at, s.claimed_at, s.created_at) >= $3)
		ORDER BY COALESCE(s.settled_at, s.claimed_at, s.created_at) DESC, s.id DESC LIMIT $4`,
		f.State, f.LeadID, since, cmp.Or(f.Limit, defaultLimit)); err != nil {
		return nil, fmt.Errorf("list sends: %w", err)
	}
	views := make([]outreach.SendView, len(rows))
	for i, row := range rows {
		views[i] = row.view()
	}
	return views, nil
}

type sendRow struct {
	ID            outreach.SendID      `db:"id"`
	Purpose       outreach.Purpose     `db:"purpose"`
	MessageID     string               `db:"message_id"`
	EnrolmentID   outreach.EnrolmentID `db:"enrolment_id"`
	LeadID        outreach.LeadID      `db:"lead_id"`
	MailboxID     outreach.MailboxID   `db:"mailbox_id"`
	SequenceID    outreach.SequenceID  `db:"sequence_id"`
	StepID        outreach.StepID      `db:"step_id"`
	StepIndex     int                  `db:"step_index"`
	To            string               `db:"to_address"`
	CreatedAt     time.Time            `db:"created_at"`
	State         outreach.SendState   `db:"state"`
	ClaimedAt     *time.Time           `db:"claimed_at"`
	SettledAt     *time.Time           `db:"settled_at"`
	Attempts      int                  `db:"attempts"`
	Subject       string               `db:"subject"`
	SMTPCode      int                  `db:"smtp_code"`
	SMTPText      string               `db:"smtp_text"`
	UnknownReason string               `db:"unknown_reason"`
	ResolvedBy    string               `db:"resolved_by"`
	Variant       string               `db:"variant"`
	Choice        string               `db:"choice"`
	LeadName      string               `db:"lead_name"`
}

func (r sendRow) view() outreach.SendView {
	view := outreach.SendView{
		Send: outreach.Send{
			ID: r.ID, Purpose: r.Purpose, RFCMessageID: r.MessageID, EnrolmentID: r.EnrolmentID, LeadID: r.LeadID,
			MailboxID: r.MailboxID, StepID: r.StepID, StepIndex: r.StepIndex, To: r.To, State: r.State, Attempts: r.Attempts,
		},
		SequenceID: r.SequenceID, LeadName: r.LeadName, Subject: r.Subject, CreatedAt: r.CreatedAt, SettledAt: r.SettledAt,
		SMTPCode: r.SMTPCode, SMTPText: r.SMTPText, UnknownReason: r.UnknownReason, ResolvedBy: r.ResolvedBy,
		Variant: r.Variant, Choice: r.Choice,
	}
	if r.ClaimedAt != nil {
		view.ClaimedAt = *r.ClaimedAt
	}
	return view
}

// Replies lists messages that were understood, newest first.
func (db *DB) Replies(ctx context.Context, f outreach.ReplyFilter) ([]outreach.ReplyView, error) {
	var rows []replyRow
	if err := db.SelectContext(ctx, &rows, `
		SELECT m.id, COALESCE(m.lead_id, 0) AS lead_id, m.from_address, m.from_name, m.subject, m.received_at, m.kind, m.label,
			m.corrected_label, m.confidence, m.abstained, m.secondary, m.reply_text, m.rep_id, m.handled_at,
			COALESCE(NULLIF(trim(l.first_name || ' ' || l.last_name), ''), l.email, m.from_address) AS lead_name,
			COALESCE(l.company, '') AS company, COALESCE(d.body, '') AS draft
		FROM messages m
		LEFT JOIN leads l ON l.id = m.lead_id
		LEFT JOIN drafts d ON d.message_id = m.id AND d.state = 'ready'
		WHERE m.state = 'done' AND m.kind <> '' AND m.lead_id IS NOT NULL
			AND ($1 = '' OR COALESCE(NULLIF(m.corrected_label, ''), m.label) = $1)
			AND (NOT $2 OR (m.handled_at IS NULL AND m.kind = 'human')) AND ($3 = 0 OR m.lead_id = $3) AND ($4 = 0 OR m.id < $4)
		ORDER BY m.id DESC LIMIT $5`,
		f.Label, f.Open, f.LeadID, f.Before, cmp.Or(f.Limit, defaultLimit)); err != nil {
		return nil, fmt.Errorf("list replies: %w", err)
	}
	views := make([]outreach.ReplyView, len(rows))
	for i, row := range rows {
		views[i] = row.view()
	}
	return views, nil
}

type replyRow struct {
	ID         outreach.MessageID `db:"id"`
	LeadID     outreach.LeadID    `db:"lead_id"`
	From       string             `db:"from_address"`
	FromName   string             `db:"from_name"`
	Subject    string             `db:"subject"`
	ReceivedAt time.Time          `db:"received_at"`
	Kind       outreach.Kind      `db:"kind"`
	Label      outreach.Label     `db:"label"`
	Corrected  outreach.Label     `db:"corrected_label"`
	Confidence float64            `db:"confidence"`
	Abstained  bool               `db:"abstained"`
	Secondary  pq.StringArray     `db:"secondary"`
	Text       string             `db:"reply_text"`
	RepID      outreach.RepID     `db:"rep_id"`
	HandledAt  *time.Time         `db:"handled_at"`
	LeadName   string             `db:"lead_name"`
	Company    string             `db:"company"`
	Draft      string             `db:"draft"`
}

func (r replyRow) view() outreach.ReplyView {
	view := outreach.ReplyView{
		ID: r.ID, LeadID: r.LeadID, LeadName: r.LeadName, Company: r.Company, From: outreach.Address{Name: r.FromName, Email: r.From},
		Subject: r.Subject, ReceivedAt: r.ReceivedAt, Kind: r.Kind, Label: r.Label, Corrected: r.Corrected, Confidence: r.Confidence,
		Abstained: r.Abstained, Text: r.Text, RepID: r.RepID, HandledAt: r.HandledAt, Draft: r.Draft,
	}
	for _, label := range r.Secondary {
		view.Secondary = append(view.Secondary, outreach.Label(label))
	}
	return view
}

// HandleReply notes that a person has dealt with a message. A second time
// changes nothing.
func (db *DB) HandleReply(ctx context.Context, id outreach.MessageID, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		var leads []outreach.LeadID
		if err := tx.SelectContext(ctx, &leads, `
			UPDATE messages SET handled_at = $2 WHERE id = $1 AND handled_at IS NULL AND lead_id IS NOT NULL RETURNING lead_id`,
			id, act.At); err != nil || len(leads) == 0 {
			return err
		}
		return addEvent(ctx, tx, leadEvent{
			LeadID: leads[0], MessageID: id, At: act.At, Kind: "handled", Actor: act.Actor, Detail: act.Detail,
		})
	})
}
