package bench

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

// CrashOptions say what is done to the workers and the servers while they send.
type CrashOptions struct {
	Leads           int
	Kills           int // kill -9 of a worker that sends
	Terms           int // rolling restarts by SIGTERM
	Processes       int
	Mailboxes       int
	Stops           int           // leads that are stopped while mails to them are under way
	FlushRedis      int           // how often Redis is emptied
	StopRedis       time.Duration // how long Redis is gone; 0: never
	RestartPostgres int           // immediate restarts
	Faults          bool          // the mail server refuses, defers and drops
	Seed            uint64
	Limit           time.Duration // of the whole run, in machine time
	Progress        io.Writer
}

// crashSpeed is how many times faster than the machine sales time runs: a pause
// of 5 minutes after a 4xx takes 5 seconds.
const crashSpeed = 60

// CrashBarRecovery is how long a mailbox may rest after a kill, in seconds (99 of 100).
const CrashBarRecovery = 15.0

// CrashReport is the object of `drumbeat bench crash --json`.
type CrashReport struct {
	Leads       int `json:"leads"`
	Kills       int `json:"kills"`
	Processes   int `json:"processes"`
	Connections int `json:"connections"` // SMTP connections that may be open at a time: one a mailbox
	Audit
	Stops           int      `json:"stops"`
	RecoveryP50     float64  `json:"recovery_p50_s"`
	RecoveryP99     float64  `json:"recovery_p99_s"`
	Recoveries      int      `json:"recoveries"` // mailboxes that dead processes held, and outages of servers
	Terms           int      `json:"terms"`
	FlushRedis      int      `json:"flush_redis"`
	StopRedis       float64  `json:"stop_redis_s"`
	RestartPostgres int      `json:"restart_postgres"`
	UnknownList     []string `json:"unknown_message_ids,omitempty"`
	Seconds         float64  `json:"seconds"`
}

// Good tells whether the promises held.
func (r CrashReport) Good() bool {
	return r.Duplicates == 0 && r.Lost == 0 && r.Wrong == 0 && r.SentAfterStop == 0 && r.Unknown-r.UnknownByServer <= r.Kills*r.Connections
}

// crash is one run.
type crash struct {
	CrashOptions
	ground  *ground
	clock   fastClock
	sink    *mailworld.World
	sinkLog string
	logs    *os.File
	spec    workerSpec
	workers []*process
	stops   []stopMark
	blows   []blow
	over    bool // nothing is left to send
}

// Crash sends to all leads while it kills what it can, and says what became of
// them.
func Crash(ctx context.Context, cfg config.Config, log *slog.Logger, o CrashOptions) (report CrashReport, err error) {
	ctx, cancel := context.WithTimeout(ctx, o.Limit)
	defer cancel()
	c := &crash{CrashOptions: o}
	begun := clock.Machine{}.Now()
	if c.ground, err = newGround(ctx, cfg, log); err != nil {
		return CrashReport{}, err
	}
	defer func() { err = errors.Join(err, c.ground.close()) }()
	if err := c.checkServers(); err != nil {
		return CrashReport{}, err
	}
	if err := c.prepare(ctx); err != nil {
		return CrashReport{}, err
	}
	defer c.end()
	if err := c.run(ctx); err != nil {
		return CrashReport{}, c.withLog(err)
	}
	report, err = c.report(ctx)
	report.Seconds = clock.Machine{}.Since(begun).Seconds()
	return report, err
}

// checkServers refuses to do to a given server what may only be done to one of
// the bench's own.
func (c *crash) checkServers() error {
	if c.RestartPostgres > 0 && c.ground.server == nil {
		return needsOwn("--restart-postgres", "DATABASE_URL")
	}
	if (c.FlushRedis > 0 || c.StopRedis > 0) && c.ground.redis == nil {
		return needsOwn("--flush-redis and --stop-redis", "REDIS_URL")
	}
	return nil
}

func needsOwn(option, variable string) error {
	return &outreach.Problem{Code: "BENCH_NEEDS_OWN_SERVER", Detail: option + " is done to a server of the bench's own only",
		Fix: "unset " + variable, Err: outreach.ErrInvalid}
}

// prepare starts the mail server, fills the database and starts the workers.
func (c *crash) prepare(ctx context.Context) (err error) {
	c.clock = newFastClock(crashSpeed)
	c.sinkLog = filepath.Join(c.ground.dir, "accepted.jsonl")
	if c.sink, err = mailworld.New(mailworld.Options{Clock: c.clock, LogFile: c.sinkLog, DiscardRaw: true, Latency: c.pace()}); err != nil {
		return err
	}
	if c.Faults {
		c.scriptFaults()
	}
	s := stage{dir: filepath.Join(c.ground.dir, "team"), mailboxes: c.Mailboxes, leads: c.Leads}
	if err := s.write(c.sink.SMTPAddr()); err != nil {
		return err
	}
	if err := s.fill(ctx, c.ground.db, c.clock.Now()); err != nil {
		return err
	}
	if c.logs, err = os.Create(filepath.Join(c.ground.dir, "workers.log")); err != nil {
		return err
	}
	c.spec = workerSpec{
		Dir: s.dir, StateDir: c.ground.dir, Database: c.ground.url, Queue: c.ground.name, Secret: rand.Text(), Concurrency: c.share(), Clock: c.clock,
		RedisNet: c.ground.redisAt.Network, RedisAddr: c.ground.redisAt.Addr, RedisPass: c.ground.redisAt.Password, RedisDB: c.ground.redisAt.DB,
	}
	for range c.Processes {
		worker, err := startWorker(c.spec, c.logs)
		if err != nil {
			return c.withLog(err)
		}
		c.workers = append(c.workers, worker)
	}
	return nil
}

// share is how many mailboxes a worker may send from at a time: not all, so that
// every worker has some.
func (c *crash) share() int { return max(1, (c.Mailboxes+c.Processes-1)/c.Processes*5/4) }

// pace is how long the mail server thinks before it speaks, so that the blows
// fall within the run: a killed worker's mailboxes rest for ten seconds, and the
// others go on meanwhile. A mail needs one answer, since each opens the next.
func (c *crash) pace() time.Duration {
	wanted := time.Duration(max(c.Kills, c.Terms, c.RestartPostgres, c.FlushRedis, 3)) * 3 * time.Second
	if c.StopRedis > 0 {
		wanted = max(wanted, 2*c.StopRedis)
	}
	perMailbox := max(1, c.Leads/c.Mailboxes)
	return min(wanted/time.Duration(perMailbox), time.Second)
}

// end stops what still runs.
func (c *crash) end() {
	for _, worker := range c.workers {
		worker.kill()
	}
	_ = c.sink.Close()
	_ = c.logs.Close()
}

// withLog adds the workers' last words to an error.
func (c *crash) withLog(err error) error {
	content, readErr := os.ReadFile(filepath.Join(c.ground.dir, "workers.log"))
	if readErr != nil || len(content) == 0 {
		return err
	}
	return fmt.Errorf("%w; the workers' last words:\n%s", err, content[max(0, len(content)-2000):])
}

// run deals the blows, then waits until nothing is left to send.
func (c *crash) run(ctx context.Context) error {
	if err := c.chaos(ctx); err != nil {
		return err
	}
	for {
		left, err := c.ground.db.OpenEnrolments(ctx)
		if err != nil && ctx.Err() == nil {
			continue // the connection was cut by a blow
		}
		if err != nil {
			return fmt.Errorf("the run did not end in %s: %w", c.Limit, err)
		}
		if left == 0 {
			return nil
		}
		if err := c.revive(); err != nil {
			return err
		}
		if err := (clock.Machine{}).Sleep(ctx, 200*time.Millisecond); err != nil {
			return fmt.Errorf("%d enrolments are still open after %s: %w", left, c.Limit, err)
		}
	}
}

// report lets the workers end in good order and compares the ledger with the
// mail server's log.
func (c *crash) report(ctx context.Context) (CrashReport, error) {
	for _, worker := range c.workers {
		if err := worker.stop(); err != nil {
			return CrashReport{}, c.withLog(fmt.Errorf("worker at its end: %w", err))
		}
	}
	accepts, err := mailworld.ReadLog(c.sinkLog)
	if err != nil {
		return CrashReport{}, err
	}
	rows, err := c.ground.db.Audit(ctx)
	if err != nil {
		return CrashReport{}, err
	}
	r := CrashReport{
		Leads: c.Leads, Kills: c.count(blowKill), Processes: c.Processes, Connections: c.Mailboxes, Audit: audit(rows, accepts, c.stops),
		Stops: len(c.stops), Terms: c.count(blowTerm), FlushRedis: c.count(blowFlush), StopRedis: c.StopRedis.Seconds(),
		RestartPostgres: c.count(blowPostgres),
	}
	waits := recoveries(c.blows, accepts, c.clock)
	for _, w := range waits {
		if w.seconds > CrashBarRecovery {
			c.say("%s waited %.1f s after the blow at %.1f s", cmp.Or(string(w.mailbox), "everybody"), w.seconds, w.at.Seconds())
		}
	}
	times := seconds(waits)
	r.Recoveries, r.RecoveryP50, r.RecoveryP99 = len(times), quantile(times, 0.5), quantile(times, 0.99)
	for _, row := range rows {
		if row.WasUnknown {
			r.UnknownList = append(r.UnknownList, row.RFCMessageID)
		}
	}
	return r, nil
}

func (c *crash) count(kind blowKind) (n int) {
	for _, b := range c.blows {
		if b.kind == kind {
			n++
		}
	}
	return n
}
