package redistest_test

import (
	"context"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"drumbeat/internal/embedded/redistest"
)

func TestTestsShareOneRedisUnlessTheyAskForTheirOwn(t *testing.T) {
	ctx := context.Background()
	key := redistest.Queue()
	write := goredis.NewClient(redistest.New(t))
	defer write.Close()
	if err := write.Set(ctx, key, "x", 0).Err(); err != nil {
		t.Fatal(err)
	}
	read := goredis.NewClient(redistest.New(t))
	defer read.Close()
	if got, err := read.Get(ctx, key).Result(); got != "x" {
		t.Errorf("the shared server has %q, %v; want x", got, err)
	}
	server := redistest.Own(t)
	own := goredis.NewClient(&goredis.Options{Network: server.Network(), Addr: server.Addr(), Password: server.Password()})
	defer own.Close()
	if n, err := own.DBSize(ctx).Result(); n != 0 || err != nil {
		t.Errorf("a server of one's own holds %d keys, %v; want none", n, err)
	}
}
