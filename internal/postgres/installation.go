package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// sendingHeld is true while nothing may be sent.
const sendingHeld = `EXISTS (SELECT 1 FROM installation WHERE held_at IS NOT NULL)`

// InstallationID names this database for what is kept outside it. It is made at
// the first call and never changes; a restored dump has that of its origin.
func (db *DB) InstallationID(ctx context.Context) (string, error) {
	if _, err := db.ExecContext(ctx, `INSERT INTO installation (id) VALUES ($1) ON CONFLICT (one) DO NOTHING`, rand.Text()); err != nil {
		return "", fmt.Errorf("make installation: %w", err)
	}
	var id string
	if err := db.GetContext(ctx, &id, `SELECT id FROM installation`); err != nil {
		return "", fmt.Errorf("installation: %w", err)
	}
	return id, nil
}

// Watermark tells how far the ledger has come, for a process that beats. The update
// comes with the reading so that its commit puts on disk what was read: the
// numbers of a sequence are none of a transaction's, and a crash may take back
// those that no commit has followed.
func (db *DB) Watermark(ctx context.Context, process string) (outreach.Mark, error) {
	row := markRow{}
	err := db.leases.GetContext(ctx, &row, `
		UPDATE processes SET beat_ms = machine_ms() WHERE id = $1
		RETURNING (SELECT last_value FROM commit_seq) AS seq, COALESCE((SELECT epoch FROM installation), 0) AS epoch`, process)
	if err != nil {
		return outreach.Mark{}, fmt.Errorf("mark: %w", err)
	}
	return outreach.Mark(row), nil
}

type markRow struct {
	Epoch int64 `db:"epoch"`
	Seq   int64 `db:"seq"`
}

// HoldAll stops all sending; false: it was held before, and its first reason stays.
func (db *DB) HoldAll(ctx context.Context, hold outreach.Hold) (bool, error) {
	if _, err := db.InstallationID(ctx); err != nil {
		return false, err
	}
	err := mustChange(db.ExecContext(ctx, `UPDATE installation SET held_at = $1, held_reason = $2 WHERE held_at IS NULL`, hold.Since, hold.Reason))
	if errors.Is(err, outreach.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("hold: %w", err)
	}
	return true, nil
}

// Hold tells whether all sending is held, and why.
func (db *DB) Hold(ctx context.Context) (outreach.Hold, error) {
	row := struct {
		At     *time.Time `db:"held_at"`
		Reason string     `db:"held_reason"`
	}{}
	err := db.GetContext(ctx, &row, `SELECT held_at, held_reason FROM installation`)
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.At == nil {
		return outreach.Hold{}, nil
	}
	if err != nil {
		return outreach.Hold{}, fmt.Errorf("hold: %w", err)
	}
	return outreach.Hold{Since: row.At.UTC(), Reason: row.Reason}, nil
}

// ResumeAll ends the hold. The new epoch is above every one that was seen, so that
// marks of the ledger that was lost hold nobody any more.
func (db *DB) ResumeAll(ctx context.Context, seen outreach.Mark) error {
	err := mustChange(db.ExecContext(ctx, `
		UPDATE installation SET held_at = NULL, held_reason = '', epoch = GREATEST(epoch, $1) + 1 WHERE held_at IS NOT NULL`, seen.Epoch))
	if err != nil {
		return fmt.Errorf("end the hold: %w", err)
	}
	return nil
}
