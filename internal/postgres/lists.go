package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// listID gives the list of that name, made when it is not there.
func listID(ctx context.Context, tx *sqlx.Tx, name string, at time.Time) (outreach.ListID, error) {
	if _, err := tx.ExecContext(ctx, `INSERT INTO lists (name, created_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`,
		name, at); err != nil {
		return 0, fmt.Errorf("make list: %w", err)
	}
	var id outreach.ListID
	err := tx.GetContext(ctx, &id, `SELECT id FROM lists WHERE name = $1`, name)
	return id, err
}

// FindList gives the list of that name; outreach.ErrNotFound when there is none.
func (db *DB) FindList(ctx context.Context, name string) (outreach.ListID, error) {
	var id outreach.ListID
	err := db.GetContext(ctx, &id, `SELECT id FROM lists WHERE name = $1`, name)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("list %q: %w", name, outreach.ErrNotFound)
	}
	return id, err
}

// ListNames gives the names of all lists.
func (db *DB) ListNames(ctx context.Context) ([]string, error) {
	var names []string
	err := db.SelectContext(ctx, &names, `SELECT name FROM lists ORDER BY name`)
	return names, err
}

// affected counts the rows that a statement changed.
func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
