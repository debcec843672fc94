package reconcile

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// Notes are the files of results that dead processes have left on this machine.
type Notes interface {
	// Orphans gives them, each locked until it is removed or released.
	Orphans() ([]Orphan, error)
}

// Orphan is one file.
type Orphan interface {
	Accepted() (notes []outreach.Accepted, torn int)
	Remove() error
	Release()
}

// Ledger takes notes in.
type Ledger interface {
	Replay(ctx context.Context, notes []outreach.Accepted, now time.Time) (outreach.Replayed, error)
}

// Replayer settles what dead processes of this machine had seen accepted.
type Replayer struct {
	Notes  Notes
	Ledger Ledger
	Clock  clock.Clock
	Logger *slog.Logger
	// Forgotten is told when notes speak of sends that the database does not know:
	// it was restored from a backup. Their file stays.
	Forgotten func(ctx context.Context, sends int) error
}

// Replay looks once.
func (r *Replayer) Replay(ctx context.Context) error {
	orphans, err := r.Notes.Orphans()
	if err != nil {
		return err
	}
	for i, orphan := range orphans {
		if err := r.one(ctx, orphan); err != nil {
			for _, left := range orphans[i:] {
				left.Release()
			}
			return err
		}
	}
	return nil
}

func (r *Replayer) one(ctx context.Context, orphan Orphan) error {
	notes, torn := orphan.Accepted()
	replayed, err := r.Ledger.Replay(ctx, notes, r.Clock.Now())
	if err != nil {
		return err
	}
	if replayed.Settled > 0 || torn > 0 {
		r.Logger.Warn("spool of a dead process replayed", "sent", replayed.Settled, "known", replayed.Known, "torn_lines", torn)
	}
	if replayed.Ahead > 0 {
		if err := r.Forgotten(ctx, replayed.Ahead); err != nil {
			return fmt.Errorf("forgotten sends: %w", err)
		}
		orphan.Release()
		return nil
	}
	return orphan.Remove()
}
