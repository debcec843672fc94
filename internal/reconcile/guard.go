package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// Watermarks are the ledger's own.
type Watermarks interface {
	// Watermark tells how far the ledger has come. What it tells is on disk there: no
	// crash of the database takes it back.
	Watermark(ctx context.Context, process string) (outreach.Mark, error)
	// HoldAll stops all sending of the installation; false: a hold stands already.
	HoldAll(ctx context.Context, hold outreach.Hold) (bool, error)
	Hold(ctx context.Context) (outreach.Hold, error)
}

// MarkKeeper keeps a mark outside the database.
type MarkKeeper interface {
	Kept(ctx context.Context) (outreach.Mark, bool, error)
	Keep(ctx context.Context, mark outreach.Mark) error
}

// Guard holds all sending when the ledger has forgotten mails: it was restored
// from a backup, and would send them again.
type Guard struct {
	Process string
	Ledger  Watermarks
	Keepers []MarkKeeper
	Clock   clock.Clock
	Logger  *slog.Logger

	mu   sync.Mutex
	seen outreach.Mark // the highest that this process knows
}

// Check compares the ledger with everything that is known outside of it. A keeper
// that cannot be read is passed over: sending must go on without Redis. With no mark
// at all the installation is new.
func (g *Guard) Check(ctx context.Context) error {
	for _, keeper := range g.Keepers {
		mark, ok, err := keeper.Kept(ctx)
		if err != nil {
			g.Logger.Warn("mark not read", "error", err)
			continue
		}
		if ok {
			g.raise(mark)
		}
	}
	if _, err := g.Keep(ctx); err != nil {
		g.Logger.Warn("mark not kept", "error", err)
	}
	hold, err := g.Ledger.Hold(ctx)
	if err == nil && hold.Held() {
		g.tell(hold)
	}
	return err
}

// Keep keeps the ledger's mark outside of it, or holds. True: every keeper has it.
func (g *Guard) Keep(ctx context.Context) (kept bool, err error) {
	mark, err := g.Ledger.Watermark(ctx, g.Process)
	if err != nil {
		return false, err
	}
	if g.Forgets(mark) {
		return false, g.hold(ctx, mark)
	}
	if !g.raise(mark) {
		return true, nil
	}
	var all []error
	for _, keeper := range g.Keepers {
		all = append(all, keeper.Keep(ctx, mark))
	}
	err = errors.Join(all...)
	return err == nil, err
}

// Forgets tells whether a ledger at mark has forgotten what this process has seen.
func (g *Guard) Forgets(mark outreach.Mark) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return mark.Behind(g.seen)
}

// Forgotten holds because the spool speaks of sends that the ledger does not know.
func (g *Guard) Forgotten(ctx context.Context, sends int) error {
	return g.holdAll(ctx, fmt.Sprintf("This machine has noted %d mails that the database does not know: it was restored from a backup.", sends))
}

func (g *Guard) hold(ctx context.Context, mark outreach.Mark) error {
	g.mu.Lock()
	seen := g.seen
	g.mu.Unlock()
	return g.holdAll(ctx, fmt.Sprintf("The database is at mail %d of epoch %d and had been at %d of %d: it was restored from a backup.",
		mark.Seq, mark.Epoch, seen.Seq, seen.Epoch))
}

func (g *Guard) holdAll(ctx context.Context, reason string) error {
	hold := outreach.Hold{Since: g.Clock.Now(), Reason: reason}
	held, err := g.Ledger.HoldAll(ctx, hold)
	if held {
		g.tell(hold)
	}
	return err
}

func (g *Guard) tell(hold outreach.Hold) {
	g.Logger.Error("nothing is sent: the database has forgotten mails", "reason", hold.Reason, "fix", "drumbeat sends resume-after-restore")
}

// raise tells whether the mark is higher than all before.
func (g *Guard) raise(mark outreach.Mark) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	higher := g.seen.Behind(mark)
	if higher {
		g.seen = mark
	}
	return higher
}
