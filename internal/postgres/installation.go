package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
)

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
