package postgres

import (
	"context"
	"time"

	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// The enrolments that a claim took are leased by one row, which names their sends.
// Nothing else finds open sends, because no index stands on a state that changes
// with every mail: the row goes when the sweeper sees that all of them are settled.

// claimFor is how long a claim stands until the sweeper first looks at it.
const claimFor = 15 * time.Second

// notUnderWay holds for an enrolment e of which no send is claimed or committing.
// OFFSET 0, and LIMIT 1 below, keep the planner from turning a look by key into a
// join, which it may do the other way round while the ledger is empty.
const notUnderWay = `NOT EXISTS (
	SELECT 1 FROM sends s WHERE ` + ofEnrolment + ` AND s.step_index = e.step AND s.state IN ('claimed', 'committing') OFFSET 0)`

// openClaims are claim leases l with their sends s that still want the sweeper. A
// stop cancels what is planned; a send that was deferred or given back while the
// stop was under way is found here.
const openClaims = `claim_leases l, ` + openSends

// openSends are those of one claim lease l. A send that was given back and claimed
// under a later lease of the mailbox is the business of that claim.
const openSends = `unnest(l.sends) AS u (id) CROSS JOIN LATERAL (
	SELECT s.* FROM sends s WHERE s.id = u.id AND ((s.state IN ('claimed', 'committing') AND s.lease_fence = l.lease_fence) OR (s.state = 'planned'
		AND (SELECT e.state FROM enrolments e WHERE e.id = s.enrolment_id) IN ('stopped', 'finished'))) LIMIT 1) s`

// lease records what was claimed.
func (c *claimer) lease(ctx context.Context, claimed []outreach.Claimed) error {
	ids := make([]outreach.SendID, len(claimed))
	for i, claim := range claimed {
		ids[i] = claim.ID
	}
	_, err := c.tx.ExecContext(ctx, `INSERT INTO claim_leases (mailbox_id, lease_fence, until_ms, sends) VALUES ($1, $2, (SELECT machine_ms()) + $3, $4)`,
		c.mailbox.ID, c.req.Lease.Fence, claimFor.Milliseconds(), int64s(ids))
	return err
}

// endClaims lets the next sweep look at the claims of some sends.
func endClaims(ctx context.Context, tx hotTx, sends []int64) error {
	if len(sends) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE claim_leases l SET until_ms = 1 FROM (
			SELECT id FROM claim_leases WHERE sends && $1 ORDER BY id FOR UPDATE
		) mine WHERE l.id = mine.id`, pq.Array(sends))
	return err
}
