package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// ResolveSend takes a person's word for a mail that was in doubt: it went, or it
// did not. Nothing is sent by it, and its enrolment goes on as it stands.
func (db *DB) ResolveSend(ctx context.Context, id outreach.SendID, went bool, act Act) error {
	to := outreach.SendFailed
	if went {
		to = outreach.SendSent
	}
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		err := mustChange(tx.ExecContext(ctx, `
			WITH doubted AS (
				SELECT id, state FROM sends WHERE id = $1 AND state IN ('unknown', 'assumed_sent') FOR UPDATE
			), resolved AS (
				UPDATE sends s SET state = $2, settled_at = $3, resolved_by = $4 FROM doubted d WHERE s.id = d.id
				RETURNING s.id, d.state AS from_state, s.fence
			)
			INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
			SELECT id, $3, from_state, $2, fence, '', $4 FROM resolved`, id, to, act.At, act.Actor))
		if err != nil {
			return fmt.Errorf("mail %d that is in doubt: %w", id, err)
		}
		return nil
	})
}
