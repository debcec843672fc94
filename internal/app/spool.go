package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reconcile"
	"drumbeat/internal/spool"
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
}

// keep opens the spool of this database in the state directory.
func (b *Base) keep(ctx context.Context, process string) (*keepsake, error) {
	if b.StateDir == "" {
		return nil, nil
	}
	id, err := b.DB.InstallationID(ctx)
	if err != nil {
		return nil, err
	}
	k := &keepsake{base: b, dir: filepath.Join(b.StateDir, "spool", id)}
	if k.results, err = spool.OpenResults(k.dir, process); err != nil {
		return nil, &outreach.Problem{Code: "SPOOL_NOT_WRITABLE", Detail: "results cannot be noted in " + k.dir, Err: err,
			Fix: "Make the state directory writable, or set DRUMBEAT_STATE_DIR to one that is."}
	}
	k.replayer = &reconcile.Replayer{Notes: orphans(k.dir), Ledger: b.DB, Clock: b.Clock, Logger: b.Logger, Forgotten: k.forgotten}
	return k, nil
}

// openKept opens what an engine that sends keeps, and first of all takes in what
// the dead have left.
func (e *Engine) openKept(ctx context.Context) (err error) {
	if !e.options.Roles.Worker && !e.options.Roles.Planner {
		return nil
	}
	if e.kept, err = e.base.keep(ctx, e.process); err != nil || e.kept == nil {
		return err
	}
	e.sender.Spool = e.kept.results
	if err := e.kept.replayer.Replay(ctx); err != nil {
		return errors.Join(err, e.kept.close())
	}
	return nil
}

func (k *keepsake) forgotten(_ context.Context, sends int) error {
	return fmt.Errorf("%d sends that a server has accepted are not in the database: %w", sends, outreach.ErrInvalid)
}

// run replays and trims until ctx ends.
func (k *keepsake) run(ctx context.Context) {
	clock.Machine{}.Every(ctx, replayEvery, nil, func(ctx context.Context) {
		if err := k.replayer.Replay(ctx); err != nil && ctx.Err() == nil {
			k.base.Logger.Error("spool not replayed", "error", err)
		}
		if err := k.results.Trim(); err != nil {
			k.base.Logger.Error("spool not trimmed", "error", err)
		}
	})
}

func (k *keepsake) close() error {
	if k == nil {
		return nil
	}
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
