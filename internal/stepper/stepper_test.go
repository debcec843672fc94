package stepper_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/clock"
	"drumbeat/internal/stepper"
)

var start = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

// agenda is a source with appointments; keeping one takes a few looks.
type agenda struct {
	at    []time.Time
	kept  []time.Time
	looks int
}

func (a *agenda) Arrive(context.Context, time.Time) error { return nil }

func (a *agenda) Pending(_ context.Context, now time.Time) (string, error) {
	if len(a.at) == 0 || a.at[0].After(now) {
		return "", nil
	}
	if a.looks++; a.looks%3 != 0 {
		return "an appointment", nil
	}
	a.kept, a.at = append(a.kept, now), a.at[1:]
	return "", nil
}

func (a *agenda) Next(context.Context, time.Time) (time.Time, bool, error) {
	if len(a.at) == 0 {
		return time.Time{}, false, nil
	}
	return a.at[0], true, nil
}

func TestEveryEventHappensAtItsTimeAndTheEndIsKept(t *testing.T) {
	want := []time.Time{start.Add(time.Hour), start.Add(2 * time.Hour), start.Add(72 * time.Hour)}
	a := &agenda{at: append([]time.Time{}, append(want, start.Add(1000*time.Hour))...)}
	b := &agenda{at: []time.Time{start.Add(90 * time.Minute)}}
	s := stepper.Stepper{Clock: clock.NewStepped(start), Sources: []stepper.Source{a, b}}
	steps, err := s.Run(t.Context(), start.Add(100*time.Hour))
	if err != nil || steps != 4 {
		t.Fatalf("%d steps, %v; want 4", steps, err)
	}
	if diff := cmp.Diff(want, a.kept); diff != "" {
		t.Error(diff)
	}
	if got := s.Clock.Now(); !got.Equal(start.Add(100 * time.Hour)) {
		t.Errorf("the clock stands at %v", got)
	}
}

// relay passes its work on to the one before it while it is asked itself.
type relay struct {
	agenda
	to   *relay
	work int
	done []time.Time
}

func (r *relay) Pending(_ context.Context, now time.Time) (string, error) {
	if r.to != nil && r.work > 0 {
		r.to.work, r.work = r.to.work+r.work, 0
		return "", nil // done here, and there before anybody looks
	}
	if r.work > 0 {
		r.work, r.done = 0, append(r.done, now)
		return "work that was passed back", nil
	}
	return "", nil
}

func TestWorkThatIsPassedBackIsDoneBeforeTheNextStep(t *testing.T) {
	first := &relay{}
	second := &relay{to: first, work: 1, agenda: agenda{at: []time.Time{start.Add(time.Hour)}}}
	s := stepper.Stepper{Clock: clock.NewStepped(start), Sources: []stepper.Source{first, second}}
	if _, err := s.Run(t.Context(), start.Add(30*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Time{start}, first.done); diff != "" {
		t.Error(diff)
	}
}

// busy never comes to rest.
type busy struct{ agenda }

func (busy) Pending(context.Context, time.Time) (string, error) { return "a mail in flight", nil }

func TestWhatNeverEndsIsNamed(t *testing.T) {
	s := stepper.Stepper{Clock: clock.NewStepped(start), Sources: []stepper.Source{&busy{}}, Patience: time.Nanosecond}
	if _, err := s.Run(t.Context(), start.Add(time.Hour)); !errors.Is(err, stepper.ErrStuck) {
		t.Errorf("Run = %v, want ErrStuck", err)
	}
}
