package outbound

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// Answers is the part of the outbox that moves on without an attempt.
type Answers interface {
	WebhookByEvent(ctx context.Context, event string) (outreach.WebhookClaim, error)
	Webhook(ctx context.Context, id outreach.WebhookID) (outreach.WebhookClaim, error)
	// CompleteWebhook ends the wait for an event that was called back; false: nothing
	// waits for it any more.
	CompleteWebhook(ctx context.Context, event string, next outreach.Progress, at time.Time, note string) (bool, error)
	// SkipWebhook goes on without one; false: there is nothing to skip.
	SkipWebhook(ctx context.Context, id outreach.WebhookID, next outreach.Progress, at time.Time, who string) (bool, error)
}

// Callbacks moves enrolments on that wait for another service: because it called
// back, or because a person goes on without it.
type Callbacks struct {
	Clock   clock.Clock
	Decider *Decider
	// Verify gives the event of a token; false: it is not ours.
	Verify  func(token string) (event string, ok bool)
	Answers Answers
	Logger  *slog.Logger
}

// CallBack completes the step that waits for an event. It may be called any
// number of times: the first one counts. outreach.ErrNotFound: the token is not
// ours, or its lead was erased. The note is the receiver's own, in a few words.
func (c *Callbacks) CallBack(ctx context.Context, token, note string) (completed bool, err error) {
	event, ours := c.Verify(token)
	if !ours {
		return false, outreach.ErrNotFound
	}
	claim, err := c.Answers.WebhookByEvent(ctx, event)
	if err != nil {
		return false, err
	}
	now := c.Clock.Now()
	next, err := c.Decider.after(ctx, claim, now)
	if err != nil {
		return false, fmt.Errorf("webhook %d: %w", claim.ID, err)
	}
	if completed, err = c.Answers.CompleteWebhook(ctx, event, next, now, note); err != nil {
		return false, err
	}
	c.Logger.InfoContext(ctx, "called back", "webhook_id", claim.ID, "lead_id", claim.LeadID, "step", claim.StepID, "completed", completed)
	return completed, nil
}

// Skip goes on behind a delivery that was given up, or that takes too long.
// outreach.ErrInvalid: it is done already.
func (c *Callbacks) Skip(ctx context.Context, id outreach.WebhookID, who string) error {
	claim, err := c.Answers.Webhook(ctx, id)
	if err != nil {
		return err
	}
	now := c.Clock.Now()
	next, err := c.Decider.after(ctx, claim, now)
	if err != nil {
		return fmt.Errorf("webhook %d: %w", id, err)
	}
	skipped, err := c.Answers.SkipWebhook(ctx, id, next, now, who)
	if err == nil && !skipped {
		err = fmt.Errorf("%w: webhook %d waits for nobody", outreach.ErrInvalid, id)
	}
	return err
}

// after is where the enrolment of a delivery goes on when its step is done now.
func (d *Decider) after(ctx context.Context, claim outreach.WebhookClaim, now time.Time) (outreach.Progress, error) {
	s, _, err := d.hookOf(ctx, claim)
	if err != nil {
		return outreach.Progress{}, err
	}
	return progress(s, stepOf(claim), now), nil
}
