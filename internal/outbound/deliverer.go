package outbound

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
)

const (
	deliverEvery   = time.Second // machine time
	webhooksAtOnce = 32          // requests at a time; those of one host are fewer
)

// Deliveries is the outbox of webhooks.
type Deliveries interface {
	ClaimWebhooks(ctx context.Context, process string, now time.Time, limit int) ([]outreach.WebhookClaim, error)
	SettleWebhook(ctx context.Context, s outreach.WebhookSettlement) (bool, error)
}

// Poster makes requests. What became of one is its answer, never an error.
type Poster interface {
	Post(ctx context.Context, r outreach.WebhookRequest) outreach.WebhookAnswer
}

// Deliverer tells other services what webhook steps have put into the outbox: at
// least once, with one event id, and of one lead in order. Every worker runs one;
// a row is tried by one of them at a time.
type Deliverer struct {
	Process     string
	Clock       clock.Clock
	Machine     clock.Machine
	Deliveries  Deliveries
	Poster      Poster
	Decider     *Decider
	Environment Environment
	Logger      *slog.Logger

	mu       sync.Mutex
	underWay int
	all      sync.WaitGroup
	again    chan struct{} // a slot is free: there may be more
	once     sync.Once
}

// Run delivers until ctx ends, and then waits for what is under way: a request
// that has gone wants its answer.
func (d *Deliverer) Run(ctx context.Context) {
	d.Machine.Every(ctx, deliverEvery, d.wake(), func(ctx context.Context) {
		if err := d.Tick(ctx); err != nil && ctx.Err() == nil {
			d.Logger.Error("webhooks not delivered", "error", err)
		}
	})
	d.all.Wait()
}

func (d *Deliverer) wake() chan struct{} {
	d.once.Do(func() { d.again = make(chan struct{}, 1) })
	return d.again
}

// Tick begins with everything that is due, as far as slots are free, and does not
// wait for it. No more is claimed than is begun at once: a stop finds what waits
// still planned.
func (d *Deliverer) Tick(ctx context.Context) error {
	wake := d.wake()
	d.mu.Lock()
	free := webhooksAtOnce - d.underWay
	d.mu.Unlock()
	if free <= 0 {
		return nil
	}
	claims, err := d.Deliveries.ClaimWebhooks(ctx, d.Process, d.Clock.Now(), free)
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.underWay += len(claims)
	d.mu.Unlock()
	for _, claim := range claims {
		d.all.Go(func() {
			d.deliver(context.WithoutCancel(ctx), claim)
			d.mu.Lock()
			d.underWay--
			d.mu.Unlock()
			select {
			case wake <- struct{}{}:
			default:
			}
		})
	}
	return nil
}

// deliver makes one attempt and records what became of it. When that cannot be
// recorded the lease runs out, and the event is told once more.
func (d *Deliverer) deliver(ctx context.Context, claim outreach.WebhookClaim) {
	settlement, err := d.attempt(ctx, claim)
	if err != nil {
		d.Logger.Error("webhook not tried", "webhook_id", claim.ID, "lead_id", claim.LeadID, "step", claim.StepID, "error", err)
		return
	}
	settlement.Process = d.Process
	settled, err := d.record(ctx, settlement)
	if err != nil {
		d.Logger.Error("webhook not recorded", "webhook_id", claim.ID, "lead_id", claim.LeadID, "step", claim.StepID, "error", err)
		return
	}
	d.Logger.Info("webhook tried", "webhook_id", claim.ID, "lead_id", claim.LeadID, "step", claim.StepID, "attempt", claim.Attempts+1,
		"status", settlement.Answer.Status, "reason", settlement.Answer.Error, "state", settlement.State, "counted", settled)
}

func (d *Deliverer) attempt(ctx context.Context, claim outreach.WebhookClaim) (outreach.WebhookSettlement, error) {
	s, hook, err := d.Decider.hookOf(ctx, claim)
	if err != nil {
		return outreach.WebhookSettlement{}, err
	}
	request, err := d.Environment.request(claim, hook, d.Clock.Now())
	answer := outreach.WebhookAnswer{}
	if err != nil {
		answer.Error = err.Error() // somebody may set it yet
	} else {
		answer = d.Poster.Post(ctx, request)
	}
	return webhookOutcome(claim, s, hook, answer, d.Clock.Now()), nil
}

// record writes an outcome down, and tries again while the database is away: no
// longer than the lease lasts, for then another process tries the delivery.
func (d *Deliverer) record(ctx context.Context, s outreach.WebhookSettlement) (settled bool, err error) {
	for pause := 100 * time.Millisecond; pause < 8*time.Second; pause *= 2 {
		if settled, err = d.Deliveries.SettleWebhook(ctx, s); err == nil {
			return settled, nil
		}
		if d.Machine.Sleep(ctx, pause) != nil {
			return false, err
		}
	}
	return false, err
}

// hookOf is the step of a delivery, in the revision that it is of.
func (d *Decider) hookOf(ctx context.Context, claim outreach.WebhookClaim) (*script, *sequence.Webhook, error) {
	s, err := d.Scripts.get(ctx, claim.RevisionID)
	if err != nil {
		return nil, nil, err
	}
	if claim.StepIndex >= len(s.Steps) || s.Steps[claim.StepIndex].Webhook == nil {
		return nil, nil, fmt.Errorf("%w: step %d of revision %d is no webhook", outreach.ErrInvalid, claim.StepIndex, claim.RevisionID)
	}
	return s, s.Steps[claim.StepIndex].Webhook, nil
}
