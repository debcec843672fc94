package outbound

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

const (
	planEvery       = time.Second // machine time
	ringAtOnce      = 32
	patience        = 2  // failed bells in a row before the planner sends itself
	selfSendAtOnce  = 16 // mailboxes sent from at a time while Redis is down
	beatEvery       = 2 * time.Second
	sweepEvery      = time.Second
	closeIdleEvery  = 10 * time.Second
	fallbackTimeout = 30 * time.Minute
)

// Plans finds mailboxes with due work.
type Plans interface {
	PlanBells(ctx context.Context, now time.Time) ([]outreach.Bell, error)
}

// Ringer rings bells.
type Ringer interface {
	RingMailbox(ctx context.Context, bell outreach.Bell) error
	Ping(ctx context.Context) error
}

// Planner rings for every mailbox with due work, every second and when woken.
// While the bells cannot be rung it calls the use case itself.
type Planner struct {
	Clock   clock.Clock
	Machine clock.Machine
	Plans   Plans
	Ringer  Ringer
	SendDue func(ctx context.Context, id outreach.MailboxID) error
	Logger  *slog.Logger

	failures atomic.Int32
	self     sync.WaitGroup // mailboxes that the planner sends from itself
	mu       sync.Mutex
	standsIn map[outreach.MailboxID]bool // those mailboxes
	slots    chan struct{}               // one for each that is sent from now
}

// Run plans until ctx ends, and then waits for what it sends itself.
func (p *Planner) Run(ctx context.Context, wake <-chan struct{}) {
	p.Machine.Every(ctx, planEvery, wake, func(ctx context.Context) {
		if err := p.Tick(ctx); err != nil && ctx.Err() == nil {
			p.Logger.Error("planning failed", "error", err)
		}
	})
	p.self.Wait()
}

// Tick plans once.
func (p *Planner) Tick(ctx context.Context) error {
	bells, err := p.Plans.PlanBells(ctx, p.Clock.Now())
	if err != nil || len(bells) == 0 {
		return err
	}
	if p.failures.Load() >= patience && p.Ringer.Ping(ctx) != nil {
		p.sendSelf(ctx, bells)
		return nil
	}
	p.ring(ctx, bells)
	return nil
}

// ring rings all bells at a time, each under its own short limit.
func (p *Planner) ring(ctx context.Context, bells []outreach.Bell) {
	var group errgroup.Group
	group.SetLimit(ringAtOnce)
	for _, bell := range bells {
		group.Go(func() error {
			if err := p.Ringer.RingMailbox(ctx, bell); err != nil {
				p.failures.Add(1)
				p.Logger.Warn("bell not rung", "mailbox", bell.MailboxID, "error", err)
				return nil
			}
			p.failures.Store(0)
			return nil
		})
	}
	_ = group.Wait() // the functions return no error
}

// sendSelf stands in for the workers. A mailbox is leased before anything is
// sent, so a bell that still arrives finds the lease taken. What waits for a slot
// is not asked for again: a long outage gathers no crowd.
func (p *Planner) sendSelf(ctx context.Context, bells []outreach.Bell) {
	p.Logger.Warn("redis is down: sending without it", "mailboxes", len(bells))
	for _, bell := range bells {
		if !p.begins(bell.MailboxID) {
			continue
		}
		p.self.Go(func() {
			defer p.ends(bell.MailboxID)
			select {
			case p.slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			defer func() { <-p.slots }()
			ctx, cancel := context.WithTimeout(ctx, fallbackTimeout)
			defer cancel()
			if err := p.SendDue(ctx, bell.MailboxID); err != nil && ctx.Err() == nil {
				p.Logger.Error("sending failed", "mailbox", bell.MailboxID, "error", err)
			}
		})
	}
}

// begins notes that the planner sends from a mailbox itself; false: it does already.
func (p *Planner) begins(id outreach.MailboxID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.slots == nil {
		p.slots, p.standsIn = make(chan struct{}, selfSendAtOnce), make(map[outreach.MailboxID]bool)
	}
	if p.standsIn[id] {
		return false
	}
	p.standsIn[id] = true
	return true
}

func (p *Planner) ends(id outreach.MailboxID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.standsIn, id)
}
