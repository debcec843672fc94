package outbound_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/clock"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

// belfry is a store with one due mailbox and a Redis that may be down.
type belfry struct {
	down error

	mu   sync.Mutex
	rung int
	self chan outreach.MailboxID
}

func (b *belfry) PlanBells(context.Context, time.Time) ([]outreach.Bell, error) {
	return []outreach.Bell{{MailboxID: "dana", Epoch: 1}}, nil
}

func (b *belfry) RingMailbox(context.Context, outreach.Bell) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down == nil {
		b.rung++
	}
	return b.down
}

func (b *belfry) Ping(context.Context) error { return b.down }

func (b *belfry) SendDue(_ context.Context, id outreach.MailboxID) error {
	b.self <- id
	return nil
}

func TestThePlannerSendsItselfWhileRedisIsDownAndRingsAgainAfterwards(t *testing.T) {
	b := &belfry{down: errors.New("connection refused"), self: make(chan outreach.MailboxID, 1)}
	p := &outbound.Planner{Clock: clock.NewStepped(tuesday), Plans: b, Ringer: b, SendDue: b.SendDue, Logger: slog.New(slog.DiscardHandler)}
	tick := func() {
		t.Helper()
		if err := p.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tick()
	tick() // two bells have failed: the next tick does without
	tick()
	if diff := cmp.Diff(outreach.MailboxID("dana"), <-b.self); diff != "" {
		t.Error(diff)
	}
	b.down = nil
	tick()
	if b.rung != 1 {
		t.Errorf("%d bells after Redis came back, want 1", b.rung)
	}
}
