package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// noteDoubts lists the sends of a group that are about to become unknown. Most
// groups have none, and then it costs nothing.
func noteDoubts(ctx context.Context, tx hotTx, settles []outreach.Settlement) error {
	for _, s := range settles {
		if s.State != outreach.SendUnknown {
			continue
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO doubts AS d (send_id, mailbox_id, since, next_look_at)
			SELECT id, mailbox_id, $3, $3 FROM sends WHERE id = $1 AND fence = $2 AND state IN ('claimed', 'committing')
			ON CONFLICT (send_id) DO UPDATE SET since = $3, next_look_at = $3, looked_at = NULL`, s.SendID, s.Fence, s.At); err != nil {
			return fmt.Errorf("note doubt: %w", err)
		}
	}
	return nil
}

// countDoubts counts what is in doubt, from the list of doubts. One whose send has
// been settled since is not one any more.
func (db *DB) countDoubts(ctx context.Context, s *outreach.Status) error {
	row := struct {
		Assumed int        `db:"assumed"`
		Oldest  *time.Time `db:"oldest"`
	}{}
	err := db.GetContext(ctx, &row, `
		SELECT count(*) FILTER (WHERE s.state = 'assumed_sent') AS assumed, min(d.since) FILTER (WHERE s.state = 'unknown') AS oldest
		FROM doubts d JOIN sends s ON s.id = d.send_id`)
	s.Assumed, s.Doubtful = row.Assumed, row.Oldest
	return err
}
