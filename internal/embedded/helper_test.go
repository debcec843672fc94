package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// wantProblem checks that err is a problem with the code, a way out, and all of
// the words in what a person reads.
func wantProblem(t *testing.T, err error, code string, words ...string) {
	t.Helper()
	var problem *outreach.Problem
	if !errors.As(err, &problem) {
		t.Fatalf("error = %v, want a problem %s", err, code)
	}
	if problem.Code != code {
		t.Errorf("code = %s (%v), want %s", problem.Code, err, code)
	}
	if problem.Fix == "" {
		t.Errorf("%s tells no way out", problem.Code)
	}
	text := problem.Error() + "\n" + problem.Fix
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%s does not speak of %q:\n%s", problem.Code, word, text)
		}
	}
}

// publicDir is a temporary directory that every account may enter.
func publicDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; strings.HasPrefix(d, filepath.Join(os.TempDir(), "Test")); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// program writes an executable shell script.
func program(t *testing.T, dir, name, script string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// postgresPrograms are fakes that only know their version.
func postgresPrograms(t *testing.T, dir, version string) {
	t.Helper()
	program(t, dir, "initdb", "exit 0")
	program(t, dir, "postgres", `echo "postgres (PostgreSQL) `+version+`"`)
}

// needPostgres skips where no Postgres is installed, and fails there in CI.
func needPostgres(t *testing.T) {
	t.Helper()
	_, err := newSearch(os.Getenv("PG_BINDIR")).installations()
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip("needs Postgres programs: ", err)
}

func startPostgres(t *testing.T, o PostgresOptions) *Postgres {
	t.Helper()
	needPostgres(t)
	o.BinDir = os.Getenv("PG_BINDIR")
	p, err := StartPostgres(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func stop(t *testing.T, s interface{ Stop(context.Context) error }) {
	t.Helper()
	if err := s.Stop(context.Background()); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// eventually waits, far longer than it should take, until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for !holds() {
		if (clock.Machine{}).Sleep(ctx, pollEvery) != nil {
			t.Fatalf("in vain waited until %s", what)
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
