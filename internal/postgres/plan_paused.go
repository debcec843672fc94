package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// pausedRest is how long the due steps of a paused sequence are not looked at; resuming
// it makes them due at once. A large sequence that is paused would else be passed over, step by
// step, in every look for due work.
const pausedRest = 24 * time.Hour

// restAtOnce is how many follow-ups, and how many new leads, of a mailbox go to rest in one look.
const restAtOnce = 250

// restPaused puts due steps of paused sequences off. Rows that somebody holds are left
// for the next look; a resumption waits until it has seen all that rest.
func (db *DB) restPaused(ctx context.Context, now time.Time) error {
	_, err := db.leases.ExecContext(ctx, `
		WITH paused AS MATERIALIZED (
			SELECT id FROM sequences WHERE paused FOR SHARE
		), resting AS (
			SELECT e.id FROM mailboxes m CROSS JOIN unnest(ARRAY[0, 1]) AS p (part) CROSS JOIN LATERAL (
				SELECT id FROM enrolments
				WHERE mailbox_id = m.id AND state = 'active' AND LEAST(step, 1) = p.part AND due_at <= $1
					AND sequence_id = ANY (ARRAY(SELECT id FROM paused))
				LIMIT $2 FOR UPDATE SKIP LOCKED
			) e
		)
		UPDATE enrolments e SET due_at = $3, wait_reason = $4 FROM resting WHERE e.id = resting.id`,
		now, restAtOnce, now.Add(pausedRest), outreach.ReasonSequencePaused)
	if err != nil {
		return fmt.Errorf("rest paused sequences: %w", err)
	}
	return nil
}
