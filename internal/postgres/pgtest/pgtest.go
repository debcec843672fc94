// Package pgtest gives each test a database of its own on a real Postgres: the
// server that DRUMBEAT_TEST_DATABASE_URL names, or a throwaway one that lives as
// long as the test process. Databases are cloned from a template that holds the
// migrated schema, so a test gets one within about 50 ms and may run in parallel.
//
// Without any Postgres a test is skipped with the reason; where CI=true it fails.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"drumbeat/internal/embedded"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// testConns is small: many tests share one server.
const testConns = 10

// adminURL is the server of this test process. It is a package variable because
// the tests of a process have nothing else in common; nobody stops the throwaway
// server: it ends with the process.
var adminURL = sync.OnceValues(func() (string, error) {
	if url := os.Getenv("DRUMBEAT_TEST_DATABASE_URL"); url != "" {
		return url, nil
	}
	server, err := embedded.StartPostgres(context.Background(),
		embedded.PostgresOptions{BinDir: os.Getenv("PG_BINDIR"), Throwaway: true})
	if err != nil {
		return "", err
	}
	return server.URL(), nil
})

// New is an empty, migrated database that is dropped after the test.
func New(t testing.TB) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(context.Background(), URL(t), postgres.Options{MaxConns: testConns, Name: t.Name()})
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// URL is New for a test that opens its own connections, or starts processes that do.
func URL(t testing.TB) string {
	t.Helper()
	admin := Admin(t)
	template, err := template(admin)
	if err != nil {
		t.Fatalf("make the template database: %v", err)
	}
	name := "drumbeat_test_" + strings.ToLower(rand.Text())
	url, err := postgres.CloneDatabase(context.Background(), admin, name, template)
	if err != nil {
		t.Fatalf("clone the template database: %v", err)
	}
	t.Cleanup(func() {
		if err := postgres.DropDatabase(context.Background(), admin, name); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return url
}

// Admin is a connection that may create databases, for tests that make their own.
func Admin(t testing.TB) string {
	t.Helper()
	url, err := adminURL()
	var problem *outreach.Problem
	switch {
	case err == nil:
		return url
	case errors.As(err, &problem) && problem.Code == "NO_POSTGRES" && os.Getenv("CI") != "true":
		t.Skipf("needs Postgres: %v\n%s\nor DRUMBEAT_TEST_DATABASE_URL=postgres://...", err, problem.Fix)
	default:
		t.Fatalf("start Postgres for the tests: %v", err)
	}
	return ""
}
