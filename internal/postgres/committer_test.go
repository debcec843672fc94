package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
)

func TestAClosedCommitterAnswersWhoeverComesTooLate(t *testing.T) {
	c := postgres.NewCommitter(pgtest.New(t), func() time.Time { return morning })
	c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 50 { // some of them still get in line
		if ok, err := c.Commit(ctx, outreach.CommitRequest{SendID: 1, Fence: 1}); ok || err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("ok %v, error %v", ok, err)
		}
	}
}
