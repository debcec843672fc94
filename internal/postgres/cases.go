package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// EachCorrection hands over every message whose label a person put right, oldest
// first, one at a time: a mail may be large. An error of do ends it.
func (db *DB) EachCorrection(ctx context.Context, do func(outreach.Correction) error) error {
	rows, err := db.QueryxContext(ctx, `
		SELECT id, raw, received_at, corrected_label FROM messages
		WHERE corrected_label <> '' AND state = 'done' ORDER BY id`)
	if err != nil {
		return fmt.Errorf("list corrected messages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var row struct {
			ID         outreach.MessageID `db:"id"`
			Raw        []byte             `db:"raw"`
			ReceivedAt time.Time          `db:"received_at"`
			Label      outreach.Label     `db:"corrected_label"`
		}
		if err := rows.StructScan(&row); err != nil {
			return fmt.Errorf("corrected message: %w", err)
		}
		if err := do(outreach.Correction{MessageID: row.ID, Raw: row.Raw, ReceivedAt: row.ReceivedAt, Label: row.Label}); err != nil {
			return err
		}
	}
	return rows.Err()
}
