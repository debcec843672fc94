package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// RestoreSends takes mails of steps in that went before the database was restored,
// so that their steps are behind their leads again. A mail whose enrolment is not
// there, or belongs to somebody else now, is passed over.
func (db *DB) RestoreSends(ctx context.Context, mails []outreach.Forgotten, now time.Time) (restored int, err error) {
	for _, mail := range mails {
		known := 0
		if err := db.InTx(ctx, func(tx *sqlx.Tx) (err error) {
			known, err = restoreSend(ctx, tx, mail, now)
			return err
		}); err != nil {
			return restored, fmt.Errorf("restore a send: %w", err)
		}
		restored += known
	}
	return restored, nil
}

func restoreSend(ctx context.Context, tx *sqlx.Tx, mail outreach.Forgotten, now time.Time) (int, error) {
	var rows []struct {
		LeadID outreach.LeadID `db:"id"`
		Email  string          `db:"email"`
	}
	if err := tx.SelectContext(ctx, &rows, `SELECT l.id, l.email FROM enrolments e JOIN leads l ON l.id = e.lead_id WHERE e.id = $1`,
		mail.EnrolmentID); err != nil {
		return 0, err
	}
	if len(rows) == 0 || outreach.RecipientMark(mail.RFCMessageID, rows[0].Email) != mail.Recipient {
		return 0, nil
	}
	if err := lockLeads(ctx, tx, []outreach.LeadID{rows[0].LeadID}); err != nil {
		return 0, err
	}
	var ids []outreach.SendID
	if err := tx.SelectContext(ctx, &ids, `
		WITH known AS (
			INSERT INTO sends AS s (purpose, dedupe_key, message_id, enrolment_id, lead_id, mailbox_id, sequence_id, step_id, step_index, to_address,
				created_at, state, committed_at, settled_at, attempts, resolved_by)
			SELECT 'step', $2, $3, e.id, e.lead_id, e.mailbox_id, e.sequence_id, $4, $5, l.email, $6, 'sent', $6, $7, 1, $8
			FROM enrolments e JOIN leads l ON l.id = e.lead_id WHERE e.id = $1
			ON CONFLICT (dedupe_key) DO UPDATE SET state = 'sent', message_id = excluded.message_id, fence = s.fence + 1,
				committed_at = excluded.committed_at, settled_at = excluded.settled_at, resolved_by = excluded.resolved_by
			WHERE s.state IN ('planned', 'claimed', 'committing', 'unknown', 'assumed_sent')
			RETURNING id, fence
		)
		INSERT INTO send_events (send_id, at, from_state, to_state, fence, detail)
		SELECT id, $7, 'forgotten', 'sent', fence, 'found again after a restore: ' || $8 FROM known
		RETURNING send_id`,
		mail.EnrolmentID, mail.DedupeKey, mail.RFCMessageID, mail.StepID, mail.StepIndex, mail.At, now, mail.By); err != nil || len(ids) == 0 {
		return 0, err
	}
	// Whoever got this step got those before it, whether or not they were found.
	if _, err := tx.ExecContext(ctx, `UPDATE enrolments SET step = GREATEST(step, $2), due_at = COALESCE(due_at, $3)
		WHERE id = $1 AND state NOT IN ('stopped', 'finished')`, mail.EnrolmentID, mail.StepIndex, now); err != nil {
		return 0, err
	}
	if err := letGoOn(ctx, tx, ids, now); err != nil {
		return 0, err
	}
	return 1, dropDoubts(ctx, tx, ids)
}

// NewestSend is the moment of the last commit point; zero: there was none.
func (db *DB) NewestSend(ctx context.Context) (time.Time, error) {
	var at *time.Time
	if err := db.GetContext(ctx, &at, `SELECT max(committed_at) FROM sends`); err != nil || at == nil {
		return time.Time{}, err
	}
	return at.UTC(), nil
}

// UnsettledOf says which of these Message-IDs no row has, and which rows of steps
// that have one are not known to be sent.
func (db *DB) UnsettledOf(ctx context.Context, messageIDs []string) (unknown []string, unsettled []outreach.Forgotten, err error) {
	rows := []struct {
		MessageID   string               `db:"message_id"`
		State       outreach.SendState   `db:"state"`
		Purpose     outreach.Purpose     `db:"purpose"`
		DedupeKey   string               `db:"dedupe_key"`
		EnrolmentID outreach.EnrolmentID `db:"enrolment_id"`
		StepID      outreach.StepID      `db:"step_id"`
		StepIndex   int                  `db:"step_index"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT u.message_id, COALESCE(s.state, '') AS state, COALESCE(s.purpose, '') AS purpose, COALESCE(s.dedupe_key, '') AS dedupe_key,
			COALESCE(s.enrolment_id, 0) AS enrolment_id, COALESCE(s.step_id, '') AS step_id, COALESCE(s.step_index, 0) AS step_index
		FROM unnest($1::text[]) AS u (message_id) LEFT JOIN sends s ON s.message_id = u.message_id`, pq.Array(messageIDs)); err != nil {
		return nil, nil, fmt.Errorf("unsettled sends: %w", err)
	}
	for _, row := range rows {
		switch {
		case row.State == "":
			unknown = append(unknown, row.MessageID)
		case row.Purpose == outreach.PurposeStep && row.State != outreach.SendSent:
			unsettled = append(unsettled, outreach.Forgotten{
				RFCMessageID: row.MessageID, DedupeKey: row.DedupeKey, EnrolmentID: row.EnrolmentID, StepID: row.StepID, StepIndex: row.StepIndex,
			})
		}
	}
	return unknown, unsettled, nil
}

// StandingOf gives the enrolments of people in a mailbox that go on.
func (db *DB) StandingOf(ctx context.Context, mailbox outreach.MailboxID, emails []string) ([]outreach.Standing, error) {
	rows := []struct {
		EnrolmentID outreach.EnrolmentID `db:"id"`
		LeadID      outreach.LeadID      `db:"lead_id"`
		RevisionID  outreach.RevisionID  `db:"revision_id"`
		Step        int                  `db:"step"`
		Email       string               `db:"email"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT e.id, e.lead_id, e.revision_id, e.step, l.email FROM leads l JOIN enrolments e ON e.lead_id = l.id
		WHERE l.email_key = ANY($2) AND e.mailbox_id = $1 AND e.state NOT IN ('stopped', 'finished') ORDER BY e.id`,
		mailbox, pq.Array(emails)); err != nil {
		return nil, fmt.Errorf("standing: %w", err)
	}
	standing := make([]outreach.Standing, len(rows))
	for i, row := range rows {
		standing[i] = outreach.Standing(row)
	}
	return standing, nil
}

// HoldForRep holds an enrolment until a person has looked.
func (db *DB) HoldForRep(ctx context.Context, s outreach.Standing, note string, now time.Time) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		return holdEnrolments(ctx, tx, enrolmentMove{
			LeadID: s.LeadID, IDs: []outreach.EnrolmentID{s.EnrolmentID}, Reason: outreach.HoldRep, At: now,
			Actor: "drumbeat", Rule: "after_restore", Detail: note,
		})
	})
}
