package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

const (
	postgresStartLimit = 15 * time.Second // measured cold start: 0.8 s
	postgresPorts      = 5                // how many free ports are tried
	departWait         = 2 * time.Second  // how long the starter waits for other users
)

// PostgresOptions say where a server's data are and what it is for.
type PostgresOptions struct {
	StateDir  string       // holds the data in postgres/; not used by a throwaway server
	BinDir    string       // PG_BINDIR; empty: search
	Throwaway bool         // a temporary directory, no fsync, removed at Stop and when this process dies
	Logger    *slog.Logger // nil: silent

	pickPort func() (int, error) // nil: any free port
}

// Postgres is a running server on this machine.
type Postgres struct {
	cluster    *cluster
	port       int
	pid        int
	child      *child // nil: another process started it
	member     *membership
	undertaker *undertaker // of a throwaway server
	log        *slog.Logger
}

// StartPostgres starts a server or joins the one that runs on the same state
// directory. The caller must call Stop.
func StartPostgres(ctx context.Context, o PostgresOptions) (*Postgres, error) {
	found, err := newSearch(o.BinDir).installations()
	if err != nil {
		return nil, err
	}
	h, err := openHome(o.StateDir, "postgres", o.Throwaway)
	if err != nil {
		return nil, err
	}
	p := &Postgres{log: logger(o.Logger)}
	if o.pickPort == nil {
		o.pickPort = freePort
	}
	err = h.decide(ctx, func() error { return p.open(ctx, h, found, o.pickPort) })
	if err != nil {
		if h.throwaway {
			_ = os.RemoveAll(h.dir) // the error of the start matters more
		}
		return nil, err
	}
	return p, nil
}

func (p *Postgres) open(ctx context.Context, h home, found []installation, pickPort func() (int, error)) (err error) {
	if p.cluster, err = openCluster(h, found); err != nil {
		return err
	}
	running, err := p.joinRunning(ctx)
	if err != nil {
		return err
	}
	if !running {
		if err := p.start(ctx, pickPort); err != nil {
			return err
		}
	}
	if p.member, err = h.join(ctx); err != nil && p.child != nil {
		p.child.stop(ctx, syscall.SIGINT)
	}
	return err
}

// joinRunning uses the server that already runs on the data, whether another
// process shares it or a killed one left it behind.
func (p *Postgres) joinRunning(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, postgresStartLimit)
	defer cancel()
	path := filepath.Join(p.cluster.home.dataDir(), "postmaster.pid")
	for {
		file, err := readPidFile(path)
		if err != nil {
			return false, p.cluster.home.unusable(err)
		}
		if file == nil || !alive(file.pid, "postgres") {
			return false, nil // Postgres itself replaces a stale file
		}
		if file.ready && accepts(file.port) {
			p.pid, p.port = file.pid, file.port
			p.log.Info("joined the embedded Postgres that already runs", "pid", p.pid, "port", p.port)
			return true, nil
		}
		if (clock.Machine{}).Sleep(ctx, 20*time.Millisecond) != nil {
			return false, p.leftover(file.pid)
		}
	}
}

func (p *Postgres) leftover(pid int) error {
	return &outreach.Problem{
		Code:   "POSTGRES_LEFTOVER",
		Detail: fmt.Sprintf("process %d holds the data in %s but does not answer", pid, p.cluster.home.dataDir()),
		Fix:    fmt.Sprintf("stop it: kill -INT %d   or set DRUMBEAT_STATE_DIR to another directory", pid),
	}
}

// start tries free ports: one that was free a moment ago may be taken by now.
func (p *Postgres) start(ctx context.Context, pickPort func() (int, error)) error {
	var failure error
	for range postgresPorts {
		port, err := pickPort()
		if err != nil {
			return noPort(err)
		}
		if failure = p.startOn(ctx, port); failure == nil {
			return nil
		}
		if !portTaken(failure) {
			return failure
		}
		p.log.Debug("port taken, trying another", "port", port)
	}
	return failure
}

func (p *Postgres) startOn(ctx context.Context, port int) error {
	begun := clock.Machine{}.Now()
	c, err := p.cluster.home.start("server.log", filepath.Join(p.cluster.programs.bin, "postgres"), p.cluster.arguments(port)...)
	if err != nil {
		return p.startFailed(err)
	}
	if err := p.awaitReady(ctx, c); err != nil {
		c.stop(ctx, syscall.SIGQUIT)
		return err
	}
	p.child, p.pid, p.port = c, c.cmd.Process.Pid, port
	go p.keep()
	if p.cluster.home.throwaway {
		if p.undertaker, err = p.cluster.home.hireUndertaker(p.pid); err != nil {
			c.stop(ctx, syscall.SIGINT)
			return p.startFailed(err)
		}
	}
	p.log.Info("embedded Postgres started", "version", p.cluster.programs.major, "port", port, "pid", p.pid,
		"dir", p.cluster.home.dir, "took", clock.Machine{}.Since(begun).Round(time.Millisecond))
	return nil
}

// keep holds on to the lock and to the undertaker's pipe for the server's life: a
// caller that drops its *Postgres must not have the collector close them.
func (p *Postgres) keep() {
	<-p.child.done
	runtime.KeepAlive(p)
}

// awaitReady waits until the server says "ready" in its own pid file.
func (p *Postgres) awaitReady(ctx context.Context, c *child) error {
	ctx, cancel := context.WithTimeout(ctx, postgresStartLimit)
	defer cancel()
	for {
		file, err := readPidFile(filepath.Join(p.cluster.home.dataDir(), "postmaster.pid"))
		if err == nil && file != nil && file.ready && file.pid == c.cmd.Process.Pid {
			return nil
		}
		if c.ended() {
			return p.startFailed(c.err)
		}
		if err := (clock.Machine{}).Sleep(ctx, 10*time.Millisecond); err != nil {
			return p.startFailed(err)
		}
	}
}

func (p *Postgres) startFailed(err error) error {
	output, _ := os.ReadFile(p.cluster.home.path("server.log")) // without it the error alone must do
	return &outreach.Problem{
		Code:   "POSTGRES_START",
		Detail: "Postgres did not start; its last words:\n" + lastLines(string(output), 8),
		Fix:    "its whole log is " + p.cluster.home.path("server.log") + "\nor point to a server that runs: DATABASE_URL=postgres://...",
		Err:    err,
	}
}

// portTaken reads it from the server's words: there is no exit code for it.
func portTaken(err error) bool {
	return strings.Contains(err.Error(), "could not bind IPv4") || strings.Contains(err.Error(), "Address already in use")
}

// URL is what to connect to: the superuser in the database postgres. The cluster
// is Drumbeat's alone.
func (p *Postgres) URL() string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, p.cluster.password),
		Host: net.JoinHostPort("127.0.0.1", fmt.Sprint(p.port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Stop leaves the server, and stops it if nobody else uses it. The process that
// started it waits a moment for the others; its server cannot outlive it.
func (p *Postgres) Stop(ctx context.Context) error {
	return p.member.home.decide(ctx, func() error {
		patience := time.Duration(0)
		if p.child != nil {
			patience = departWait
		}
		last := p.member.leave(ctx, patience)
		switch {
		case p.child != nil:
			p.child.stop(ctx, syscall.SIGINT) // a fast shutdown; SIGTERM would wait for clients
		case last:
			return stopStranger(ctx, p.pid, "postgres")
		}
		if p.undertaker != nil {
			return p.undertaker.bury()
		}
		return nil
	})
}
