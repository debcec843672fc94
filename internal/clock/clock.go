// Package clock holds Drumbeat's two times. Sales time (waits, windows, gaps,
// caps, return days, backoff) is a Clock: the real one, or a stepped one that a
// demo, a simulation or a test moves to the next event. Machine time (leases,
// heartbeats, timeouts, freshness) is Machine or the database's clock. No other
// package reads the time or makes timers; a test in internal/archtest holds that.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock is sales time.
type Clock interface {
	Now() time.Time
}

// Real is sales time that runs with the wall clock.
type Real struct{}

// Now is the wall clock's time in UTC.
func (Real) Now() time.Time { return time.Now().UTC() }

// Stepped is sales time that stands still until it is stepped. It never runs
// backwards. The zero value stands at the zero time; use NewStepped.
type Stepped struct {
	mu  sync.Mutex
	now time.Time
}

// NewStepped returns a clock that stands at start.
func NewStepped(start time.Time) *Stepped { return &Stepped{now: start.UTC()} }

// Now is the time the clock was last stepped to, in UTC.
func (s *Stepped) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// StepTo moves the clock to t; a t in the past leaves it where it is.
func (s *Stepped) StepTo(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.After(s.now) {
		s.now = t.UTC()
	}
}

// Machine is time as the machine counts it. Use it for how long something
// takes and for how long to wait, never for what a lead or a rep may see.
type Machine struct{}

// Now is the machine's time with a monotonic reading.
func (Machine) Now() time.Time { return time.Now() }

// Since is the machine time that has passed since t.
func (Machine) Since(t time.Time) time.Duration { return time.Since(t) }

// Sleep waits for d or until ctx ends, and then returns its error.
func (Machine) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Every calls do at once and then every d, and early whenever wake receives
// (nil: never), until ctx ends. A call that takes long delays the next: calls
// never overlap.
func (m Machine) Every(ctx context.Context, d time.Duration, wake <-chan struct{}, do func(context.Context)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-wake:
		}
		do(ctx)
		timer.Reset(d)
	}
}
