package embedded

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"drumbeat/internal/clock"
)

// longestSocketPath is what a Unix socket address holds on macOS, the least of
// the systems we run on, with room for the terminating zero.
const longestSocketPath = 103

// redisDirs are looked at after PATH, which a service may have short.
var redisDirs = []string{"/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"}

// RedisOptions say where a server's data are.
type RedisOptions struct {
	StateDir  string       // holds the data in redis/; not used by a throwaway server
	Throwaway bool         // a temporary directory, removed at Stop and when this process dies
	InProcess bool         // the stand-in even where a binary is found
	Logger    *slog.Logger // nil: silent
}

// Redis is a running server on this machine, or the in-process stand-in.
type Redis struct {
	server
	endpoint endpoint
	standIn  *standIn // instead of the server
	log      *slog.Logger
}

// endpoint is how to reach a server; it is kept in the home, for those who join.
type endpoint struct {
	Program  string `json:"program"` // redis-server or valkey-server
	PID      int    `json:"pid"`
	Network  string `json:"network"`
	Addr     string `json:"addr"`
	Password string `json:"password"`
}

// StartRedis starts a server, joins the one that runs on the same state
// directory, or, where the machine has no binary, starts the stand-in. The
// caller must call Stop.
func StartRedis(ctx context.Context, o RedisOptions) (*Redis, error) {
	r := &Redis{log: logger(o.Logger)}
	path := findRedis(exec.LookPath)
	if path == "" || o.InProcess {
		if err := r.startStandIn(); err != nil {
			return nil, err
		}
		return r, nil
	}
	h, err := openHome(o.StateDir, "redis", o.Throwaway)
	if err != nil {
		return nil, err
	}
	r.server = server{home: h, program: filepath.Base(path)}
	err = r.enter(ctx, func(ctx context.Context) error {
		if running, err := r.joinRunning(ctx); running || err != nil {
			return err
		}
		return r.start(ctx, path)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// findRedis is the path of a server program, or empty.
func findRedis(lookPath func(string) (string, error)) string {
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := lookPath(name); err == nil {
			return path
		}
		for _, dir := range redisDirs {
			if path, err := lookPath(filepath.Join(dir, name)); err == nil {
				return path
			}
		}
	}
	return ""
}

// joinRunning uses the server that the endpoint file speaks of. A file that cannot
// be read is as good as none: a server is started then.
func (r *Redis) joinRunning(ctx context.Context) (bool, error) {
	content, err := os.ReadFile(r.home.path("endpoint.json"))
	var e endpoint
	if err != nil || json.Unmarshal(content, &e) != nil {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for alive(e.PID, e.Program) {
		if e.ping(ctx) == nil {
			r.endpoint, r.pid, r.program = e, e.PID, e.Program
			r.log.Info("joined the embedded Redis that already runs", "pid", e.PID)
			return true, nil
		}
		// It loads its data, or it is on its way out.
		if (clock.Machine{}).Sleep(ctx, pollEvery) != nil {
			return false, r.leftover(e.PID)
		}
	}
	return false, nil
}

func (r *Redis) start(ctx context.Context, path string) error {
	begun := clock.Machine{}.Now()
	e, err := newEndpoint(r.home)
	if err != nil {
		return noPort(err)
	}
	if err := r.home.write("redis.conf", r.configuration(e)); err != nil {
		return err
	}
	c, err := r.home.start("server.log", path, r.home.path("redis.conf"))
	if err != nil {
		return r.failed(err)
	}
	e.Program, e.PID = r.program, c.cmd.Process.Pid
	if err := r.settle(ctx, e, c); err != nil {
		c.stop(ctx, syscall.SIGINT)
		return err
	}
	r.endpoint = e
	r.log.Info("embedded Redis started", "program", e.Program, "pid", e.PID, "dir", r.home.dir,
		"took", clock.Machine{}.Since(begun).Round(time.Millisecond))
	return nil
}

// settle waits until the server answers and makes it known.
func (r *Redis) settle(ctx context.Context, e endpoint, c *child) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for e.ping(ctx) != nil {
		if c.ended() {
			return r.failed(c.err)
		}
		if err := (clock.Machine{}).Sleep(ctx, pollEvery); err != nil {
			return r.failed(err)
		}
	}
	content, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := r.home.write("endpoint.json", content); err != nil {
		return err
	}
	return r.adopt(c)
}

// newEndpoint is a Unix socket in the home, which nobody else may enter; where
// its path is too long, a port on the loopback address. Either has a password.
func newEndpoint(h home) (endpoint, error) {
	e := endpoint{Network: "unix", Addr: h.path("redis.sock"), Password: rand.Text()}
	if len(e.Addr) <= longestSocketPath {
		return e, nil
	}
	port, err := freePort()
	e.Network, e.Addr = "tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(port))
	return e, err
}

// configuration is a file, not arguments: those would show the password to every
// user of the machine. Nothing may be evicted: asynq's queues are not a cache.
func (r *Redis) configuration(e endpoint) []byte {
	listen := fmt.Sprintf("port 0\nunixsocket %q\nunixsocketperm 700\n", e.Addr)
	if e.Network == "tcp" {
		_, port, _ := net.SplitHostPort(e.Addr) // made by newEndpoint
		listen = fmt.Sprintf("bind 127.0.0.1\nport %s\n", port)
	}
	appendOnly := "yes"
	if r.home.throwaway {
		appendOnly = "no"
	}
	return fmt.Appendf(nil, "%srequirepass %s\ndir %q\nsave \"\"\nappendonly %s\nmaxmemory-policy noeviction\ndaemonize no\n",
		listen, e.Password, r.home.dir, appendOnly)
}

// ping dials by itself first: go-redis logs each address that refuses.
func (e endpoint) ping(ctx context.Context) error {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, e.Network, e.Addr)
	if err != nil {
		return err
	}
	conn.Close()
	client := goredis.NewClient(&goredis.Options{Network: e.Network, Addr: e.Addr, Password: e.Password, MaxRetries: -1})
	defer client.Close()
	return client.Ping(ctx).Err()
}

func (r *Redis) failed(err error) error {
	return r.startFailed("REDIS_START", "Redis", "REDIS_URL=redis://...", err)
}

// Network is unix or tcp, for redis.Options and asynq.RedisClientOpt.
func (r *Redis) Network() string { return r.endpoint.Network }

// Addr is the socket's path or host:port.
func (r *Redis) Addr() string { return r.endpoint.Addr }

// Password is asked for by every embedded server.
func (r *Redis) Password() string { return r.endpoint.Password }

// Persistent tells whether the queues outlive this process.
func (r *Redis) Persistent() bool { return r.standIn == nil && !r.home.throwaway }

// Warning is a sentence for the operator about a server that is not fit for
// production; empty when there is nothing to say.
func (r *Redis) Warning() string {
	if r.standIn == nil {
		return ""
	}
	return "no redis-server or valkey-server found: the queue lives in this process's memory, which is slow, not shared with " +
		"other processes and not made for production; nothing is lost with it, since Postgres holds the truth (install redis-server, or set REDIS_URL)"
}

// Stop stops the server, unless others use it.
func (r *Redis) Stop(ctx context.Context) error {
	if r.standIn != nil {
		r.standIn.stop()
		return nil
	}
	return r.server.Stop(ctx)
}
