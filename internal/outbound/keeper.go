package outbound

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// Lives are the processes and what dead ones have left behind.
type Lives interface {
	Beat(ctx context.Context, process, host string, pid int) error
	Leave(ctx context.Context, process string) error
	Sweep(ctx context.Context, now time.Time) (outreach.Swept, error)
}

// Keeper tells the others that this process lives, and looks after the sends of
// those that do not.
type Keeper struct {
	Process string
	Host    string
	PID     int
	Clock   clock.Clock
	Machine clock.Machine
	Lives   Lives
	Sender  *Sender // its idle connections are closed; nil: none
	Logger  *slog.Logger
}

// Run beats and sweeps until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { k.Machine.Every(ctx, beatEvery, nil, k.beat) })
	all.Go(func() { k.Machine.Every(ctx, sweepEvery, nil, k.sweep) })
	if k.Sender != nil {
		all.Go(func() { k.Machine.Every(ctx, closeIdleEvery, nil, func(context.Context) { k.Sender.CloseIdle() }) })
	}
	all.Wait()
}

// Beat must have succeeded once before this process claims anything: a claim of
// a process that nobody knows is taken for one of a dead process.
func (k *Keeper) Beat(ctx context.Context) error {
	return k.Lives.Beat(ctx, k.Process, k.Host, k.PID)
}

// Leave is the last word of a process that holds nothing any more.
func (k *Keeper) Leave(ctx context.Context) error { return k.Lives.Leave(ctx, k.Process) }

func (k *Keeper) beat(ctx context.Context) {
	if err := k.Beat(ctx); err != nil && ctx.Err() == nil {
		k.Logger.Error("no beat", "process", k.Process, "error", err)
	}
}

func (k *Keeper) sweep(ctx context.Context) {
	swept, err := k.Lives.Sweep(ctx, k.Clock.Now())
	switch {
	case err != nil && ctx.Err() == nil:
		k.Logger.Error("sweep failed", "error", err)
	case swept != (outreach.Swept{}):
		k.Logger.Warn("swept up after a process", "given_back", swept.GivenBack, "unknown", swept.Unknown, "cancelled", swept.Cancelled)
	}
}
