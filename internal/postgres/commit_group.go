package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// sendSet is a set of sends.
type sendSet map[outreach.SendID]bool

// inboxFresh is how lately a mailbox must have been read before a follow-up
// leaves it, in machine milliseconds: an answer may be lying there.
const inboxFresh = 5 * 60 * 1000

// commitPoint moves claimed rows to committing. A row that a stop holds at this
// moment is skipped, which means no: the group never waits for one lead. The
// lateral join looks each row up by its key, however many there are of both.
const commitPoint = `
	WITH c AS MATERIALIZED (
		SELECT s.id, u.subject
		FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (id, fence, subject)
		CROSS JOIN LATERAL (
			SELECT s.id FROM sends s
			JOIN mailboxes m ON m.id = s.mailbox_id
			LEFT JOIN leads l ON l.id = s.lead_id
			WHERE s.id = u.id AND s.fence = u.fence
				AND s.state = 'claimed' AND s.lease_fence = m.lease_fence AND m.leased_until_ms > machine_ms()
				AND (s.purpose <> 'step' OR (s.not_after > $4 AND l.stopped = '' AND (l.paused_until IS NULL OR l.paused_until <= $4)
					AND NOT m.paused AND s.sequence_id <> ALL (` + pausedSequences + `) AND (s.step_index = 0 OR m.read_ms > machine_ms() - $5)))
			FOR UPDATE OF s SKIP LOCKED
		) s
		WHERE NOT ` + sendingHeld + `
	), passed AS (
		UPDATE sends s SET state = 'committing', subject = c.subject, committed_at = $4, committed_ms = machine_ms(),
			commit_seq = nextval('commit_seq')
		FROM c WHERE s.id = c.id
		RETURNING s.id
	)
	SELECT id FROM passed`

// commitGroup runs results and commit points in one transaction: results
// first, so that a mailbox's last mail is settled before its next one commits.
func (c *Committer) commitGroup(ctx context.Context, now time.Time, commits []outreach.CommitRequest, settles []outreach.Settlement) (passed, settled sendSet, err error) {
	err = c.db.commits.inTx(ctx, func(tx hotTx) (err error) {
		if settled, err = settleAll(ctx, tx, settles); err != nil {
			return fmt.Errorf("settle: %w", err)
		}
		if passed, err = commitAll(ctx, tx, now, commits); err != nil {
			return fmt.Errorf("commit point: %w", err)
		}
		return nil
	})
	return passed, settled, err
}

func commitAll(ctx context.Context, tx hotTx, now time.Time, commits []outreach.CommitRequest) (sendSet, error) {
	if len(commits) == 0 {
		return nil, nil
	}
	ids, fences, subjects := make([]int64, len(commits)), make([]int64, len(commits)), make([]string, len(commits))
	for i, c := range commits {
		ids[i], fences[i], subjects[i] = int64(c.SendID), c.Fence, c.Subject
	}
	return selectSet(ctx, tx, commitPoint, pq.Array(ids), pq.Array(fences), pq.Array(subjects), now, inboxFresh)
}

// selector is a transaction or the database.
type selector interface {
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
}

func selectSet(ctx context.Context, q selector, query string, args ...any) (sendSet, error) {
	var ids []outreach.SendID
	if err := q.SelectContext(ctx, &ids, query, args...); err != nil {
		return nil, err
	}
	return setOf(ids), nil
}

func setOf(ids []outreach.SendID) sendSet {
	set := make(sendSet, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// timeArray gives times as a Postgres array of text, which a cast reads.
func timeArray(all []time.Time) any {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.UTC().Format(time.RFC3339Nano)
	}
	return pq.Array(out)
}

func nullTimeArray(all []*time.Time) any {
	out := make([]*string, len(all))
	for i, t := range all {
		if t != nil {
			s := t.UTC().Format(time.RFC3339Nano)
			out[i] = &s
		}
	}
	return pq.Array(out)
}

// readBackGroup asks the rows what became of a group whose transaction ended in
// an error. Without an answer nothing counts as passed: no dot goes, and what
// did pass is found as unknown later.
func (db *DB) readBackGroup(ctx context.Context, commits []outreach.CommitRequest, settles []outreach.Settlement, cause error) (passed, settled sendSet, err error) {
	ids, fences := make([]int64, 0, len(commits)), make([]int64, 0, len(commits))
	for _, c := range commits {
		ids, fences = append(ids, int64(c.SendID)), append(fences, c.Fence)
	}
	const inState = `
		SELECT s.id FROM unnest($1::bigint[], $2::bigint[]) AS u (id, fence)
		JOIN sends s ON s.id = u.id AND s.fence = u.fence WHERE s.state = 'committing'`
	if passed, err = selectSet(ctx, db, inState, pq.Array(ids), pq.Array(fences)); err != nil {
		return nil, nil, cause
	}
	ids, fences = ids[:0], fences[:0]
	states := make([]string, 0, len(settles))
	for _, s := range settles {
		ids, fences, states = append(ids, int64(s.SendID)), append(fences, s.Fence), append(states, string(s.State))
	}
	if settled, err = selectSet(ctx, db, `
		SELECT s.id FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (id, fence, state)
		JOIN sends s ON s.id = u.id AND s.fence = u.fence AND s.state = u.state`,
		pq.Array(ids), pq.Array(fences), pq.Array(states)); err != nil {
		return nil, nil, cause
	}
	if len(passed) == 0 && len(settled) < len(settles) {
		return nil, nil, cause
	}
	return passed, settled, nil
}
