package postgres

import (
	"context"
	"fmt"
	"time"
)

// This file serves `drumbeat bench`: it puts a database into a state that would
// take days to come about, and measures what it takes.

// SpreadDue makes the enrolments due one after another, in the order of their leads.
func (db *DB) SpreadDue(ctx context.Context, from time.Time, every time.Duration) error {
	_, err := db.ExecContext(ctx, `
		UPDATE enrolments e SET due_at = $1::timestamptz + (n.place - 1) * $2 * interval '1 microsecond'
		FROM (SELECT id, row_number() OVER (ORDER BY lead_id) AS place FROM enrolments) n WHERE n.id = e.id`,
		from, every.Microseconds())
	return err
}

// WakeSome makes n enrolments due at a moment, spread over all leads.
func (db *DB) WakeSome(ctx context.Context, n int, at time.Time) error {
	_, err := db.ExecContext(ctx, `
		UPDATE enrolments SET due_at = $2 WHERE id IN (
			SELECT id FROM enrolments ORDER BY hashint8(id) LIMIT $1)`, n, at)
	return err
}

// ForgetBells lets every mailbox be rung again at once.
func (db *DB) ForgetBells(ctx context.Context) error {
	_, err := db.ExecContext(ctx, `UPDATE mailboxes SET bell_rung_ms = 0`)
	return err
}

// LeadBytes is what leads and enrolments take on disk, with their indexes.
func (db *DB) LeadBytes(ctx context.Context) (int64, error) {
	var n int64
	if err := db.GetContext(ctx, &n, `SELECT pg_total_relation_size('leads') + pg_total_relation_size('enrolments')`); err != nil {
		return 0, fmt.Errorf("size: %w", err)
	}
	return n, nil
}
