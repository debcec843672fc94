package app

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reconcile"
	"drumbeat/internal/spool"
	"drumbeat/internal/task"
)

// replayEvery is how often it is looked for the notes of dead processes, in
// machine time.
const replayEvery = 2 * time.Second

// keepsake is what an engine keeps in the state directory: notes of what was
// accepted, and what it does with those that others have left. A nil one, of an
// engine without a state directory, keeps nothing.
type keepsake struct {
	base     *Base
	dir      string
	results  *spool.Results
	replayer *reconcile.Replayer
	guard    *reconcile.Guard
}

// keep opens the spool of this database in the state directory.
func (b *Base) keep(ctx context.Context, process string, redis *redis.Client) (*keepsake, error) {
	if b.StateDir == "" {
		return nil, nil
	}
	id, err := b.DB.InstallationID(ctx)
	if err != nil {
		return nil, err
	}
	k := &keepsake{base: b, dir: spoolDir(b.StateDir, id)}
	if k.results, err = spool.OpenResults(k.dir, process); err != nil {
		return nil, &outreach.Problem{Code: "SPOOL_NOT_WRITABLE", Detail: "results cannot be noted in " + k.dir, Err: err,
			Fix: "Make the state directory writable, or set DRUMBEAT_STATE_DIR to one that is."}
	}
	k.guard = &reconcile.Guard{
		Process: process, Ledger: b.DB, Keepers: markKeepers(k.dir, redis, id), Clock: b.Clock, Logger: b.Logger,
	}
	k.replayer = &reconcile.Replayer{Notes: orphans(k.dir), Ledger: b.DB, Clock: b.Clock, Logger: b.Logger, Forgotten: k.guard.Forgotten}
	return k, nil
}

// spoolDir holds what is kept about one database; nobody else's is in it.
func spoolDir(state, installation string) string { return filepath.Join(state, "spool", installation) }

// markKeepers are where the mark is kept outside the database.
func markKeepers(dir string, client *redis.Client, installation string) []reconcile.MarkKeeper {
	keepers := []reconcile.MarkKeeper{spool.MarkFile{Dir: dir}}
	if client != nil {
		keepers = append(keepers, task.NewMarkKey(client, installation))
	}
	return keepers
}

// openKept opens what an engine that sends keeps, and first of all takes in what
// the dead have left.
func (e *Engine) openKept(ctx context.Context) (err error) {
	if !e.options.Roles.Worker && !e.options.Roles.Planner {
		return nil
	}
	if e.kept, err = e.base.keep(ctx, e.process, e.ringer.Client()); err != nil || e.kept == nil {
		return err
	}
	e.sender.Spool, e.sender.Forgets = e.kept.results, e.kept.guard.Forgets
	// Before anything is sent: a ledger that has forgotten mails sends none.
	for _, first := range []func(context.Context) error{e.kept.guard.Check, e.kept.replayer.Replay} {
		if err := first(ctx); err != nil {
			return errors.Join(err, e.kept.close(ctx))
		}
	}
	return nil
}

// run replays and trims until ctx ends.
func (k *keepsake) run(ctx context.Context) {
	clock.Machine{}.Every(ctx, replayEvery, nil, func(ctx context.Context) {
		if err := k.replayer.Replay(ctx); err != nil && ctx.Err() == nil {
			k.base.Logger.Error("spool not replayed", "error", err)
		}
		k.trim(ctx)
	})
}

// trim removes notes when a mark beyond them is kept, and not before.
func (k *keepsake) trim(ctx context.Context) {
	kept, err := k.guard.Keep(ctx)
	if err != nil && ctx.Err() == nil {
		k.base.Logger.Warn("mark not kept", "error", err)
	}
	if !kept {
		return
	}
	if err := k.results.Trim(); err != nil {
		k.base.Logger.Error("spool not trimmed", "error", err)
	}
}

// close keeps a last mark and ends the notes.
func (k *keepsake) close(ctx context.Context) error {
	if k == nil {
		return nil
	}
	k.trim(ctx)
	return k.results.Close()
}

// orphans are the files of dead processes in a directory.
type orphans string

func (dir orphans) Orphans() ([]reconcile.Orphan, error) {
	found, err := spool.Orphans(string(dir))
	all := make([]reconcile.Orphan, len(found))
	for i, o := range found {
		all[i] = orphan{o}
	}
	return all, err
}

type orphan struct{ *spool.Orphan }

func (o orphan) Accepted() ([]outreach.Accepted, int) { return o.Notes, o.Bad }
