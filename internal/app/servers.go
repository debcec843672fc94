package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/embedded"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// queueName is asynq's queue of a service; demos and tests have their own.
const queueName = "drumbeat"

// StartRedis gives the Redis of REDIS_URL, or starts the embedded one.
func (b *Base) StartRedis(ctx context.Context, throwaway bool) (*redis.Options, error) {
	if b.Config.RedisURL != "" {
		options, err := redis.ParseURL(b.Config.RedisURL)
		if err != nil {
			return nil, &outreach.Problem{Code: "REDIS_URL_INVALID", Detail: "REDIS_URL cannot be read",
				Fix: "Write it as redis://user:password@host:6379/0, rediss://... or unix:///path."}
		}
		return options, nil
	}
	server, err := embedded.StartRedis(ctx, embedded.RedisOptions{StateDir: b.StateDir, Throwaway: throwaway, Logger: b.Logger})
	if err != nil {
		return nil, err
	}
	b.atClose(server.Stop)
	if warning := server.Warning(); warning != "" && !throwaway {
		b.Logger.Warn(warning)
	}
	return &redis.Options{Network: server.Network(), Addr: server.Addr(), Password: server.Password()}, nil
}

// connectOwn makes a database of its own, on the server of DATABASE_URL or on a
// throwaway one, and drops it at Close: no demo or bench can touch real leads.
func (b *Base) connectOwn(ctx context.Context, prefix string) (name string, err error) {
	admin := b.Config.DatabaseURL
	if admin == "" {
		server, err := embedded.StartPostgres(ctx, embedded.PostgresOptions{Throwaway: true, BinDir: b.Config.PGBinDir, Logger: b.Logger})
		if err != nil {
			return "", err
		}
		b.atClose(server.Stop)
		admin = server.URL()
	}
	name = prefix + "_" + strings.ToLower(rand.Text())
	url, err := postgres.CreateDatabase(ctx, admin, name)
	if err != nil {
		return "", fmt.Errorf("own database: %w", err)
	}
	b.atClose(func(ctx context.Context) error { return postgres.DropDatabase(ctx, admin, name) })
	return name, b.open(ctx, url)
}
