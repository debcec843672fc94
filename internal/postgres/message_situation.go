package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// softBounceDays is how long a soft bounce counts.
const softBounceDays = 14

// Situation gives what a decision about a message asks. The lead of the match
// may be unknown: then only the mailbox is told.
func (db *DB) Situation(ctx context.Context, mailbox outreach.MailboxID, m outreach.Match, now time.Time) (outreach.Situation, error) {
	s := outreach.Situation{Mailbox: outreach.MailboxRef{ID: mailbox}}
	if err := db.QueryRowxContext(ctx, `SELECT address, timezone, rep_id FROM mailboxes WHERE id = $1`, mailbox).
		Scan(&s.Mailbox.Address, &s.Mailbox.Timezone, &s.Mailbox.RepID); err != nil {
		return s, fmt.Errorf("mailbox %q: %w", mailbox, err)
	}
	s.RepID = s.Mailbox.RepID
	if m.LeadID == 0 {
		return s, nil
	}
	var lead leadRow
	if err := db.GetContext(ctx, &lead, `SELECT `+leadColumns+` FROM leads l WHERE l.id = $1`, m.LeadID); err != nil {
		return s, fmt.Errorf("lead %d: %w", m.LeadID, err)
	}
	s.Lead = lead.lead()
	if err := completeMatch(ctx, db, &m); err != nil {
		return s, fmt.Errorf("find enrolment: %w", err)
	}
	if err := db.enrolmentSituation(ctx, m.EnrolmentID, &s); err != nil {
		return s, fmt.Errorf("enrolment %d: %w", m.EnrolmentID, err)
	}
	err := db.GetContext(ctx, &s.SoftBounces, `
		SELECT count(*) FROM messages WHERE lead_id = $1 AND state = 'done' AND label = 'bounce_soft' AND received_at > $2
			AND decision->>'rule' IS DISTINCT FROM 'bounce_pending'`,
		m.LeadID, now.AddDate(0, 0, -softBounceDays))
	return s, err
}

// enrolmentSituation fills in the enrolment, its sequence and the mail that is
// answered.
func (db *DB) enrolmentSituation(ctx context.Context, id outreach.EnrolmentID, s *outreach.Situation) error {
	if id == 0 {
		return nil
	}
	var row struct {
		LeadID      outreach.LeadID     `db:"lead_id"`
		SequenceID  outreach.SequenceID `db:"sequence_id"`
		RevisionID  outreach.RevisionID `db:"revision_id"`
		MailboxID   outreach.MailboxID  `db:"mailbox_id"`
		Zone        string              `db:"timezone"`
		State       string              `db:"state"`
		Reason      string              `db:"state_reason"`
		Step        int                 `db:"step"`
		DueAt       *time.Time          `db:"due_at"`
		PausedUntil *time.Time          `db:"paused_until"`
		LastSentAt  *time.Time          `db:"last_sent_at"`
		Name        string              `db:"name"`
		Owner       outreach.RepID      `db:"owner"`
		Source      string              `db:"source"`
		LastMail    string              `db:"last_mail"`
	}
	err := db.GetContext(ctx, &row, `
		SELECT e.lead_id, e.sequence_id, e.revision_id, e.mailbox_id, e.timezone, e.state, e.state_reason, e.step, e.due_at,
			e.paused_until, e.last_sent_at, q.name, q.owner, r.source,
			COALESCE((SELECT s.subject FROM sends s WHERE `+ofEnrolment+` AND s.subject <> '' ORDER BY s.step_index DESC LIMIT 1), '') AS last_mail
		FROM enrolments e JOIN sequences q ON q.id = e.sequence_id JOIN revisions r ON r.id = e.revision_id
		WHERE e.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.ErrNotFound
	}
	if err != nil {
		return err
	}
	s.Enrolment = outreach.Enrolment{
		ID: id, LeadID: row.LeadID, SequenceID: row.SequenceID, RevisionID: row.RevisionID, MailboxID: row.MailboxID,
		Timezone: row.Zone, State: outreach.EnrolmentState(row.State), StateReason: row.Reason, Step: row.Step,
		DueAt: row.DueAt, PausedUntil: row.PausedUntil, LastSentAt: row.LastSentAt,
	}
	s.SequenceName, s.Source, s.RepID, s.LastMail = row.Name, row.Source, row.Owner, row.LastMail
	return nil
}
