package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/postgres"
)

// PipelineOptions say how much is sent, and how far away the mail server is.
type PipelineOptions struct {
	Mailboxes    int
	Mails        int
	RTT          time.Duration // before every group of the mail server's answers
	Pairs        int           // of runs, direct and pipeline in turn
	NoPipelining bool
	Progress     io.Writer
}

// PipelineReport is the object of `drumbeat bench pipeline --json`: medians over
// the pairs; ratios are of one pair each.
type PipelineReport struct {
	Mailboxes   int     `json:"mailboxes"`
	Mails       int     `json:"mails"`
	RTT         float64 `json:"rtt_ms"`
	Pipelining  bool    `json:"pipelining"`
	Pairs       int     `json:"pairs"`
	Direct      float64 `json:"direct_per_s"`
	Pipeline    float64 `json:"pipeline_per_s"`
	Ratio       float64 `json:"ratio"`
	RatioMin    float64 `json:"ratio_min"`
	RatioMax    float64 `json:"ratio_max"`
	CPURatio    float64 `json:"cpu_ratio"` // CPU of direct over CPU of the pipeline, all processes
	CPU         CPUCost `json:"cpu_s_per_10k"`
	DirectCPU   CPUCost `json:"direct_cpu_s_per_10k"`
	RoundTrips  float64 `json:"round_trips_per_mail"`
	Redis       float64 `json:"redis_commands_per_mail"`
	Commits     float64 `json:"commits_per_mail"`
	NotHOT      float64 `json:"sends_updates_not_hot"` // share of the ledger's updates that touched an index
	DirectTrips float64 `json:"direct_round_trips_per_mail"`
}

// CPUCost is CPU seconds for 10,000 mails, by process.
type CPUCost struct {
	Self     float64 `json:"self"`
	Postgres float64 `json:"postgres"`
	Redis    float64 `json:"redis"`
	Sink     float64 `json:"sink"`
	Total    float64 `json:"total"`
}

// use is what a run took.
type use struct {
	cpu      CPUCost
	flushes  int
	commands int
}

// run is one measured run.
type run struct {
	use
	perSecond float64
	commits   float64 // a mail
	notHOT    float64
}

// pipeline is the bench.
type pipeline struct {
	PipelineOptions
	ground *ground
	redis  *redis.Client
}

// Pipeline measures the engine against the plain loop, in turn.
func Pipeline(ctx context.Context, cfg config.Config, log *slog.Logger, o PipelineOptions) (report PipelineReport, err error) {
	p := &pipeline{PipelineOptions: o}
	if p.ground, err = newGround(ctx, cfg, log); err != nil {
		return PipelineReport{}, err
	}
	defer func() { err = errors.Join(err, p.ground.close()) }()
	p.redis = redis.NewClient(p.ground.redisDirect())
	defer p.redis.Close()
	var directs, engines []run
	for pair := range o.Pairs {
		d, e, err := p.pair(ctx, pair)
		if err != nil {
			return PipelineReport{}, fmt.Errorf("pair %d: %w", pair+1, err)
		}
		if o.Progress != nil {
			fmt.Fprintf(o.Progress, "pair %d: direct %.0f/s, pipeline %.0f/s, ratio %.2f, CPU %.2f and %.2f s per 10,000\n",
				pair+1, d.perSecond, e.perSecond, e.perSecond/d.perSecond, d.cpu.Total, e.cpu.Total)
		}
		directs, engines = append(directs, d), append(engines, e)
	}
	return p.report(directs, engines), nil
}

// pair is one run of each, against a mail server of their own.
func (p *pipeline) pair(ctx context.Context, number int) (d, e run, err error) {
	server, err := startSink(sinkSpec{RTT: p.RTT, NoPipelining: p.NoPipelining})
	if err != nil {
		return d, e, err
	}
	defer server.close()
	s := stage{dir: filepath.Join(p.ground.dir, fmt.Sprint("team-", number)), mailboxes: p.Mailboxes, leads: p.Mails}
	if err := s.write(server.addr); err != nil {
		return d, e, err
	}
	if d, err = p.direct(ctx, s, server); err != nil {
		return d, e, err
	}
	e, err = p.engine(ctx, s, server)
	return d, e, err
}

func (p *pipeline) direct(ctx context.Context, s stage, server *sink) (run, error) {
	loop, err := newDirect(s, server.addr)
	if err != nil {
		return run{}, err
	}
	return p.measure(ctx, server, func() error { return loop.run(ctx) })
}

// engine sends from a fresh database with everything due.
func (p *pipeline) engine(ctx context.Context, s stage, server *sink) (r run, err error) {
	name := p.ground.name + "_" + strings.ToLower(rand.Text()[:8])
	url, err := postgres.CreateDatabase(ctx, p.ground.admin, name)
	if err != nil {
		return r, err
	}
	defer func() {
		err = errors.Join(err, postgres.DropDatabase(context.WithoutCancel(ctx), p.ground.admin, name))
	}()
	db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 2})
	if err != nil {
		return r, err
	}
	defer db.Close()
	if _, err := db.Migrate(ctx); err != nil {
		return r, err
	}
	spec := p.ground.spec(s, url, name, newFastClock(1))
	if err := s.fill(ctx, db, spec.Clock.Now()); err != nil {
		return r, err
	}
	if err := db.Settle(ctx); err != nil {
		return r, err
	}
	before, err := db.Activity(ctx)
	if err != nil {
		return r, err
	}
	r, err = p.measure(ctx, server, func() error {
		engine, shut, err := spec.engine(ctx, p.ground.log)
		if err != nil {
			return err
		}
		if err := engine.Start(ctx); err != nil {
			return errors.Join(err, shut())
		}
		err = p.awaitAccepts(ctx, server, 2*p.Mails)
		return errors.Join(err, engine.Stop(context.WithoutCancel(ctx)), shut())
	})
	if err != nil {
		return r, err
	}
	after, err := db.Activity(ctx) // the engine's sessions have ended and told their figures
	r.commits = float64(after.Commits-before.Commits) / float64(p.Mails)
	if updates := after.SendUpdates - before.SendUpdates; updates > 0 {
		r.notHOT = 1 - float64(after.HotUpdates-before.HotUpdates)/float64(updates)
	}
	return r, err
}

// awaitAccepts waits until the mail server has accepted so many mails in all:
// those of direct came first.
func (p *pipeline) awaitAccepts(ctx context.Context, server *sink, mails int) error {
	for {
		stats, err := server.ask("stats")
		if err != nil || stats.Accepts >= mails {
			return err
		}
		if err := (clock.Machine{}).Sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// measure counts what do takes: the rate up to the last accepted mail, the rest
// up to the orderly end.
func (p *pipeline) measure(ctx context.Context, server *sink, do func() error) (r run, err error) {
	before, err := p.used(ctx, server)
	if err != nil {
		return r, err
	}
	begun := clock.Real{}.Now()
	if err := do(); err != nil {
		return r, err
	}
	last, err := server.ask("last")
	if err != nil {
		return r, err
	}
	after, err := p.used(ctx, server)
	if err != nil {
		return r, err
	}
	r.perSecond = float64(p.Mails) / last.Last.Sub(begun).Seconds()
	per10k := func(after, before float64) float64 { return (after - before) / float64(p.Mails) * 10_000 }
	r.cpu = CPUCost{
		Self: per10k(after.cpu.Self, before.cpu.Self), Postgres: per10k(after.cpu.Postgres, before.cpu.Postgres),
		Redis: per10k(after.cpu.Redis, before.cpu.Redis), Sink: per10k(after.cpu.Sink, before.cpu.Sink),
	}
	r.cpu.Total = r.cpu.Self + r.cpu.Postgres + r.cpu.Redis + r.cpu.Sink
	r.flushes, r.commands = after.flushes-before.flushes, after.commands-before.commands
	return r, nil
}

func (p *pipeline) used(ctx context.Context, server *sink) (u use, err error) {
	stats, err := server.ask("stats")
	if err != nil {
		return u, err
	}
	u.flushes, u.cpu.Sink, u.cpu.Self = stats.Flushes, stats.CPU, ownCPU()
	if u.cpu.Redis, u.commands, err = redisUse(ctx, p.redis); err != nil {
		return u, err
	}
	if p.ground.server != nil {
		pid, err := p.ground.postmaster()
		if err != nil {
			return u, err
		}
		u.cpu.Postgres = treeCPU(pid)
	}
	return u, nil
}

func (p *pipeline) report(directs, engines []run) PipelineReport {
	of := func(runs []run, figure func(run) float64) float64 {
		all := make([]float64, len(runs))
		for i, r := range runs {
			all[i] = figure(r)
		}
		slices.Sort(all)
		return median(all)
	}
	mails := float64(p.Mails)
	cost := func(runs []run) CPUCost {
		return CPUCost{
			Self: of(runs, func(r run) float64 { return r.cpu.Self }), Postgres: of(runs, func(r run) float64 { return r.cpu.Postgres }),
			Redis: of(runs, func(r run) float64 { return r.cpu.Redis }), Sink: of(runs, func(r run) float64 { return r.cpu.Sink }),
			Total: of(runs, func(r run) float64 { return r.cpu.Total }),
		}
	}
	var ratios, cpu []float64
	for i, d := range directs {
		ratios = append(ratios, engines[i].perSecond/d.perSecond)
		cpu = append(cpu, d.cpu.Total/engines[i].cpu.Total)
	}
	slices.Sort(ratios)
	slices.Sort(cpu)
	return PipelineReport{
		Mailboxes: p.Mailboxes, Mails: p.Mails, RTT: float64(p.RTT) / float64(time.Millisecond), Pipelining: !p.NoPipelining, Pairs: p.Pairs,
		Direct: of(directs, func(r run) float64 { return r.perSecond }), Pipeline: of(engines, func(r run) float64 { return r.perSecond }),
		Ratio: median(ratios), RatioMin: ratios[0], RatioMax: ratios[len(ratios)-1], CPURatio: median(cpu), CPU: cost(engines), DirectCPU: cost(directs),
		RoundTrips: of(engines, func(r run) float64 { return float64(r.flushes) / mails }), DirectTrips: of(directs, func(r run) float64 { return float64(r.flushes) / mails }),
		Redis: of(engines, func(r run) float64 { return float64(r.commands) / mails }), Commits: of(engines, func(r run) float64 { return r.commits }),
		NotHOT: of(engines, func(r run) float64 { return r.notHOT }),
	}
}

// median of sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
