package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"drumbeat/internal/config"
	"drumbeat/internal/postgres"
)

// asleep is a database full of leads that sleep for a month, and the mail server
// that waits for them.
type asleep struct {
	ground *ground
	stage  stage
	clock  fastClock
	sink   *sink
	db     *postgres.DB
	url    string
	bytes  int64 // of leads and enrolments on disk
}

// newAsleep fills a database of its own by the use cases that the commands call.
func newAsleep(ctx context.Context, g *ground, leads, mailboxes int, progress io.Writer) (a *asleep, err error) {
	a = &asleep{ground: g, clock: newFastClock(1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
			a = nil
		}
	}()
	if a.sink, err = startSink(sinkSpec{}); err != nil {
		return a, err
	}
	name := fmt.Sprintf("%s_%d", g.name, leads)
	if a.url, err = postgres.CreateDatabase(ctx, g.admin, name); err != nil {
		return a, err
	}
	if a.db, err = postgres.Open(ctx, a.url, postgres.Options{MaxConns: 4, Name: "drumbeat-bench"}); err != nil {
		return a, err
	}
	if _, err = a.db.Migrate(ctx); err != nil {
		return a, err
	}
	a.stage = stage{dir: filepath.Join(g.dir, "asleep-"+name), mailboxes: mailboxes, leads: leads}
	if err = a.stage.write(a.sink.addr); err != nil {
		return a, err
	}
	tell(progress, "taking in and enrolling %d leads", leads)
	if err = a.stage.fill(ctx, a.db, a.clock.Now().AddDate(0, 1, 0)); err != nil {
		return a, err
	}
	if a.bytes, err = a.db.LeadBytes(ctx); err != nil {
		return a, err
	}
	return a, a.db.Settle(ctx)
}

// worker starts the real binary on the database.
func (a *asleep) worker() (*process, error) {
	return startWorker(a.ground.spec(a.stage, a.url, a.ground.name, a.clock), io.Discard)
}

func (a *asleep) close() error {
	if a.sink != nil {
		a.sink.close()
	}
	if a.db == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name := a.url[strings.LastIndex(a.url, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	return errors.Join(a.db.Close(), postgres.DropDatabase(ctx, a.ground.admin, name))
}

// onGround runs a bench on servers of its own.
func onGround(ctx context.Context, cfg config.Config, log *slog.Logger, do func(*ground) error) (err error) {
	g, err := newGround(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	return do(g)
}
