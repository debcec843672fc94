package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// SuppressionRow is a stored suppression.
type SuppressionRow struct {
	Kind   string    `db:"kind" json:"kind"` // address or domain
	Value  string    `db:"value" json:"value"`
	Reason string    `db:"reason" json:"reason"`
	Source string    `db:"source" json:"source"`
	At     time.Time `db:"at" json:"at"`
}

// Suppressions lists those whose value holds the words, all for an empty text,
// newest first, at most limit.
func (db *DB) Suppressions(ctx context.Context, search string, limit int) ([]SuppressionRow, error) {
	rows := []SuppressionRow{}
	err := db.SelectContext(ctx, &rows, `
		SELECT kind, value, reason, source, at FROM suppressions
		WHERE $1 = '' OR value LIKE $1 ORDER BY at DESC, value LIMIT $2`, containing(search), limit)
	if err != nil {
		return nil, fmt.Errorf("list suppressions: %w", err)
	}
	for i := range rows {
		rows[i].At = rows[i].At.UTC()
	}
	return rows, nil
}

// coveringSuppression names the suppression that covers an address; empty: none.
func (db *DB) coveringSuppression(ctx context.Context, email string) (string, error) {
	var found []string
	err := db.SelectContext(ctx, &found, `
		SELECT kind || ' (' || reason || ')' FROM suppressions
		WHERE (kind = 'address' AND value = $1) OR (kind = 'domain' AND value = ANY(host_and_above($2))) ORDER BY kind LIMIT 1`,
		outreach.AddressKey(email), outreach.Domain(email))
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}
