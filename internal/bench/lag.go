package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/mailworld"
)

// LagOptions say how many mails become due, and how far apart.
type LagOptions struct {
	Mails     int
	Every     time.Duration
	Mailboxes int
	Progress  io.Writer
}

// LagReport is the object of `drumbeat bench lag --json`: from due to accepted, on
// a system with nothing else to do. Acceptance comes after DATA, so the lag to
// DATA is a little less.
type LagReport struct {
	Mails     int     `json:"mails"`
	Mailboxes int     `json:"mailboxes"`
	P50       float64 `json:"p50_s"`
	P99       float64 `json:"p99_s"`
	Max       float64 `json:"max_s"`
}

// The bars of a lag, in seconds.
const (
	lagBarP50 = 1.0
	lagBarP99 = 2.5
)

// Good tells whether the bars are kept.
func (r LagReport) Good() bool { return r.P50 <= lagBarP50 && r.P99 <= lagBarP99 }

// Lag lets mails become due one by one and measures when they leave.
func Lag(ctx context.Context, cfg config.Config, log *slog.Logger, o LagOptions) (report LagReport, err error) {
	g, err := newGround(ctx, cfg, log)
	if err != nil {
		return LagReport{}, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	c := newFastClock(1)
	world, err := mailworld.New(mailworld.Options{Clock: c, DiscardRaw: true})
	if err != nil {
		return LagReport{}, err
	}
	defer world.Close()
	s := stage{dir: filepath.Join(g.dir, "team"), mailboxes: o.Mailboxes, leads: o.Mails}
	if err := s.write(world.SMTPAddr()); err != nil {
		return LagReport{}, err
	}
	// Asleep until the worker is up.
	if err := s.fill(ctx, g.db, c.Now().Add(24*time.Hour)); err != nil {
		return LagReport{}, err
	}
	worker, err := startWorker(g.spec(s, g.direct(), g.name, c), io.Discard)
	if err != nil {
		return LagReport{}, err
	}
	defer worker.kill()
	first := c.Now().Add(3 * time.Second)
	if err := g.db.SpreadDue(ctx, first, o.Every); err != nil {
		return LagReport{}, err
	}
	for world.AcceptCount() < o.Mails {
		tell(o.Progress, "%d of %d mails", world.AcceptCount(), o.Mails)
		if err := (clock.Machine{}).Sleep(ctx, time.Second); err != nil {
			return LagReport{}, err
		}
	}
	due := map[string]time.Time{}
	for i := range o.Mails {
		due[leadAddress(i)] = first.Add(time.Duration(i) * o.Every)
	}
	var lags []float64
	for _, a := range world.Accepted() {
		lags = append(lags, a.At.Sub(due[a.To]).Seconds())
	}
	slices.Sort(lags)
	return LagReport{Mails: o.Mails, Mailboxes: o.Mailboxes, P50: quantile(lags, 0.5), P99: quantile(lags, 0.99), Max: lags[len(lags)-1]}, worker.stop()
}

// tell shows progress to whom it may concern.
func tell(out io.Writer, format string, args ...any) {
	if out != nil {
		fmt.Fprintf(out, format+"\n", args...)
	}
}
