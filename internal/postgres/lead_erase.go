package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// EraseLead deletes everything about a lead (GDPR, article 17): its sends with
// their events, its row, and with that its enrolments, messages, facts and events. What stays is one
// suppression of the bare address (article 21): without it the next import would
// bring the lead back. A mail whose final dot is under way is not called back.
func (db *DB) EraseLead(ctx context.Context, lead outreach.Lead, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		if err := suppress(ctx, tx, Suppression{Kind: "address", Value: lead.Email, Reason: "erased", Source: act.Actor},
			outreach.StopSuppressed, act); err != nil {
			return fmt.Errorf("suppress: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE leads SET referred_by = NULL WHERE referred_by = $1`, lead.ID); err != nil {
			return fmt.Errorf("unlink referrals: %w", err)
		}
		// A claim locks the lead first, so nothing can be added to the ledger behind this lock.
		if _, err := tx.ExecContext(ctx, `SELECT FROM leads WHERE id = $1 FOR UPDATE`, lead.ID); err != nil {
			return fmt.Errorf("lock lead: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `
			WITH gone AS (DELETE FROM sends WHERE lead_id = $1 RETURNING id)
			DELETE FROM send_events USING gone WHERE send_events.send_id = gone.id`, lead.ID); err != nil {
			return fmt.Errorf("erase sends: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM lead_events WHERE lead_id = $1`, lead.ID); err != nil {
			return fmt.Errorf("erase events: %w", err)
		}
		if err := mustChange(tx.ExecContext(ctx, `DELETE FROM leads WHERE id = $1`, lead.ID)); err != nil {
			return fmt.Errorf("erase lead: %w", err)
		}
		return nil
	})
}
