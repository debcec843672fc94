package postgres_test

import (
	"context"
	"errors"
	"testing"

	"drumbeat/internal/postgres/pgtest"
)

func TestOneRunEnrolsAtATime(t *testing.T) {
	t.Parallel()
	db, second := pgtest.New(t), make(chan string, 1)
	order := ""
	err := db.EnrolAlone(t.Context(), func(ctx context.Context) error {
		go func() {
			failed := db.EnrolAlone(ctx, func(context.Context) error { order += "second"; return nil })
			second <- order
			if failed != nil {
				t.Error(failed)
			}
		}()
		for waiting := 0; waiting == 0; {
			if err := db.GetContext(ctx, &waiting, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); err != nil {
				return err
			}
		}
		order += "first, "
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := <-second; got != "first, second" {
		t.Errorf("the order was %q", got)
	}
	failed := errors.New("the list is gone")
	for range 2 { // a run that fails gives the lock back
		if err := db.EnrolAlone(t.Context(), func(context.Context) error { return failed }); !errors.Is(err, failed) {
			t.Error(err)
		}
	}
}
