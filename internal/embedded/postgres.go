package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"drumbeat/internal/clock"
)

const (
	startLimit    = 15 * time.Second // measured cold starts: Postgres 0.8 s, Redis 0.1 s
	pollEvery     = 10 * time.Millisecond
	postgresPorts = 5 // how many free ports are tried
)

// PostgresOptions say where a server's data are and what it is for.
type PostgresOptions struct {
	StateDir  string       // holds the data in postgres/; not used by a throwaway server
	BinDir    string       // PG_BINDIR; empty: search
	Throwaway bool         // a temporary directory, no fsync, removed at Stop and when this process dies
	Logger    *slog.Logger // nil: silent

	pickPort func() (int, error) // nil: any free port
}

// Postgres is a running server on this machine. Its Stop stops it, unless
// others use it.
type Postgres struct {
	server
	cluster *cluster
	port    int
	log     *slog.Logger
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
	p := &Postgres{server: server{home: h, program: "postgres"}, log: logger(o.Logger)}
	if o.pickPort == nil {
		o.pickPort = freePort
	}
	err = p.enter(ctx, func(ctx context.Context) error { return p.open(ctx, found, o.pickPort) })
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Postgres) open(ctx context.Context, found []installation, pickPort func() (int, error)) (err error) {
	if p.cluster, err = openCluster(p.home, found); err != nil {
		return err
	}
	if running, err := p.joinRunning(ctx); running || err != nil {
		return err
	}
	return p.start(ctx, pickPort)
}

// joinRunning uses the server that already runs on the data, whether another
// process shares it or a killed one left it behind.
func (p *Postgres) joinRunning(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	path := filepath.Join(p.home.dataDir(), "postmaster.pid")
	for {
		file, err := readPidFile(path)
		if err != nil {
			return false, p.home.unusable(err)
		}
		if file == nil || !alive(file.pid, "postgres") {
			return false, nil // Postgres itself replaces a stale file
		}
		if file.ready && accepts(file.port) {
			p.pid, p.port = file.pid, file.port
			p.log.Info("joined the embedded Postgres that already runs", "pid", p.pid, "port", p.port)
			return true, nil
		}
		if (clock.Machine{}).Sleep(ctx, pollEvery) != nil {
			return false, p.leftover(file.pid)
		}
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
	c, err := p.home.start("server.log", filepath.Join(p.cluster.programs.bin, "postgres"), p.cluster.arguments(port)...)
	if err != nil {
		return p.failed(err)
	}
	if err := p.awaitReady(ctx, c); err != nil {
		c.stop(ctx, syscall.SIGQUIT)
		return err
	}
	if err := p.adopt(c); err != nil {
		c.stop(ctx, syscall.SIGINT)
		return p.failed(err)
	}
	p.port = port
	p.log.Info("embedded Postgres started", "version", p.cluster.programs.major, "port", port, "pid", p.pid,
		"dir", p.home.dir, "took", clock.Machine{}.Since(begun).Round(time.Millisecond))
	return nil
}

// awaitReady waits until the server says "ready" in its own pid file.
func (p *Postgres) awaitReady(ctx context.Context, c *child) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		file, err := readPidFile(filepath.Join(p.home.dataDir(), "postmaster.pid"))
		if err == nil && file != nil && file.ready && file.pid == c.cmd.Process.Pid {
			return nil
		}
		if c.ended() {
			return p.failed(c.err)
		}
		if err := (clock.Machine{}).Sleep(ctx, pollEvery); err != nil {
			return p.failed(err)
		}
	}
}

func (p *Postgres) failed(err error) error {
	return p.startFailed("POSTGRES_START", "Postgres", "DATABASE_URL=postgres://...", err)
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
		Host: p.Addr(), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Addr is host:port.
func (p *Postgres) Addr() string { return net.JoinHostPort("127.0.0.1", fmt.Sprint(p.port)) }
