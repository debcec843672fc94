package inbound_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"drumbeat/internal/inbound"
	"drumbeat/internal/outreach"
)

// passes tells a test of each pass.
type passes struct{ done chan error }

func (passes) MessageTaken(outreach.MailboxID, outreach.MatchMethod) {}
func (p passes) PassDone(_ outreach.MailboxID, _ time.Duration, err error) {
	p.done <- err
}

func TestAReaderConnectsAnewAndReadsWhenTheServerCalls(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	r, watch := w.reader(), passes{make(chan error, 10)}
	news, broken := make(chan struct{}), errors.New("connection reset")
	w.mail.waiting = func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case _, open := <-news:
			if !open {
				return broken
			}
			return nil
		}
	}
	dials := 0
	r.Dial = func(context.Context) (inbound.Session, error) {
		if dials++; dials == 1 {
			return nil, broken
		}
		return w.mail, nil
	}
	r.Watch, r.Backoff = watch, time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() { r.Run(ctx) })
	defer run.Wait()
	defer cancel()

	want := func(want error) {
		t.Helper()
		if err := <-watch.done; !errors.Is(err, want) {
			t.Fatalf("pass: %v, want %v", err, want)
		}
	}
	want(broken) // the first dial
	want(nil)
	w.mail.add(reply("ana@acme.example", ana.introID, "hello"))
	news <- struct{}{}
	want(nil)
	if got := w.state(ana); got != "held/reply bump planned" {
		t.Errorf("after the server called: %q", got)
	}
	close(news) // the connection breaks
	want(nil)   // and is made anew
	cancel()
	run.Wait()
	if dials < 3 {
		t.Errorf("%d dials", dials)
	}
}
