// Package stepper drives sales time for a demo or a test: it lets everything
// that is due happen, waits until nothing is in flight, and steps the clock to
// the next event. Days pass in seconds, and no event is skipped.
package stepper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"drumbeat/internal/clock"
)

// lookEvery is how often it is asked whether all is quiet, in machine time.
const lookEvery = 2 * time.Millisecond

// quietRounds is how often in a row all sources must be at rest.
const quietRounds = 2

// Source is a part of the world that has events.
type Source interface {
	// Pending says what is under way or due at now and not done; empty: quiet.
	Pending(ctx context.Context, now time.Time) (string, error)
	// Next is the earliest event after now; false: none without a cause from outside.
	Next(ctx context.Context, now time.Time) (time.Time, bool, error)
	// Arrive lets what is due at now begin.
	Arrive(ctx context.Context, now time.Time) error
}

// ErrStuck says that something stayed in flight for longer than Patience.
var ErrStuck = errors.New("sales time is stuck")

// Stepper steps a clock over its sources.
type Stepper struct {
	Clock    *clock.Stepped
	Machine  clock.Machine
	Sources  []Source      // in the order in which work passes through them
	Patience time.Duration // machine time at one moment before ErrStuck; 0: a minute
	// Between is called at every moment when all is quiet, before the next step;
	// nil: nothing. A live demo reports and pauses there.
	Between func(ctx context.Context, now, next time.Time) error
}

// Run steps until the last event at or before end, and leaves the clock at end
// if the sources go on beyond it. It gives the number of steps.
func (s *Stepper) Run(ctx context.Context, end time.Time) (steps int, err error) {
	for {
		now := s.Clock.Now()
		if err := s.settle(ctx, now); err != nil {
			return steps, err
		}
		next, ok, err := s.next(ctx, now)
		if err != nil {
			return steps, err
		}
		if !ok || next.After(end) {
			s.Clock.StepTo(end)
			return steps, s.between(ctx, end, end)
		}
		if err := s.between(ctx, now, next); err != nil {
			return steps, err
		}
		s.Clock.StepTo(next)
		steps++
	}
}

func (s *Stepper) between(ctx context.Context, now, next time.Time) error {
	if s.Between == nil {
		return nil
	}
	return s.Between(ctx, now, next)
}

// settle lets everything due at now happen and waits until it has.
func (s *Stepper) settle(ctx context.Context, now time.Time) error {
	patience := s.Patience
	if patience == 0 {
		patience = time.Minute
	}
	since := s.Machine.Now()
	for quiet := 0; ; {
		pending, err := s.round(ctx, now)
		if err != nil {
			return err
		}
		if pending == "" {
			// While one source was asked, another may have passed its work on to one asked before.
			if quiet++; quiet == quietRounds {
				return nil
			}
			continue
		}
		quiet = 0
		if s.Machine.Since(since) > patience {
			return fmt.Errorf("%w at %s: %s", ErrStuck, now.Format(time.RFC3339), pending)
		}
		if err := s.Machine.Sleep(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// round lets all sources act and asks them again afterwards, because one's act
// is another's cause: a mail makes an answer, an answer holds a mail.
func (s *Stepper) round(ctx context.Context, now time.Time) (string, error) {
	for _, source := range s.Sources {
		if err := source.Arrive(ctx, now); err != nil {
			return "", err
		}
	}
	for _, source := range s.Sources {
		if pending, err := source.Pending(ctx, now); err != nil || pending != "" {
			return pending, err
		}
	}
	return "", nil
}

// next is the earliest event of all sources.
func (s *Stepper) next(ctx context.Context, now time.Time) (earliest time.Time, found bool, err error) {
	for _, source := range s.Sources {
		at, ok, err := source.Next(ctx, now)
		if err != nil {
			return time.Time{}, false, err
		}
		if !ok {
			continue
		}
		if !at.After(now) {
			at = now.Add(time.Second) // due but not to be done now: look again, never spin
		}
		if !found || at.Before(earliest) {
			earliest, found = at, true
		}
	}
	return earliest, found, nil
}
