package e2e

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
)

// checksum is of every row of every table, machine times included.
func checksum(t *testing.T, db *postgres.DB) string {
	t.Helper()
	var tables []string
	if err := db.SelectContext(t.Context(), &tables, `SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for _, table := range tables {
		var rows []string
		if err := db.SelectContext(t.Context(), &rows, fmt.Sprintf(`SELECT (x.*)::text FROM %q AS x ORDER BY 1`, table)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(sum, "%s %d\n%s\n", table, len(rows), strings.Join(rows, "\n"))
	}
	return fmt.Sprintf("%d tables %x", len(tables), sum.Sum(nil))
}

// TestTheDemoLeavesTheDatabaseOfDATABASE_URLAlone runs a day of the demo beside
// real leads whose mails are due at that very time.
func TestTheDemoLeavesTheDatabaseOfDATABASE_URLAlone(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	url := pgtest.URL(t)
	db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	file, templates := oneMail("1m")
	newHouse(t, houseOptions{
		db: db, clock: clock.NewStepped(demoStart), mailboxes: 2, leads: 20, sequence: file, templates: templates, redis: redistest.New(t),
	})
	before := checksum(t, db)
	d, err := app.StartDemo(ctx, config.Config{DatabaseURL: url}, slog.New(slog.DiscardHandler), app.DemoOptions{
		Start: demoStart, Days: 1, Seed: demoSeed, Listen: "127.0.0.1:0",
	})
	if err != nil {
		t.Fatal(err)
	}
	var own string
	if err := d.DB.GetContext(ctx, &own, `SELECT current_database()`); err != nil || !strings.HasPrefix(own, "drumbeat_demo_") {
		t.Errorf("the demo works in %q, %v", own, err)
	}
	if err := d.Run(ctx); err != nil {
		t.Error(err)
	}
	if len(d.World.Accepted()) < 10 {
		t.Errorf("the demo sent %d mails on its first day", len(d.World.Accepted()))
	}
	for _, a := range d.World.Accepted() {
		if strings.HasPrefix(a.To, "lead") {
			t.Errorf("the demo wrote to %s, a real lead", a.To)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if after := checksum(t, db); after != before {
		t.Errorf("the database has changed: %s before, %s after", before, after)
	}
	var left int
	if err := db.GetContext(ctx, &left, `SELECT count(*) FROM pg_database WHERE datname = $1`, own); err != nil || left != 0 {
		t.Errorf("the demo's database %s is still there: %d, %v", own, left, err)
	}
}
