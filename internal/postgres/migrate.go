package postgres

import (
	"context"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"drumbeat/migrations"
)

// The session lock is asked for every second, for as long as another process may
// reasonably migrate.
const (
	lockPeriodSeconds = 1
	lockAttempts      = 300
)

// Migrate brings the schema up to date and gives the versions it applied. Several
// processes may call it at once: one works, the others wait for it. Its own
// table, goose_db_version, keeps machine time; no page shows it.
func (db *DB) Migrate(ctx context.Context) ([]int64, error) {
	provider, err := db.migrator()
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	applied := make([]int64, 0, len(results))
	for _, result := range results {
		applied = append(applied, result.Source.Version)
	}
	return applied, nil
}

// SchemaBehind tells whether the database lacks migrations that this binary has.
func (db *DB) SchemaBehind(ctx context.Context) (bool, error) {
	provider, err := db.migrator()
	if err != nil {
		return false, err
	}
	behind, err := provider.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("read schema version: %w", err)
	}
	return behind, nil
}

func (db *DB) migrator() (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockPeriodSeconds, lockAttempts))
	if err != nil {
		return nil, fmt.Errorf("migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db.DB.DB, migrations.FS, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}
