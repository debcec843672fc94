package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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
			LEFT JOIN sequences q ON q.id = s.sequence_id
			WHERE s.id = u.id AND s.fence = u.fence
				AND s.state = 'claimed' AND s.lease_fence = m.lease_fence AND m.leased_until_ms > machine_ms()
				AND (s.purpose <> 'step' OR (s.not_after > $4 AND l.stopped = '' AND (l.paused_until IS NULL OR l.paused_until <= $4)
					AND NOT m.paused AND NOT q.paused AND (s.step_index = 0 OR m.read_ms > machine_ms() - $5)))
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

// settlePoint records results. The fence decides whether a late result still
// counts; unknown may become sent by it.
const settlePoint = `
	WITH r AS MATERIALIZED (
		UPDATE sends s SET came_from = s.state, state = u.state, settled_at = u.at, smtp_code = u.code, smtp_enhanced = u.enhanced,
			smtp_text = u.text, smtp_phase = u.phase, attempts = s.attempts + u.attempts,
			unknown_reason = CASE WHEN u.state = 'unknown' THEN u.text ELSE s.unknown_reason END
		FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[], $5::int[], $6::text[], $7::text[], $8::text[], $9::int[],
			$10::boolean[], $11::int[], $12::timestamptz[], $13::text[])
			AS u (id, fence, state, at, code, enhanced, text, phase, attempts, advance, step, due_at, enrolment_state)
		WHERE s.id = u.id AND s.fence = u.fence AND s.state IN ('claimed', 'committing', 'unknown')
		RETURNING s.id, s.fence, s.state, s.came_from, s.enrolment_id, s.process_id, u.at, u.text, u.advance, u.step, u.due_at, u.enrolment_state
	), e AS (
		UPDATE enrolments e SET
			last_sent_at = CASE WHEN r.state = 'sent' THEN r.at ELSE e.last_sent_at END,
			step = CASE WHEN r.advance THEN r.step ELSE e.step END,
			state = CASE WHEN r.advance AND e.state = 'active' THEN r.enrolment_state ELSE e.state END,
			wait_reason = CASE WHEN r.state = 'planned' THEN 'deferred_by_server' ELSE '' END,
			due_at = CASE WHEN e.state IN ('stopped', 'finished') THEN NULL WHEN r.advance OR r.due_at IS NOT NULL THEN r.due_at ELSE e.due_at END
		FROM r WHERE e.id = r.enrolment_id
	), o AS (
		UPDATE outbox o SET lease_until_ms = 0, due_at = COALESCE(r.due_at, o.due_at) FROM r WHERE o.send_id = r.id AND r.state = 'planned'
	), gone AS (
		DELETE FROM outbox USING r WHERE outbox.send_id = r.id AND r.state <> 'planned'
	)
	INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
	SELECT r.id, r.at, r.came_from, r.state, r.fence, r.process_id, r.text FROM r
	RETURNING send_id`

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

// settleAll locks the rows in the order of their ids, as everybody does who locks several.
func settleAll(ctx context.Context, tx hotTx, settles []outreach.Settlement) (sendSet, error) {
	if len(settles) == 0 {
		return nil, nil
	}
	slices.SortFunc(settles, func(a, b outreach.Settlement) int { return cmp.Compare(a.SendID, b.SendID) })
	n := len(settles)
	ids, fences, states, ats := make([]int64, n), make([]int64, n), make([]string, n), make([]time.Time, n)
	codes, enhanced, details, phases, attempts := make([]int64, n), make([]string, n), make([]string, n), make([]string, n), make([]int64, n)
	advance, steps, dues, enrolments := make([]bool, n), make([]int64, n), make([]*time.Time, n), make([]string, n)
	for i, s := range settles {
		ids[i], fences[i], states[i], ats[i] = int64(s.SendID), s.Fence, string(s.State), s.At
		codes[i], enhanced[i], details[i], phases[i] = int64(s.Result.Code), s.Result.Enhanced, s.Result.Text, s.Result.Phase
		attempts[i], dues[i] = int64(s.Attempts), s.RetryAt
		if s.Next != nil {
			advance[i], steps[i], dues[i], enrolments[i] = true, int64(s.Next.Step), s.Next.DueAt, string(s.Next.State)
		}
	}
	if err := noteDoubts(ctx, tx, settles); err != nil {
		return nil, err
	}
	settled, err := selectSet(ctx, tx, settlePoint, pq.Array(ids), pq.Array(fences), pq.Array(states), timeArray(ats),
		pq.Array(codes), pq.Array(enhanced), pq.Array(details), pq.Array(phases), pq.Array(attempts),
		pq.Array(advance), pq.Array(steps), nullTimeArray(dues), pq.Array(enrolments))
	if err != nil {
		return nil, err
	}
	return settled, endClaims(ctx, tx, deferred(settles))
}

// deferred are the sends that go back to planned. Their leads may have been stopped
// meanwhile: the sweeper comes and cancels those.
func deferred(settles []outreach.Settlement) (ids []int64) {
	for _, s := range settles {
		if s.State == outreach.SendPlanned {
			ids = append(ids, int64(s.SendID))
		}
	}
	return ids
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
