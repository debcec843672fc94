package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// This file is the half of a webhook step that belongs to the claim: the row in
// the outbox, and where its enrolment waits meanwhile. Locks are taken in the order
// leads, sends, enrolments, deliveries.

// webhook writes the event of a due webhook step and parks its enrolment at the
// step: a delivery that is taken moves it on.
func (c *claimer) webhook(ctx context.Context, due outreach.DueStep, d outreach.ClaimDecision) error {
	added, err := c.addWebhook(ctx, d.Webhook)
	if err != nil {
		return fmt.Errorf("add event: %w", err)
	}
	if added {
		return c.park(ctx, due.Enrolment, nil, outreach.ReasonWebhook)
	}
	_, err = c.revisit(ctx, due, d)
	return err
}

// revisit decides about an enrolment that stands at a webhook step whose event was
// written before, by what became of the event. False: there is none.
func (c *claimer) revisit(ctx context.Context, due outreach.DueStep, d outreach.ClaimDecision) (bool, error) {
	row := struct {
		ID    outreach.WebhookID    `db:"id"`
		State outreach.WebhookState `db:"state"`
		DueAt *time.Time            `db:"due_at"`
	}{}
	err := c.tx.GetContext(ctx, &row, `SELECT id, state, due_at FROM webhook_deliveries WHERE enrolment_id = $1 AND step_id = $2 FOR UPDATE`,
		due.Enrolment.ID, d.StepID)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at event: %w", err)
	}
	switch row.State {
	case outreach.WebhookPlanned, outreach.WebhookClaimed:
		return true, c.park(ctx, due.Enrolment, nil, outreach.ReasonWebhook)
	case outreach.WebhookAccepted:
		if row.DueAt != nil && row.DueAt.After(c.req.Now) {
			return true, c.park(ctx, due.Enrolment, row.DueAt, outreach.ReasonCallback)
		}
		return true, c.withoutCallback(ctx, due.Enrolment, row.ID, d)
	case outreach.WebhookFailed, outreach.WebhookCancelled:
		return true, holdEnrolments(ctx, c.tx.Tx, enrolmentMove{
			LeadID: due.Lead.ID, IDs: []outreach.EnrolmentID{due.Enrolment.ID}, Reason: outreach.HoldWebhook, At: c.req.Now,
			Actor: actor, Rule: "webhook_" + string(row.State), Detail: "The webhook was not taken: drive it again, or go on without it.",
		})
	}
	return true, c.advance(ctx, due.Enrolment, d.Next)
}

// addWebhook writes the event; false: the step has one already.
func (c *claimer) addWebhook(ctx context.Context, w outreach.WebhookEvent) (bool, error) {
	err := mustChange(c.tx.ExecContext(ctx, `
		INSERT INTO webhook_deliveries (event_id, lead_id, enrolment_id, sequence_id, revision_id, step_id, step_index, body, due_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT (enrolment_id, step_id) DO NOTHING`,
		w.EventID, w.LeadID, w.EnrolmentID, w.SequenceID, w.RevisionID, w.StepID, w.StepIndex, string(w.Body), c.req.Now))
	if errors.Is(err, outreach.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, addEvent(ctx, c.tx.Tx, leadEvent{
		LeadID: w.LeadID, EnrolmentID: w.EnrolmentID, At: c.req.Now, Kind: "webhook", Reason: "planned", Actor: actor,
		Detail: fmt.Sprintf("Step %s is told as event %s.", w.StepID, w.EventID),
	})
}

// park lets an enrolment wait at its step, until a moment or until somebody moves
// it on.
func (c *claimer) park(ctx context.Context, e outreach.Enrolment, until *time.Time, reason outreach.Reason) error {
	_, err := c.tx.ExecContext(ctx, `UPDATE enrolments SET due_at = $2, wait_reason = $3 WHERE id = $1`, e.ID, until, reason)
	return err
}

// withoutCallback goes on behind a webhook that was taken and never called back.
func (c *claimer) withoutCallback(ctx context.Context, e outreach.Enrolment, id outreach.WebhookID, d outreach.ClaimDecision) error {
	if _, err := c.tx.ExecContext(ctx, `UPDATE webhook_deliveries SET state = 'skipped', settled_at = $2 WHERE id = $1`, id, c.req.Now); err != nil {
		return err
	}
	if err := addEvent(ctx, c.tx.Tx, leadEvent{
		LeadID: e.LeadID, EnrolmentID: e.ID, At: c.req.Now, Kind: "webhook", Reason: "no_callback", Actor: actor,
		Detail: fmt.Sprintf("Nobody called back about step %s in time; the sequence goes on.", d.StepID),
	}); err != nil {
		return err
	}
	return c.advance(ctx, e, d.Next)
}
