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

// webhookLease is how long a try may take before its process is taken for dead,
// in machine time: a request ends after 10 s, its outcome is written at once.
const webhookLease = 45 * time.Second

// deliverable is a delivery that may be tried, but for its time: the installation
// is not held after a restore, its lead and its sequence go on, and no older one of its lead is open. What a reply or a person
// holds waits with its enrolment, and others do not wait for it.
const deliverable = `
	webhook_deliveries d
	JOIN enrolments e ON e.id = d.enrolment_id AND e.state = 'active'
	JOIN sequences q ON q.id = d.sequence_id AND NOT q.paused
	JOIN leads l ON l.id = d.lead_id AND l.stopped = ''
	WHERE d.state IN ('planned', 'claimed') AND NOT ` + sendingHeld + ` AND NOT EXISTS (
		SELECT 1 FROM webhook_deliveries o JOIN enrolments oe ON oe.id = o.enrolment_id JOIN sequences oq ON oq.id = o.sequence_id
		WHERE o.lead_id = d.lead_id AND o.id < d.id AND o.state IN ('planned', 'claimed')
			AND (o.state = 'claimed' OR (oe.state = 'active' AND NOT oq.paused)))`

// ClaimWebhooks takes deliveries that are due, the longest due first, and none of
// the steps that are busy. Two of one lead are never under way at a time.
func (db *DB) ClaimWebhooks(ctx context.Context, q outreach.WebhookQuery) ([]outreach.WebhookClaim, error) {
	if err := db.takeBackWebhooks(ctx); err != nil {
		return nil, err
	}
	sequences, steps := make([]outreach.SequenceID, len(q.Busy)), make([]outreach.StepID, len(q.Busy))
	for i, target := range q.Busy {
		sequences[i], steps[i] = target.SequenceID, target.StepID
	}
	var rows []webhookClaimRow
	if err := db.leases.SelectContext(ctx, &rows, `
		WITH next AS MATERIALIZED (
			SELECT d.id FROM `+deliverable+`
				AND (l.paused_until IS NULL OR l.paused_until <= $2) AND d.state = 'planned' AND d.due_at <= $2
				AND NOT (d.sequence_id, d.step_id) IN (SELECT * FROM unnest($5::text[], $6::text[]))
			ORDER BY d.due_at, d.id LIMIT $3
			FOR UPDATE OF d SKIP LOCKED
		), claimed AS (
			UPDATE webhook_deliveries d SET state = 'claimed', fence = d.fence + 1, process_id = $1, lease_until_ms = (SELECT machine_ms()) + $4
			FROM next WHERE d.id = next.id RETURNING d.*
		)
		SELECT d.id AS delivery_id, d.event_id, d.sequence_id, d.revision_id, d.step_id, d.step_index, d.body, d.attempts, d.fence,
			`+webhookEnrolment+`, `+leadColumns+`
		FROM claimed d JOIN enrolments e ON e.id = d.enrolment_id JOIN leads l ON l.id = d.lead_id ORDER BY d.id`,
		q.Process, q.Now, q.Limit, webhookLease.Milliseconds(), texts(sequences), texts(steps)); err != nil {
		return nil, fmt.Errorf("claim webhooks: %w", err)
	}
	claims := make([]outreach.WebhookClaim, len(rows))
	for i, row := range rows {
		claims[i] = row.claim()
	}
	return claims, nil
}

// takeBackWebhooks plans the deliveries again over which a process has died.
func (db *DB) takeBackWebhooks(ctx context.Context) error {
	if _, err := db.leases.ExecContext(ctx, `
		WITH dead AS (
			SELECT id FROM webhook_deliveries WHERE state = 'claimed' AND lease_until_ms < (SELECT machine_ms()) FOR UPDATE SKIP LOCKED
		)
		UPDATE webhook_deliveries d SET state = 'planned', fence = d.fence + 1, lease_until_ms = 0 FROM dead WHERE d.id = dead.id`); err != nil {
		return fmt.Errorf("take webhooks back: %w", err)
	}
	return nil
}

// webhookEnrolment are the columns of an enrolment that what comes next asks
// about, of a table named e.
const webhookEnrolment = `e.id AS enrolment_id, e.mailbox_id, e.timezone AS zone, e.state AS enrolment_state, e.step, e.due_at AS enrolment_due_at`

type webhookClaimRow struct {
	ID         outreach.WebhookID      `db:"delivery_id"`
	EventID    string                  `db:"event_id"`
	SequenceID outreach.SequenceID     `db:"sequence_id"`
	RevisionID outreach.RevisionID     `db:"revision_id"`
	StepID     outreach.StepID         `db:"step_id"`
	StepIndex  int                     `db:"step_index"`
	Body       string                  `db:"body"`
	Attempts   int                     `db:"attempts"`
	Fence      int64                   `db:"fence"`
	Enrolment  outreach.EnrolmentID    `db:"enrolment_id"`
	MailboxID  outreach.MailboxID      `db:"mailbox_id"`
	Zone       string                  `db:"zone"`
	State      outreach.EnrolmentState `db:"enrolment_state"`
	Step       int                     `db:"step"`
	DueAt      *time.Time              `db:"enrolment_due_at"`
	leadRow
}

func (r webhookClaimRow) claim() outreach.WebhookClaim {
	lead := r.lead()
	return outreach.WebhookClaim{
		ID: r.ID, Attempts: r.Attempts, Fence: r.Fence, Lead: lead,
		WebhookEvent: outreach.WebhookEvent{
			EventID: r.EventID, LeadID: lead.ID, EnrolmentID: r.Enrolment, SequenceID: r.SequenceID, RevisionID: r.RevisionID,
			StepID: r.StepID, StepIndex: r.StepIndex, Body: []byte(r.Body),
		},
		// The step's own place: what comes next is reckoned from there, in the revision that the event is of.
		Enrolment: outreach.Enrolment{
			ID: r.Enrolment, LeadID: lead.ID, SequenceID: r.SequenceID, RevisionID: r.RevisionID, MailboxID: r.MailboxID,
			Timezone: r.Zone, State: r.State, Step: r.StepIndex, DueAt: r.DueAt,
		},
	}
}

// SettleWebhook writes the outcome of an attempt and moves the enrolment. False:
// the delivery has moved on without it (called back, cancelled, taken over); then
// only the attempt is noted.
func (db *DB) SettleWebhook(ctx context.Context, s outreach.WebhookSettlement) (bool, error) {
	settled := false
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		settled = false
		w, err := lockWebhook(ctx, tx, `d.id = $1`, s.ID)
		if errors.Is(err, outreach.ErrNotFound) {
			return nil // the lead was erased
		}
		if err != nil {
			return err
		}
		if err := noteAttempt(ctx, tx, s); err != nil {
			return fmt.Errorf("note attempt: %w", err)
		}
		if w.State != outreach.WebhookClaimed || w.Fence != s.Fence {
			return nil
		}
		settled = true
		return w.settle(ctx, tx, s)
	})
	if err != nil {
		return false, fmt.Errorf("settle webhook %d: %w", s.ID, err)
	}
	return settled, nil
}

// webhookRow is a delivery whose lead is locked, and so is itself.
type webhookRow struct {
	ID          outreach.WebhookID    `db:"id"`
	LeadID      outreach.LeadID       `db:"lead_id"`
	EnrolmentID outreach.EnrolmentID  `db:"enrolment_id"`
	RevisionID  outreach.RevisionID   `db:"revision_id"`
	StepID      outreach.StepID       `db:"step_id"`
	StepIndex   int                   `db:"step_index"`
	State       outreach.WebhookState `db:"state"`
	Fence       int64                 `db:"fence"`
}

// lockWebhook locks a delivery and before it the lead, as everybody does who
// moves both an enrolment and its delivery.
func lockWebhook(ctx context.Context, tx *sqlx.Tx, where string, args ...any) (webhookRow, error) {
	var row webhookRow
	var lead outreach.LeadID
	err := tx.GetContext(ctx, &lead, `SELECT d.lead_id FROM webhook_deliveries d WHERE `+where, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return row, outreach.ErrNotFound
	}
	if err != nil {
		return row, err
	}
	if err := lockLeads(ctx, tx, []outreach.LeadID{lead}); err != nil {
		return row, fmt.Errorf("lock lead: %w", err)
	}
	err = tx.GetContext(ctx, &row, `
		SELECT d.id, d.lead_id, d.enrolment_id, d.revision_id, d.step_id, d.step_index, d.state, d.fence
		FROM webhook_deliveries d WHERE `+where+` FOR UPDATE`, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return row, outreach.ErrNotFound
	}
	return row, err
}

func noteAttempt(ctx context.Context, tx *sqlx.Tx, s outreach.WebhookSettlement) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO webhook_attempts (delivery_id, at, fence, process_id, status, error, took_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.ID, s.At, s.Fence, s.Process, s.Answer.Status, s.Answer.Error, s.Answer.Took.Milliseconds())
	return err
}

// settle writes the outcome of the attempt that is under way.
func (w webhookRow) settle(ctx context.Context, tx *sqlx.Tx, s outreach.WebhookSettlement) error {
	due := s.RetryAt
	if s.State == outreach.WebhookAccepted && s.Next != nil {
		due = s.Next.DueAt
	}
	if _, err := tx.ExecContext(ctx, `
		UPDATE webhook_deliveries SET state = $2, due_at = $3, attempts = attempts + 1, lease_until_ms = 0, last_status = $4, last_error = $5,
			settled_at = CASE WHEN $2 = 'planned' THEN settled_at ELSE $6::timestamptz END
		WHERE id = $1`, s.ID, s.State, due, s.Answer.Status, s.Answer.Error, s.At); err != nil {
		return err
	}
	switch s.State {
	case outreach.WebhookAccepted:
		if err := w.moveOn(ctx, tx, s.Next, outreach.ReasonCallback); err != nil {
			return fmt.Errorf("wait for the callback: %w", err)
		}
	case outreach.WebhookCompleted:
		if err := w.moveOn(ctx, tx, s.Next, ""); err != nil {
			return fmt.Errorf("go on: %w", err)
		}
	case outreach.WebhookFailed:
		return w.hold(ctx, tx, s)
	default:
		return nil // another attempt is nothing that was decided about the lead
	}
	return w.event(ctx, tx, string(s.State), Act{At: s.At, Actor: actor, Detail: s.Note})
}

// hold keeps the enrolment of a delivery that was given up until a person decides.
// One that is held or paused for another reason stays so, and is held for this one
// when it comes back to the step.
func (w webhookRow) hold(ctx context.Context, tx *sqlx.Tx, s outreach.WebhookSettlement) error {
	var ids []outreach.EnrolmentID
	if err := tx.SelectContext(ctx, &ids, `SELECT id FROM enrolments WHERE id = $1 AND state = 'active'`, w.EnrolmentID); err != nil {
		return err
	}
	return holdEnrolments(ctx, tx, enrolmentMove{
		LeadID: w.LeadID, IDs: ids, Reason: outreach.HoldWebhook, At: s.At, Actor: actor, Rule: "webhook_failed", Detail: s.Note,
	})
}

func (w webhookRow) event(ctx context.Context, tx *sqlx.Tx, reason string, act Act) error {
	return addEvent(ctx, tx, leadEvent{
		LeadID: w.LeadID, EnrolmentID: w.EnrolmentID, At: act.At, Kind: "webhook", Reason: reason, Actor: act.Actor, Detail: act.Detail,
	})
}

// moveOn takes the enrolment from the step of the delivery to where it goes on,
// if it still stands there. What is held or paused stays so and goes on from there.
func (w webhookRow) moveOn(ctx context.Context, tx *sqlx.Tx, next *outreach.Progress, reason outreach.Reason) error {
	if next == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE enrolments SET step = $4, due_at = $5, state = CASE WHEN state = 'active' THEN $6 ELSE state END, wait_reason = $7
		WHERE id = $1 AND revision_id = $2 AND step = $3 AND state NOT IN ('stopped', 'finished')`,
		w.EnrolmentID, w.RevisionID, w.StepIndex, next.Step, next.DueAt, next.State, reason)
	return err
}
