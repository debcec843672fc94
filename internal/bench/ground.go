package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/embedded"
	"drumbeat/internal/faultproxy"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// ground is what a bench stands on: a directory, a Postgres with the settings
// of a service (a throwaway one would not keep what it has committed) and a
// Redis, each behind a proxy whose address stays when the server restarts.
type ground struct {
	dir string
	log *slog.Logger

	url       string             // of the bench's own database, through the proxy
	admin     string             // for making and dropping it, past the proxy
	name      string             // of the database, and of the queue
	server    *embedded.Postgres // nil: DATABASE_URL's
	postgres  *faultproxy.Proxy
	redis     *embedded.Redis // nil: REDIS_URL's
	redisLine *faultproxy.Proxy
	redisAt   redis.Options // through the proxy

	db      *postgres.DB
	closers []func(context.Context) error
}

// newGround starts the servers, or uses those of the settings with a database
// of its own.
func newGround(ctx context.Context, cfg config.Config, log *slog.Logger) (*ground, error) {
	g := &ground{log: log, name: "drumbeat_bench_" + strings.ToLower(rand.Text())}
	if err := g.start(ctx, cfg); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func (g *ground) start(ctx context.Context, cfg config.Config) (err error) {
	if g.dir, err = os.MkdirTemp("", "drumbeat-bench-"); err != nil {
		return fmt.Errorf("bench directory: %w", err)
	}
	g.atClose(func(context.Context) error { return os.RemoveAll(g.dir) })
	// Under root the servers run as somebody else, who must get to their data.
	if err := os.Chmod(g.dir, 0o755); err != nil {
		return fmt.Errorf("bench directory: %w", err)
	}
	if err := g.startPostgres(ctx, cfg); err != nil {
		return err
	}
	return g.startRedis(ctx, cfg)
}

func (g *ground) startPostgres(ctx context.Context, cfg config.Config) (err error) {
	g.admin = cfg.DatabaseURL
	if g.admin == "" {
		g.server, err = embedded.StartPostgres(ctx, embedded.PostgresOptions{StateDir: g.dir, BinDir: cfg.PGBinDir, Logger: g.log})
		if err != nil {
			return err
		}
		g.atClose(func(ctx context.Context) error { return g.server.Stop(ctx) })
		g.admin = g.server.URL()
	}
	if g.url, err = postgres.CreateDatabase(ctx, g.admin, g.name); err != nil {
		return fmt.Errorf("bench database: %w", err)
	}
	if g.server == nil {
		g.atClose(func(ctx context.Context) error { return postgres.DropDatabase(ctx, g.admin, g.name) })
	} else if err := g.proxyPostgres(); err != nil {
		return err
	}
	if g.db, err = postgres.Open(ctx, g.url, postgres.Options{MaxConns: 8, Name: "drumbeat-bench"}); err != nil {
		return err
	}
	g.atClose(func(context.Context) error { return g.db.Close() })
	_, err = g.db.Migrate(ctx)
	return err
}

func (g *ground) proxyPostgres() (err error) {
	if g.postgres, err = faultproxy.New("tcp", g.server.Addr()); err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	g.atClose(func(context.Context) error { return g.postgres.Close() })
	g.url = strings.Replace(g.url, g.server.Addr(), g.postgres.Addr().String(), 1)
	return nil
}

func (g *ground) startRedis(ctx context.Context, cfg config.Config) (err error) {
	if cfg.RedisURL != "" {
		given, err := redis.ParseURL(cfg.RedisURL)
		if err != nil {
			return &outreach.Problem{Code: "REDIS_URL_INVALID", Detail: "REDIS_URL cannot be read", Fix: "write it as redis://host:6379/0"}
		}
		g.redisAt = *given
		return nil
	}
	if g.redis, err = embedded.StartRedis(ctx, embedded.RedisOptions{StateDir: g.dir, Logger: g.log}); err != nil {
		return err
	}
	g.atClose(func(ctx context.Context) error { return g.redis.Stop(ctx) })
	if g.redisLine, err = faultproxy.New(g.redis.Network(), g.redis.Addr()); err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	g.atClose(func(context.Context) error { return g.redisLine.Close() })
	g.redisAt = redis.Options{Network: "tcp", Addr: g.redisLine.Addr().String(), Password: g.redis.Password()}
	return nil
}

// restartPostgres ends the server as a crash does, without a checkpoint, and
// starts it again on what it had written.
func (g *ground) restartPostgres(ctx context.Context) error {
	pid, err := g.postmaster()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil { // an immediate shutdown
		return fmt.Errorf("stop postgres: %w", err)
	}
	for syscall.Kill(pid, 0) == nil {
		if err := (clock.Machine{}).Sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	if err := g.server.Stop(ctx); err != nil {
		return fmt.Errorf("after postgres: %w", err)
	}
	if g.server, err = embedded.StartPostgres(ctx, embedded.PostgresOptions{StateDir: g.dir, Logger: g.log}); err != nil {
		return err
	}
	g.postgres.Retarget("tcp", g.server.Addr())
	return nil
}

func (g *ground) postmaster() (int, error) {
	content, err := os.ReadFile(filepath.Join(g.dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("postmaster: %w", err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}

// flushRedis empties Redis: every bell is gone.
func (g *ground) flushRedis(ctx context.Context) error {
	client := redis.NewClient(&g.redisAt)
	defer client.Close()
	return client.FlushAll(ctx).Err()
}

// stopRedis ends the server for a while and starts it again on its data.
func (g *ground) stopRedis(ctx context.Context, d time.Duration) error {
	g.redisLine.Down()
	if err := g.redis.Stop(ctx); err != nil {
		return fmt.Errorf("stop redis: %w", err)
	}
	err := clock.Machine{}.Sleep(ctx, d)
	started, startErr := embedded.StartRedis(context.WithoutCancel(ctx), embedded.RedisOptions{StateDir: g.dir, Logger: g.log})
	if startErr != nil {
		return startErr
	}
	g.redis = started
	// It has a new password; the workers know the old one.
	client := redis.NewClient(&redis.Options{Network: started.Network(), Addr: started.Addr(), Password: started.Password()})
	defer client.Close()
	if err := client.ConfigSet(ctx, "requirepass", g.redisAt.Password).Err(); err != nil {
		return fmt.Errorf("password of redis: %w", err)
	}
	g.redisLine.Retarget(started.Network(), started.Addr())
	g.redisLine.Up()
	return err
}

// redisDirect is Redis without the proxy, which would cost CPU time of its own.
func (g *ground) redisDirect() *redis.Options {
	if g.redis == nil {
		given := g.redisAt
		return &given
	}
	return &redis.Options{Network: g.redis.Network(), Addr: g.redis.Addr(), Password: g.redis.Password()}
}

// direct is the bench's database past the proxy, which would cost CPU time and
// latency of its own.
func (g *ground) direct() string {
	if g.server == nil {
		return g.url
	}
	return strings.Replace(g.url, g.postgres.Addr().String(), g.server.Addr(), 1)
}

// spec is a worker on a database of these servers, past the proxies.
func (g *ground) spec(s stage, database, queue string, c fastClock) workerSpec {
	at := g.redisDirect()
	return workerSpec{
		Dir: s.dir, StateDir: g.dir, Database: database, Queue: queue, Secret: rand.Text(), Concurrency: s.mailboxes, Clock: c,
		RedisNet: at.Network, RedisAddr: at.Addr, RedisPass: at.Password, RedisDB: at.DB,
	}
}

func (g *ground) atClose(do func(context.Context) error) { g.closers = append(g.closers, do) }

// close gives back what start took, the last first.
func (g *ground) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all []error
	for i := len(g.closers) - 1; i >= 0; i-- {
		all = append(all, g.closers[i](ctx))
	}
	g.closers = nil
	return errors.Join(all...)
}
