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

// cancelWebhooks lets nothing more be told about stopped leads. A request that is
// on the wire is not called back, but it is not repeated.
func cancelWebhooks(ctx context.Context, tx *sqlx.Tx, stop leadStop) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE webhook_deliveries SET state = CASE WHEN state = 'accepted' THEN 'completed' ELSE 'cancelled' END,
			fence = fence + 1, lease_until_ms = 0, due_at = NULL, settled_at = $2, last_error = CASE WHEN state = 'accepted' THEN last_error ELSE $3 END
		WHERE lead_id = ANY($1) AND state IN ('planned', 'claimed', 'accepted', 'failed')`,
		int64s(stop.IDs), stop.At, "the lead was stopped: "+string(stop.Reason))
	return err
}

// dropWebhooks ends what enrolments have at a step from which they are taken away.
// A request that is on the wire brings them nowhere any more.
func dropWebhooks(ctx context.Context, tx *sqlx.Tx, ids []outreach.EnrolmentID, move outreach.StepMove) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE webhook_deliveries SET state = CASE WHEN state = 'accepted' THEN 'completed' ELSE 'cancelled' END,
			fence = fence + 1, due_at = NULL, settled_at = $4, last_error = CASE WHEN state = 'accepted' THEN last_error ELSE 'its step is gone' END
		WHERE enrolment_id = ANY($1) AND revision_id = $2 AND step_index = $3 AND state IN ('planned', 'accepted', 'failed')`,
		int64s(ids), move.From, move.Step, move.At)
	return err
}

// WebhookByEvent gives the delivery of an event with what its next step asks
// about; outreach.ErrNotFound: there is none, or its lead was erased.
func (db *DB) WebhookByEvent(ctx context.Context, event string) (outreach.WebhookClaim, error) {
	return db.webhookClaim(ctx, `d.event_id = $1`, event)
}

// Webhook gives a delivery as WebhookByEvent does.
func (db *DB) Webhook(ctx context.Context, id outreach.WebhookID) (outreach.WebhookClaim, error) {
	return db.webhookClaim(ctx, `d.id = $1`, id)
}

func (db *DB) webhookClaim(ctx context.Context, where string, arg any) (outreach.WebhookClaim, error) {
	var row webhookClaimRow
	err := db.GetContext(ctx, &row, `
		SELECT d.id AS delivery_id, d.event_id, d.sequence_id, d.revision_id, d.step_id, d.step_index, d.body, d.attempts, d.fence,
			`+webhookEnrolment+`, `+leadColumns+`
		FROM webhook_deliveries d JOIN enrolments e ON e.id = d.enrolment_id JOIN leads l ON l.id = d.lead_id WHERE `+where, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.WebhookClaim{}, fmt.Errorf("webhook: %w", outreach.ErrNotFound)
	}
	if err != nil {
		return outreach.WebhookClaim{}, fmt.Errorf("webhook: %w", err)
	}
	return row.claim(), nil
}

// CompleteWebhook notes that the receiver has called back: whatever we know of its
// answer, it has the event. The enrolment goes on. False: there is nothing that
// waits for it, because it was called back before, went on, or was stopped.
func (db *DB) CompleteWebhook(ctx context.Context, event string, next outreach.Progress, at time.Time, note string) (bool, error) {
	return db.endWebhook(ctx, webhookEnd{
		where: `d.event_id = $1`, arg: event, to: outreach.WebhookCompleted, next: next, reason: "called_back",
		act:  Act{At: at, Actor: "webhook", Detail: note},
		from: []outreach.WebhookState{outreach.WebhookPlanned, outreach.WebhookClaimed, outreach.WebhookAccepted, outreach.WebhookFailed},
	})
}

// SkipWebhook goes on behind a delivery that was given up or waits. False: there
// is nothing to skip.
func (db *DB) SkipWebhook(ctx context.Context, id outreach.WebhookID, next outreach.Progress, at time.Time, who string) (bool, error) {
	return db.endWebhook(ctx, webhookEnd{
		where: `d.id = $1`, arg: id, to: outreach.WebhookSkipped, next: next, reason: "skipped",
		act:  Act{At: at, Actor: who, Detail: "The sequence goes on without the webhook."},
		from: []outreach.WebhookState{outreach.WebhookPlanned, outreach.WebhookAccepted, outreach.WebhookFailed},
	})
}

// webhookEnd ends a delivery without an answer of its own.
type webhookEnd struct {
	where  string
	arg    any
	from   []outreach.WebhookState
	to     outreach.WebhookState
	next   outreach.Progress
	act    Act
	reason string
}

func (db *DB) endWebhook(ctx context.Context, end webhookEnd) (bool, error) {
	ended := false
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		ended = false
		w, err := lockWebhook(ctx, tx, end.where, end.arg)
		if err != nil {
			return err
		}
		// The fence rises: an attempt that is under way is noted, and moves nothing.
		err = mustChange(tx.ExecContext(ctx, `
			UPDATE webhook_deliveries SET state = $2, fence = fence + 1, lease_until_ms = 0, due_at = NULL, settled_at = $3
			WHERE id = $1 AND state = ANY($4)`, w.ID, end.to, end.act.At, texts(end.from)))
		if errors.Is(err, outreach.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		ended = true
		if err := w.moveOn(ctx, tx, &end.next, ""); err != nil {
			return fmt.Errorf("go on: %w", err)
		}
		if err := w.release(ctx, tx, end.act); err != nil {
			return err
		}
		return w.event(ctx, tx, end.reason, end.act)
	})
	if err != nil {
		return false, fmt.Errorf("end webhook: %w", err)
	}
	return ended, nil
}

// RetryWebhook drives a delivery again that was given up: the same event, with all
// its attempts before it. False: it was not given up.
func (db *DB) RetryWebhook(ctx context.Context, id outreach.WebhookID, act Act) (bool, error) {
	driven := false
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		driven = false
		w, err := lockWebhook(ctx, tx, `d.id = $1`, id)
		if err != nil || w.State != outreach.WebhookFailed {
			return err
		}
		driven = true
		if _, err := tx.ExecContext(ctx, `
			UPDATE webhook_deliveries SET state = 'planned', attempts = 0, due_at = $2, fence = fence + 1, settled_at = NULL WHERE id = $1`,
			w.ID, act.At); err != nil {
			return err
		}
		if err := w.release(ctx, tx, act); err != nil {
			return err
		}
		// Released, it would be due at once; it waits at its step for the delivery.
		if _, err := tx.ExecContext(ctx, `
			UPDATE enrolments SET due_at = NULL, wait_reason = $4
			WHERE id = $1 AND revision_id = $2 AND step = $3 AND state = 'active'`,
			w.EnrolmentID, w.RevisionID, w.StepIndex, outreach.ReasonWebhook); err != nil {
			return err
		}
		return w.event(ctx, tx, "driven_again", act)
	})
	if err != nil {
		return false, fmt.Errorf("drive webhook %d again: %w", id, err)
	}
	return driven, nil
}

// release lets an enrolment go on that was held because of this delivery; one
// that is behind its last step is finished.
func (w webhookRow) release(ctx context.Context, tx *sqlx.Tx, act Act) error {
	var ids []outreach.EnrolmentID
	if err := tx.SelectContext(ctx, &ids, `SELECT id FROM enrolments WHERE id = $1 AND state = 'held' AND state_reason = $2`,
		w.EnrolmentID, outreach.HoldWebhook); err != nil {
		return err
	}
	return releaseEnrolments(ctx, tx, enrolmentMove{LeadID: w.LeadID, IDs: ids, At: act.At, Actor: act.Actor, Detail: act.Detail})
}
