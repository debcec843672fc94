package embedded

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// ticks is how often the stand-in's keys age. Its own ClockTTL would walk over
// every key at every command (measured: 20,000 tasks did not finish in 100 s).
const ticks = time.Second

// standIn is a miniredis. By itself its keys never expire, so asynq's unique
// locks and the heartbeats of dead workers would stay for ever.
type standIn struct {
	server *miniredis.Miniredis
	cancel context.CancelFunc
	ticker sync.WaitGroup
}

func (r *Redis) startStandIn() error {
	server := miniredis.NewMiniRedis()
	password := rand.Text()
	server.RequireAuth(password)
	if err := server.Start(); err != nil {
		return &outreach.Problem{
			Code:   "REDIS_STAND_IN",
			Detail: "the in-process stand-in for Redis did not start",
			Fix:    "install redis-server, or set REDIS_URL",
			Err:    err,
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &standIn{server: server, cancel: cancel}
	s.ticker.Go(func() { s.age(ctx, ticks) })
	r.standIn = s
	r.endpoint = endpoint{Program: "miniredis", Network: "tcp", Addr: server.Addr(), Password: password}
	return nil
}

// age makes the keys as old as the machine's time that has passed.
func (s *standIn) age(ctx context.Context, every time.Duration) {
	machine := clock.Machine{}
	last := machine.Now()
	machine.Every(ctx, every, nil, func(context.Context) {
		now := machine.Now()
		s.server.FastForward(now.Sub(last))
		last = now
	})
}

func (s *standIn) stop() {
	s.cancel()
	s.ticker.Wait()
	s.server.Close()
}
