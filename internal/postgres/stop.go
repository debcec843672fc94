package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// This file stops, holds and pauses. The order of locks is the same everywhere:
// leads (by id), then sends, then enrolments, each in a statement of its own at
// READ COMMITTED: one statement for all would look for sends with a snapshot
// that is older than its wait for the lead, and miss a send claimed meanwhile.

// leadStop says that no mail goes to these leads any more, and why.
type leadStop struct {
	IDs       []outreach.LeadID
	Reason    outreach.StopReason
	At        time.Time
	Actor     string
	Rule      string
	Detail    string
	MessageID outreach.MessageID
}

// lockLeads takes the row locks that every stop and every claim takes first.
func lockLeads(ctx context.Context, tx *sqlx.Tx, ids []outreach.LeadID) error {
	// By id, so that two stops of one company cannot wait for each other.
	_, err := tx.ExecContext(ctx, `SELECT 1 FROM leads WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`, int64s(ids))
	return err
}

// stopLeads flags the leads, cancels their planned and claimed sends and stops
// their enrolments, which keep their lease: the sweeper finds a send that is
// committing through it.
func stopLeads(ctx context.Context, tx *sqlx.Tx, stop leadStop) error {
	if len(stop.IDs) == 0 {
		return nil
	}
	if err := lockLeads(ctx, tx, stop.IDs); err != nil {
		return fmt.Errorf("lock leads: %w", err)
	}
	// An opt-out is never replaced by a weaker reason.
	if _, err := tx.ExecContext(ctx, `
		UPDATE leads SET stopped = $2, updated_at = $3
		WHERE id = ANY($1) AND stopped NOT IN ('unsubscribed', 'complained', 'suppressed')`,
		int64s(stop.IDs), stop.Reason, stop.At); err != nil {
		return fmt.Errorf("flag leads: %w", err)
	}
	if err := moveSends(ctx, tx, sendMove{
		Where: "s.lead_id = ANY($1) AND s.state IN ('planned', 'claimed')", IDs: int64s(stop.IDs),
		To: outreach.SendCancelled, At: stop.At, Detail: string(stop.Reason),
	}); err != nil {
		return fmt.Errorf("cancel sends: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `
		UPDATE enrolments SET state = 'stopped', state_reason = $2, due_at = NULL, wait_reason = ''
		WHERE lead_id = ANY($1) AND state NOT IN ('stopped', 'finished')`, int64s(stop.IDs), stop.Reason); err != nil {
		return fmt.Errorf("stop enrolments: %w", err)
	}
	// A send that was committing above may have come back as deferred before the enrolment was ours. One that is
	// being settled right now waits for the enrolment and will see that it is stopped.
	if err := moveSends(ctx, tx, sendMove{
		Where: "s.lead_id = ANY($1) AND s.state = 'planned'", IDs: int64s(stop.IDs), SkipLocked: true,
		To: outreach.SendCancelled, At: stop.At, Detail: string(stop.Reason),
	}); err != nil {
		return fmt.Errorf("cancel deferred sends: %w", err)
	}
	if err := cancelWebhooks(ctx, tx, stop); err != nil {
		return fmt.Errorf("cancel webhooks: %w", err)
	}
	for _, id := range stop.IDs {
		if err := addEvent(ctx, tx, leadEvent{
			LeadID: id, MessageID: stop.MessageID, At: stop.At, Kind: "stopped",
			Reason: string(stop.Reason), Rule: stop.Rule, Actor: stop.Actor, Detail: stop.Detail,
		}); err != nil {
			return err
		}
	}
	return nil
}

// enrolmentMove holds, pauses or releases enrolments of one lead.
type enrolmentMove struct {
	LeadID    outreach.LeadID
	IDs       []outreach.EnrolmentID
	State     outreach.EnrolmentState
	Reason    outreach.HoldReason // for EnrolmentHeld
	Until     time.Time           // for EnrolmentPaused
	At        time.Time
	Actor     string
	Rule      string
	Detail    string
	MessageID outreach.MessageID
}

// moveEnrolments takes claimed sends back and puts open enrolments into the
// state. What is stopped or finished stays so. The sends go back to planned and
// are not cancelled, because the step must still go when the hold ends.
func moveEnrolments(ctx context.Context, tx *sqlx.Tx, move enrolmentMove) error {
	if len(move.IDs) == 0 {
		return nil
	}
	if err := lockLeads(ctx, tx, []outreach.LeadID{move.LeadID}); err != nil {
		return fmt.Errorf("lock lead: %w", err)
	}
	if move.State != outreach.EnrolmentActive {
		if err := moveSends(ctx, tx, sendMove{
			Where: ofEnrolments + " AND s.state = 'claimed'", IDs: int64s(move.IDs),
			To: outreach.SendPlanned, At: move.At, Detail: string(move.State),
		}); err != nil {
			return fmt.Errorf("take sends back: %w", err)
		}
	}
	var until *time.Time
	if move.State == outreach.EnrolmentPaused {
		until = &move.Until
	}
	// A released step is due again at once; the window is asked when it is claimed.
	result, err := tx.ExecContext(ctx, `
		UPDATE enrolments SET state = $2, state_reason = $3, paused_until = $4,
			due_at = CASE WHEN $2 = 'active' THEN GREATEST(due_at, $5) ELSE due_at END
		WHERE id = ANY($1) AND state NOT IN ('stopped', 'finished')`,
		int64s(move.IDs), move.State, move.Reason, until, move.At)
	if err != nil {
		return fmt.Errorf("move enrolments: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	for _, id := range move.IDs {
		if err := addEvent(ctx, tx, leadEvent{
			LeadID: move.LeadID, EnrolmentID: id, MessageID: move.MessageID, At: move.At, Kind: string(move.State),
			Reason: string(move.Reason), Rule: move.Rule, Actor: move.Actor, Detail: move.Detail,
		}); err != nil {
			return err
		}
	}
	return nil
}

// holdEnrolments holds enrolments of a lead until a person or a rule decides.
func holdEnrolments(ctx context.Context, tx *sqlx.Tx, move enrolmentMove) error {
	move.State = outreach.EnrolmentHeld
	return moveEnrolments(ctx, tx, move)
}

// pauseEnrolments pauses enrolments of a lead until move.Until.
func pauseEnrolments(ctx context.Context, tx *sqlx.Tx, move enrolmentMove) error {
	move.State = outreach.EnrolmentPaused
	return moveEnrolments(ctx, tx, move)
}

// releaseEnrolments lets held or paused enrolments of a lead go on.
func releaseEnrolments(ctx context.Context, tx *sqlx.Tx, move enrolmentMove) error {
	move.State, move.Reason = outreach.EnrolmentActive, ""
	return moveEnrolments(ctx, tx, move)
}
