// Package redistest gives tests a real Redis: the server that
// DRUMBEAT_TEST_REDIS_URL names, or a throwaway one that lives as long as the
// test process. Tests share it, so each takes queue and key names of its own
// (Queue); nothing is flushed. A test that flushes or stops Redis takes an Own.
//
// Without a Redis a test is skipped with the reason; where CI=true it fails.
package redistest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"sync"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"drumbeat/internal/embedded"
)

// shared is the server of this test process: see pgtest's adminURL.
var shared = sync.OnceValues(func() (*goredis.Options, error) {
	if url := os.Getenv("DRUMBEAT_TEST_REDIS_URL"); url != "" {
		return goredis.ParseURL(url)
	}
	server, err := embedded.StartRedis(context.Background(), embedded.RedisOptions{Throwaway: true})
	if err != nil || server.Warning() != "" {
		return nil, err
	}
	return options(server), nil
})

func options(server *embedded.Redis) *goredis.Options {
	return &goredis.Options{Network: server.Network(), Addr: server.Addr(), Password: server.Password()}
}

// New is how to reach the shared real Redis.
func New(t testing.TB) *goredis.Options {
	t.Helper()
	o, err := shared()
	if err != nil {
		t.Fatalf("start Redis for the tests: %v", err)
	}
	if o == nil {
		missing(t)
	}
	copied := *o // go-redis fills in defaults where it is given them
	return &copied
}

// Own is a real Redis that is this test's alone.
func Own(t testing.TB) *embedded.Redis {
	t.Helper()
	return start(t, embedded.RedisOptions{Throwaway: true})
}

// StandIn is the in-process stand-in that an installation without Redis uses.
func StandIn(t testing.TB) *embedded.Redis {
	t.Helper()
	return start(t, embedded.RedisOptions{InProcess: true})
}

func start(t testing.TB, o embedded.RedisOptions) *embedded.Redis {
	t.Helper()
	server, err := embedded.StartRedis(context.Background(), o)
	if err != nil {
		t.Fatalf("start Redis for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Errorf("stop the test's Redis: %v", err)
		}
	})
	if server.Warning() != "" && !o.InProcess {
		missing(t)
	}
	return server
}

// Queue is a name that no other test uses.
func Queue() string { return "test-" + strings.ToLower(rand.Text()) }

func missing(t testing.TB) {
	t.Helper()
	reason := "needs redis-server or valkey-server in PATH (apt-get install redis-server), or DRUMBEAT_TEST_REDIS_URL=redis://..."
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}
