package outbound

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// RollbackStore reads earlier revisions and makes one current.
type RollbackStore interface {
	RevisionStore
	CurrentRevision(ctx context.Context, id outreach.SequenceID) (outreach.Revision, error)
	RevisionNumbered(ctx context.Context, id outreach.SequenceID, number int) (outreach.Revision, error)
}

// RolledBack is what became of a rollback.
type RolledBack struct {
	From   int // the revision that was current
	To     int // the one whose content is current again
	Number int // under which it is: numbers only go up
	Made   bool
}

// Rollback makes the content of an earlier revision current again, as a new
// revision: new leads begin under it, and whoever is under way finishes on theirs.
// to 0 is the one before the current.
func Rollback(ctx context.Context, store RollbackStore, id outreach.SequenceID, to int, now time.Time) (RolledBack, error) {
	current, err := store.CurrentRevision(ctx, id)
	if err != nil {
		return RolledBack{}, err
	}
	if to == 0 {
		to = current.Number - 1
	}
	if to < 1 || to >= current.Number {
		return RolledBack{}, &outreach.Problem{
			Code: "NO_EARLIER_REVISION", Err: outreach.ErrNotFound,
			Detail: fmt.Sprintf("revision %d of %s is current; an earlier one", current.Number, id),
			Fix:    "--to names a revision before the current one, from 1 on",
		}
	}
	earlier, err := store.RevisionNumbered(ctx, id, to)
	if err != nil {
		return RolledBack{}, err
	}
	ready, err := parseRevision(earlier)
	if err != nil {
		return RolledBack{}, fmt.Errorf("revision %d of %s cannot be sent from any more: %w", to, id, err)
	}
	saved, made, err := saveCandidate(ctx, store, ready.Sequence, outreach.Revision{
		SequenceID: id, Source: earlier.Source, Templates: earlier.Templates,
	}, now)
	return RolledBack{From: current.Number, To: to, Number: saved.Number, Made: made}, err
}
