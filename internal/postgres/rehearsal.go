package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// Rehearsal is who gets every mail of this database's leads instead of them; empty:
// it is a real installation.
func (db *DB) Rehearsal(ctx context.Context) (string, error) {
	var to string
	err := db.GetContext(ctx, &to, `SELECT to_address FROM rehearsal`)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read rehearsal: %w", err)
	}
	return to, nil
}

// BeginRehearsal makes the database a rehearsal's, for ever. A database from which
// mail has gone to leads cannot become one: outreach.ErrInvalid.
func (db *DB) BeginRehearsal(ctx context.Context, to string, at time.Time) error {
	err := mustChange(db.ExecContext(ctx, `
		INSERT INTO rehearsal (to_address, since)
		SELECT $1, $2 WHERE EXISTS (SELECT FROM rehearsal) OR NOT EXISTS (SELECT FROM sends WHERE purpose = 'step')
		ON CONFLICT (one) DO UPDATE SET to_address = $1`, to, at))
	if errors.Is(err, outreach.ErrNotFound) {
		return fmt.Errorf("mail has gone to leads from this database: %w", outreach.ErrInvalid)
	}
	if err != nil {
		return fmt.Errorf("begin rehearsal: %w", err)
	}
	return nil
}
