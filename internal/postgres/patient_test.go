package postgres_test

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drumbeat/internal/faultproxy"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
)

// A server that keeps its connections and says nothing any more (a machine that hangs, a
// cable that was pulled) must not hold up beats, leases and commit points for the quarter of an
// hour that TCP takes: the driver itself waits on, whatever the context of the caller says.
func TestAServerThatSaysNothingIsGivenUp(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	cable, err := faultproxy.New("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cable.Close() })
	db, err := postgres.Open(t.Context(), strings.Replace(at.String(), at.Host, cable.Addr().String(), 1), postgres.Options{MaxConns: 2, Patience: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Beat(t.Context(), "p1", "host", 1); err != nil {
		t.Fatal(err)
	}
	var silent atomic.Bool
	hang := make(chan struct{})
	silent.Store(true)
	cable.SetTap(func(faultproxy.Direction, []byte) faultproxy.Verdict {
		if silent.Load() {
			<-hang
		}
		return faultproxy.Pass
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := db.Beat(ctx, "p1", "host", 1); err == nil || ctx.Err() != nil {
		t.Errorf("the beat came to an end with %v; %v", err, ctx.Err())
	}
	silent.Store(false)
	close(hang)
	if err := db.Beat(t.Context(), "p1", "host", 1); err != nil {
		t.Errorf("when the server speaks again: %v", err)
	}
}
