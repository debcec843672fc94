package outbound_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/clock"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

// belfry is a store with due mailboxes and a Redis that may be down.
type belfry struct {
	down  error
	bells []outreach.Bell // that are due; nil: dana's

	mu   sync.Mutex
	rung int
	self chan outreach.MailboxID
}

func (b *belfry) PlanBells(context.Context, time.Time) ([]outreach.Bell, error) {
	if b.bells != nil {
		return b.bells, nil
	}
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

// While Redis is down the bells of waiting mailboxes come again and again.
func TestThePlannerStandsInForNoMoreThanItCanAndForEachOnce(t *testing.T) {
	const mailboxes, atOnce = 40, 16
	b := &belfry{down: errors.New("connection refused")}
	for i := range mailboxes {
		b.bells = append(b.bells, outreach.Bell{MailboxID: outreach.MailboxID(fmt.Sprint("dana-", i)), Epoch: 1})
	}
	began, release := make(chan outreach.MailboxID, 10*mailboxes), make(chan struct{})
	p := &outbound.Planner{Clock: clock.NewStepped(tuesday), Plans: b, Ringer: b, Logger: slog.New(slog.DiscardHandler),
		SendDue: func(_ context.Context, id outreach.MailboxID) error {
			began <- id
			<-release
			return nil
		}}
	ctx, cancel := context.WithCancel(t.Context())
	tick := func() {
		t.Helper()
		if err := p.Tick(ctx); err != nil {
			t.Fatal(err)
		}
	}
	tick() // all bells have failed
	tick()
	seen := map[outreach.MailboxID]int{}
	for range atOnce {
		seen[<-began]++
	}
	for range 5 {
		tick()
	}
	if n := len(began); n > 0 {
		t.Errorf("%d mailboxes more than %d are sent from", n, atOnce)
	}
	close(release)
	for range mailboxes - atOnce {
		seen[<-began]++
	}
	if len(seen) != mailboxes || len(began) > 0 {
		t.Errorf("%d of %d mailboxes were sent from, %d of them again", len(seen), mailboxes, len(began))
	}
	cancel()
	p.Run(ctx, nil) // waits for what is under way
}
