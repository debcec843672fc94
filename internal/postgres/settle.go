package postgres

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// settlePoint records results. The fence decides whether a late result still
// counts; unknown may become sent by it, and what was held for that doubt goes on.
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
			state = CASE WHEN r.advance AND (e.state = 'active' OR e.state = 'held' AND e.state_reason = 'unknown') THEN r.enrolment_state ELSE e.state END,
			state_reason = CASE WHEN r.advance AND e.state = 'held' AND e.state_reason = 'unknown' THEN '' ELSE e.state_reason END,
			wait_reason = CASE WHEN r.state = 'planned' THEN 'deferred_by_server' ELSE '' END,
			due_at = CASE WHEN e.state IN ('stopped', 'finished') THEN NULL WHEN r.advance OR r.due_at IS NOT NULL THEN r.due_at ELSE e.due_at END
		FROM r WHERE e.id = r.enrolment_id
	), told AS (
		INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
		SELECT r.id, r.at, r.came_from, r.state, r.fence, r.process_id, r.text FROM r
	)
	SELECT id, state, due_at, enrolment_id IS NULL AS notice FROM r`

// noticePoint takes settled notices out of the outbox, or plans them again.
const noticePoint = `
	WITH u AS MATERIALIZED (
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS u (id, state, due_at)
	), again AS (
		UPDATE outbox o SET lease_until_ms = 0, due_at = COALESCE(u.due_at, o.due_at) FROM u WHERE o.send_id = u.id AND u.state = 'planned'
	)
	DELETE FROM outbox USING u WHERE outbox.send_id = u.id AND u.state <> 'planned'`

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
	var rows []settledRow
	if err := tx.SelectContext(ctx, &rows, settlePoint, pq.Array(ids), pq.Array(fences), pq.Array(states), timeArray(ats),
		pq.Array(codes), pq.Array(enhanced), pq.Array(details), pq.Array(phases), pq.Array(attempts),
		pq.Array(advance), pq.Array(steps), nullTimeArray(dues), pq.Array(enrolments)); err != nil {
		return nil, err
	}
	settled := make(sendSet, len(rows))
	for _, row := range rows {
		settled[row.ID] = true
	}
	if err := settleNotices(ctx, tx, rows); err != nil {
		return nil, err
	}
	return settled, endClaims(ctx, tx, deferred(settles))
}

// settledRow is a send whose result was taken.
type settledRow struct {
	ID     outreach.SendID `db:"id"`
	State  string          `db:"state"`
	DueAt  *time.Time      `db:"due_at"`
	Notice bool            `db:"notice"` // no enrolment drives it
}

func settleNotices(ctx context.Context, tx hotTx, rows []settledRow) error {
	rows = slices.DeleteFunc(rows, func(r settledRow) bool { return !r.Notice })
	if len(rows) == 0 {
		return nil
	}
	ids, states, dues := make([]int64, len(rows)), make([]string, len(rows)), make([]*time.Time, len(rows))
	for i, r := range rows {
		ids[i], states[i], dues[i] = int64(r.ID), r.State, r.DueAt
	}
	_, err := tx.ExecContext(ctx, noticePoint, pq.Array(ids), pq.Array(states), nullTimeArray(dues))
	return err
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
