package bench

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
)

// IdleOptions say how many leads sleep, and how long they are watched.
type IdleOptions struct {
	Leads    int
	For      time.Duration
	Progress io.Writer
}

// IdleReport is the object of `drumbeat bench idle --json`: what a worker with
// nothing to do costs. CPU is in per cent of one core.
type IdleReport struct {
	Leads         int     `json:"leads"`
	Seconds       float64 `json:"seconds"`
	Worker        float64 `json:"worker_cpu_percent"`
	Postgres      float64 `json:"postgres_cpu_percent"`
	Redis         float64 `json:"redis_cpu_percent"`
	WorkerMB      float64 `json:"worker_rss_mb"`
	Commits       float64 `json:"commits_per_s"`
	RedisCommands float64 `json:"redis_commands_per_s"`
}

// The bars of an idle worker.
const (
	idleBarCPU = 1.0  // per cent of a core
	idleBarMB  = 40.0 // resident
)

// Good tells whether the bars are kept.
func (r IdleReport) Good() bool { return r.Worker <= idleBarCPU && r.WorkerMB <= idleBarMB }

// Idle watches a worker whose leads all sleep.
func Idle(ctx context.Context, cfg config.Config, log *slog.Logger, o IdleOptions) (report IdleReport, err error) {
	err = onGround(ctx, cfg, log, func(g *ground) error {
		a, err := newAsleep(ctx, g, o.Leads, 100, o.Progress)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.close()) }()
		worker, err := a.worker()
		if err != nil {
			return err
		}
		defer worker.kill()
		client := redis.NewClient(g.redisDirect())
		defer client.Close()
		// What starting cost does not count.
		if err := (clock.Machine{}).Sleep(ctx, 5*time.Second); err != nil {
			return err
		}
		tell(o.Progress, "watching for %s", o.For)
		before, err := a.idleUse(ctx, worker, client)
		if err != nil {
			return err
		}
		if err := (clock.Machine{}).Sleep(ctx, o.For); err != nil {
			return err
		}
		after, err := a.idleUse(ctx, worker, client)
		if err != nil {
			return err
		}
		report = after.since(before)
		report.Leads, report.WorkerMB = o.Leads, rssMB(worker.pid())
		return worker.stop()
	})
	return report, err
}

// idleUse is what all processes have used so far.
type idleUse struct {
	at                      time.Time
	worker, postgres, redis float64 // CPU seconds
	commits, commands       int
}

func (a *asleep) idleUse(ctx context.Context, worker *process, client *redis.Client) (u idleUse, err error) {
	u.at, u.worker = clock.Machine{}.Now(), treeCPU(worker.pid())
	if a.ground.server != nil {
		pid, err := a.ground.postmaster()
		if err != nil {
			return u, err
		}
		u.postgres = treeCPU(pid)
	}
	activity, err := a.db.Activity(ctx)
	if err != nil {
		return u, err
	}
	u.commits = activity.Commits
	u.redis, u.commands, err = redisUse(ctx, client)
	return u, err
}

func (u idleUse) since(before idleUse) IdleReport {
	seconds := u.at.Sub(before.at).Seconds()
	percent := func(after, before float64) float64 { return (after - before) / seconds * 100 }
	return IdleReport{
		Seconds: seconds, Worker: percent(u.worker, before.worker), Postgres: percent(u.postgres, before.postgres), Redis: percent(u.redis, before.redis),
		Commits: float64(u.commits-before.commits) / seconds, RedisCommands: float64(u.commands-before.commands) / seconds,
	}
}
