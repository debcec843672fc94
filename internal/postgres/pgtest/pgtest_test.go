package pgtest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
)

func TestEachTestHasAMigratedDatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	one, other := pgtest.New(t), pgtest.New(t)
	if _, err := one.ExecContext(ctx, `CREATE TABLE only_here (id int)`); err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(ctx, `SELECT * FROM only_here`); err == nil {
		t.Error("a table made in one test's database shows in another's")
	}
	for _, db := range []*postgres.DB{one, other} {
		if behind, err := db.SchemaBehind(ctx); err != nil || behind {
			t.Errorf("schema behind = %v, %v; want a migrated schema", behind, err)
		}
	}
}

func TestTheDatabaseIsGoneAfterTheTest(t *testing.T) {
	var url string
	t.Run("a test", func(t *testing.T) { url = pgtest.URL(t) })
	_, err := postgres.Open(context.Background(), url, postgres.Options{})
	wantCode(t, err, "DATABASE_UNREACHABLE")
	if !strings.Contains(fmt.Sprint(err), "has no database drumbeat_test_") {
		t.Errorf("error = %v, want one that names the database", err)
	}
}

func TestOnlyOneOfSeveralProcessesMigrates(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	name := "drumbeat_test_migrate_race"
	if err := postgres.DropDatabase(ctx, pgtest.Admin(t), name); err != nil {
		t.Fatal(err)
	}
	url, err := postgres.CreateDatabase(ctx, pgtest.Admin(t), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { postgres.DropDatabase(ctx, pgtest.Admin(t), name) })

	const processes = 3
	applied := make([]int, processes)
	var all sync.WaitGroup
	for i := range processes {
		all.Go(func() {
			db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			versions, err := db.Migrate(ctx)
			if err != nil {
				t.Error(err)
			}
			applied[i] = len(versions)
		})
	}
	all.Wait()
	workers := 0
	for _, n := range applied {
		if n > 0 {
			workers++
		}
	}
	if workers != 1 {
		t.Errorf("migrations applied per process: %v; want exactly one to do the work", applied)
	}
}

func TestADeadlockRunsTheWholeTransactionAgain(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	if _, err := db.ExecContext(ctx, `CREATE TABLE pair (id int PRIMARY KEY, n int); INSERT INTO pair VALUES (1, 0), (2, 0)`); err != nil {
		t.Fatal(err)
	}
	var met, all sync.WaitGroup // both hold their first row before either asks for its second
	met.Add(2)
	for first := 1; first <= 2; first++ {
		all.Go(func() {
			var once sync.Once
			err := db.InTx(ctx, func(tx *sqlx.Tx) error {
				if _, err := tx.ExecContext(ctx, `UPDATE pair SET n = n + 1 WHERE id = $1`, first); err != nil {
					return err
				}
				once.Do(func() { met.Done(); met.Wait() })
				_, err := tx.ExecContext(ctx, `UPDATE pair SET n = n + 1 WHERE id = $1`, 3-first)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var got string
	if err := db.GetContext(ctx, &got, `SELECT string_agg(n::text, ',' ORDER BY id) FROM pair`); err != nil {
		t.Fatal(err)
	}
	if got != "2,2" {
		t.Errorf("rows after two crossing transactions = %s, want 2,2", got)
	}
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	broken := errors.New("broken")
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `CREATE TABLE half (id int)`); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("InTx = %v, want the function's own error", err)
	}
	if _, err := db.ExecContext(ctx, `SELECT * FROM half`); err == nil {
		t.Error("what a failed transaction made is still there")
	}
}

func TestAnUnreachableDatabaseIsAProblemWithAWayOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, dsn, code string }{
		{"nobody listens", "postgres://u:secret@127.0.0.1:1/x?sslmode=disable", "DATABASE_UNREACHABLE"},
		{"not a connection string", "postgres://u:secret@127.0.0.1/x?sslmode=never", "DATABASE_URL_INVALID"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := postgres.Open(context.Background(), c.dsn, postgres.Options{})
			wantCode(t, err, c.code)
			if text := fmt.Sprint(err); strings.Contains(text, "secret") {
				t.Errorf("error = %q; the password must not show", text)
			}
		})
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var problem *outreach.Problem
	if !errors.As(err, &problem) || problem.Code != code || problem.Fix == "" {
		t.Errorf("error = %v, want a problem %s with a fix", err, code)
	}
}
