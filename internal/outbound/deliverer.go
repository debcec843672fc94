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
	webhooksAtOnce = 64          // requests at a time
	eachTarget     = 8           // of one step: a receiver that is silent must not hold up the others
)

// Deliveries is the outbox of webhooks.
type Deliveries interface {
	ClaimWebhooks(ctx context.Context, q outreach.WebhookQuery) ([]outreach.WebhookClaim, error)
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
	underWay map[outreach.WebhookTarget]int
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
	d.once.Do(func() { d.again, d.underWay = make(chan struct{}, 1), make(map[outreach.WebhookTarget]int) })
	return d.again
}

// Tick begins with everything that is due, as far as slots are free, and does not
// wait for it. No more is claimed than is begun at once: a stop finds what waits
// still planned.
func (d *Deliverer) Tick(ctx context.Context) error {
	d.wake()
	for {
		query := d.query()
		if query.Limit <= 0 {
			return nil
		}
		claims, err := d.Deliveries.ClaimWebhooks(ctx, query)
		if err != nil || len(claims) == 0 {
			return err
		}
		for _, claim := range claims {
			d.count(claim, 1)
			d.all.Go(func() {
				d.deliver(context.WithoutCancel(ctx), claim)
				d.count(claim, -1)
				select {
				case d.again <- struct{}{}:
				default:
				}
			})
		}
	}
}

// query asks for as many as may begin at once, whatever steps they are of.
func (d *Deliverer) query() outreach.WebhookQuery {
	d.mu.Lock()
	defer d.mu.Unlock()
	q := outreach.WebhookQuery{Process: d.Process, Now: d.Clock.Now()}
	free, room := webhooksAtOnce, eachTarget
	for target, n := range d.underWay {
		free -= n
		if n >= eachTarget {
			q.Busy = append(q.Busy, target)
		} else {
			room = min(room, eachTarget-n)
		}
	}
	q.Limit = min(free, room)
	return q
}

func (d *Deliverer) count(claim outreach.WebhookClaim, by int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	target := outreach.WebhookTarget{SequenceID: claim.SequenceID, StepID: claim.StepID}
	if d.underWay[target] += by; d.underWay[target] == 0 {
		delete(d.underWay, target)
	}
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
