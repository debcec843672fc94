package bench

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
)

// ScaleOptions say how many leads are enrolled in each round.
type ScaleOptions struct {
	Sizes    []int
	Mails    int // sent in each round
	Progress io.Writer
}

// ScaleReport is the object of `drumbeat bench scale --json`. The ratios compare the
// last size with the first.
type ScaleReport struct {
	Sizes     []ScaleSize `json:"sizes"`
	ScanRatio float64     `json:"scan_ratio"`
	RateRatio float64     `json:"rate_ratio"`
	RSSRatio  float64     `json:"worker_rss_ratio"`
}

// ScaleSize is what one size came to.
type ScaleSize struct {
	Leads      int     `json:"leads"`
	ScanP50    float64 `json:"scan_p50_ms"` // one look of the planner for due leads, when none is due
	ScanP95    float64 `json:"scan_p95_ms"`
	DueP50     float64 `json:"scan_100_due_p50_ms"` // when 100 are
	DueP95     float64 `json:"scan_100_due_p95_ms"`
	PerSecond  float64 `json:"pipeline_per_s"`
	WorkerMB   float64 `json:"worker_rss_mb"`
	LeadBytes  float64 `json:"postgres_bytes_per_lead"` // leads and enrolments, heap and indexes
	RedisBytes float64 `json:"redis_bytes_per_lead"`
}

// The bars of growth.
const (
	scaleBarScan   = 1.5
	scaleBarWithin = 0.15
	scaleBarBytes  = 600
)

// Good tells whether the bars are kept.
func (r ScaleReport) Good() bool {
	within := func(ratio float64) bool { return ratio >= 1-scaleBarWithin && ratio <= 1+scaleBarWithin }
	small := func(s ScaleSize) bool { return s.LeadBytes <= scaleBarBytes }
	last := len(r.Sizes) - 1
	return r.ScanRatio <= scaleBarScan && r.RateRatio >= 1-scaleBarWithin && within(r.RSSRatio) && small(r.Sizes[last])
}

// Scale measures whether more sleeping leads cost more.
func Scale(ctx context.Context, cfg config.Config, log *slog.Logger, o ScaleOptions) (report ScaleReport, err error) {
	err = onGround(ctx, cfg, log, func(g *ground) error {
		for _, leads := range o.Sizes {
			size, err := o.round(ctx, g, leads)
			if err != nil {
				return err
			}
			tell(o.Progress, "%d leads: look %.2f ms, %.0f mails/s, worker %.0f MB, %.0f bytes a lead",
				leads, size.ScanP50, size.PerSecond, size.WorkerMB, size.LeadBytes)
			report.Sizes = append(report.Sizes, size)
		}
		return nil
	})
	if err == nil {
		first, last := report.Sizes[0], report.Sizes[len(report.Sizes)-1]
		report.ScanRatio, report.RateRatio, report.RSSRatio = last.ScanP50/first.ScanP50, last.PerSecond/first.PerSecond, last.WorkerMB/first.WorkerMB
	}
	return report, err
}

func (o ScaleOptions) round(ctx context.Context, g *ground, leads int) (size ScaleSize, err error) {
	client := redis.NewClient(g.redisDirect())
	defer client.Close()
	before, err := redisBytes(ctx, client)
	if err != nil {
		return size, err
	}
	a, err := newAsleep(ctx, g, leads, 100, o.Progress)
	if err != nil {
		return size, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	after, err := redisBytes(ctx, client)
	if err != nil {
		return size, err
	}
	size = ScaleSize{Leads: leads, LeadBytes: float64(a.bytes) / float64(leads), RedisBytes: max(0, float64(after-before)) / float64(leads)}
	if size.ScanP50, size.ScanP95, err = a.looks(ctx); err != nil {
		return size, err
	}
	if err := a.db.WakeSome(ctx, 100, a.clock.Now()); err != nil {
		return size, err
	}
	if size.DueP50, size.DueP95, err = a.looks(ctx); err != nil {
		return size, err
	}
	size.PerSecond, size.WorkerMB, err = a.rush(ctx, o.Mails)
	return size, err
}

// looks lets the planner look for due leads 200 times, in milliseconds.
func (a *asleep) looks(ctx context.Context) (p50, p95 float64, err error) {
	var times []float64
	for range 200 {
		if err := a.db.ForgetBells(ctx); err != nil {
			return 0, 0, err
		}
		begun := clock.Machine{}.Now()
		if _, err := a.db.PlanBells(ctx, a.clock.Now()); err != nil {
			return 0, 0, err
		}
		times = append(times, clock.Machine{}.Since(begun).Seconds()*1000)
	}
	slices.Sort(times)
	return quantile(times, 0.5), quantile(times, 0.95), nil
}

// rush wakes some leads and measures how fast a worker writes to them.
func (a *asleep) rush(ctx context.Context, mails int) (perSecond, mb float64, err error) {
	if err := a.db.WakeSome(ctx, mails, a.clock.Now()); err != nil {
		return 0, 0, err
	}
	begun := clock.Real{}.Now()
	worker, err := a.worker()
	if err != nil {
		return 0, 0, err
	}
	defer worker.kill()
	for {
		stats, err := a.sink.ask("stats")
		if err != nil {
			return 0, 0, err
		}
		mb = max(mb, rssMB(worker.pid()))
		if stats.Accepts >= mails {
			break
		}
		if err := (clock.Machine{}).Sleep(ctx, 50*time.Millisecond); err != nil {
			return 0, 0, err
		}
	}
	stats, err := a.sink.ask("last")
	if err != nil {
		return 0, 0, err
	}
	return float64(stats.Accepts) / stats.Last.Sub(begun).Seconds(), mb, worker.stop()
}
