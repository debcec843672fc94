package embedded

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

func startRedis(t *testing.T, o RedisOptions) *Redis {
	t.Helper()
	if findRedis(exec.LookPath) == "" && !o.InProcess {
		if os.Getenv("CI") == "true" {
			t.Fatal("needs redis-server or valkey-server")
		}
		t.Skip("needs redis-server or valkey-server")
	}
	r, err := StartRedis(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func dial(t *testing.T, r *Redis, password string) *goredis.Client {
	t.Helper()
	client := goredis.NewClient(&goredis.Options{Network: r.Network(), Addr: r.Addr(), Password: password})
	t.Cleanup(func() { client.Close() })
	return client
}

func TestRedisKeepsItsQueuesOverARestart(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	state := filepath.Join(publicDir(t), "state")
	r := startRedis(t, RedisOptions{StateDir: state})
	if !r.Persistent() || r.Warning() != "" {
		t.Errorf("a real server: Persistent = %v, Warning = %q", r.Persistent(), r.Warning())
	}
	if err := dial(t, r, r.Password()).Set(ctx, "bell", "rung", 0).Err(); err != nil {
		t.Fatal(err)
	}
	stop(t, r)
	r = startRedis(t, RedisOptions{StateDir: state})
	defer stop(t, r)
	if got, err := dial(t, r, r.Password()).Get(ctx, "bell").Result(); got != "rung" {
		t.Errorf("after a restart bell = %q, %v; want rung", got, err)
	}
}

func TestEveryEmbeddedRedisAsksForThePassword(t *testing.T) {
	t.Parallel()
	for _, o := range []RedisOptions{{Throwaway: true}, {InProcess: true}} {
		r := startRedis(t, o)
		if err := dial(t, r, "").Ping(context.Background()).Err(); err == nil {
			t.Errorf("%s: a stranger was let in", r.endpoint.Program)
		}
		if err := dial(t, r, r.Password()).Ping(context.Background()).Err(); err != nil {
			t.Errorf("%s: %v", r.endpoint.Program, err)
		}
		stop(t, r)
	}
}

func TestProcessesOfOneStateDirectoryShareOneRedis(t *testing.T) {
	t.Parallel()
	state := filepath.Join(publicDir(t), "state")
	first := startRedis(t, RedisOptions{StateDir: state})
	second := startRedis(t, RedisOptions{StateDir: state})
	if first.pid != second.pid {
		t.Errorf("two servers on one directory: %d and %d", first.pid, second.pid)
	}
	stop(t, second)
	if err := first.endpoint.ping(context.Background()); err != nil {
		t.Errorf("the server went with the process that had only joined it: %v", err)
	}
	stop(t, first)
	if first.endpoint.ping(context.Background()) == nil {
		t.Error("the server still runs after the last one left")
	}
}

func TestASocketPathThatIsTooLongGivesAPortOnLoopback(t *testing.T) {
	t.Parallel()
	state := filepath.Join(publicDir(t), strings.Repeat("long", 25))
	r := startRedis(t, RedisOptions{StateDir: state})
	defer stop(t, r)
	if r.Network() != "tcp" || !strings.HasPrefix(r.Addr(), "127.0.0.1:") {
		t.Errorf("listens on %s %s, want a loopback port", r.Network(), r.Addr())
	}
}

func TestARedisThatCannotReadItsDataQuotesTheServer(t *testing.T) {
	t.Parallel()
	state := filepath.Join(publicDir(t), "state")
	stop(t, startRedis(t, RedisOptions{StateDir: state}))
	files := filepath.Join(state, "redis", "appendonlydir")
	if err := os.RemoveAll(files); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files, []byte("not a directory"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := StartRedis(context.Background(), RedisOptions{StateDir: state})
	wantProblem(t, err, "REDIS_START", "appendonlydir", "REDIS_URL")
}

func TestTheStandInWarnsAndItsKeysExpire(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := startRedis(t, RedisOptions{InProcess: true})
	defer stop(t, r)
	if r.Persistent() || !strings.Contains(r.Warning(), "redis-server") {
		t.Errorf("Persistent = %v, Warning = %q; want false and the way out", r.Persistent(), r.Warning())
	}
	client := dial(t, r, r.Password())
	if err := client.Set(ctx, "lock", "held", time.Second).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the key expires", func() bool { return errors.Is(client.Get(ctx, "lock").Err(), goredis.Nil) })
}
