package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// Standing counts the enrolments of a sequence that go on, by revision and step.
func (db *DB) Standing(ctx context.Context, id outreach.SequenceID) ([]outreach.StandingAt, error) {
	rows := []struct {
		RevisionID outreach.RevisionID `db:"revision_id"`
		Number     int                 `db:"number"`
		Step       int                 `db:"step"`
		Count      int                 `db:"count"`
		Held       int                 `db:"held"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT e.revision_id, r.number, e.step, count(*) AS count, count(*) FILTER (WHERE e.state <> 'active') AS held
		FROM enrolments e JOIN revisions r ON r.id = e.revision_id
		WHERE e.sequence_id = $1 AND e.state NOT IN ('stopped', 'finished')
		GROUP BY e.revision_id, r.number, e.step ORDER BY r.number, e.step`, id); err != nil {
		return nil, fmt.Errorf("count enrolments by step: %w", err)
	}
	all := make([]outreach.StandingAt, len(rows))
	for i, row := range rows {
		all[i] = outreach.StandingAt(row)
	}
	return all, nil
}

// MoveStanding takes enrolments from a step of one revision to a step of another,
// and gives how many. A mail of the old step that waits for another attempt is
// cancelled, and so is a webhook; a mail that is under way brings its enrolment to
// the next step of the old revision.
func (db *DB) MoveStanding(ctx context.Context, move outreach.StepMove) (int, error) {
	moved := 0
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		moved = 0
		rows := []struct {
			ID     outreach.EnrolmentID `db:"id"`
			LeadID outreach.LeadID      `db:"lead_id"`
		}{}
		if err := tx.SelectContext(ctx, &rows, `
			SELECT id, lead_id FROM enrolments e
			WHERE revision_id = $1 AND step = $2 AND `+notUnderWay+` AND state NOT IN ('stopped', 'finished') ORDER BY lead_id`,
			move.From, move.Step); err != nil || len(rows) == 0 {
			return err
		}
		leads, ids := make([]outreach.LeadID, len(rows)), make([]outreach.EnrolmentID, len(rows))
		for i, row := range rows {
			leads[i], ids[i] = row.LeadID, row.ID
		}
		if err := lockLeads(ctx, tx, leads); err != nil { // leads, sends, enrolments: the order of every stop
			return err
		}
		if err := moveSends(ctx, tx, sendMove{
			Where: ofEnrolments + " AND s.purpose = 'step' AND s.state = 'planned'", IDs: int64s(ids),
			To: outreach.SendCancelled, At: move.At, Detail: "its step is gone",
		}); err != nil {
			return fmt.Errorf("cancel sends: %w", err)
		}
		if err := dropWebhooks(ctx, tx, ids, move); err != nil {
			return fmt.Errorf("cancel webhooks: %w", err)
		}
		// Asked again under the locks: a claim or a stop may have been faster.
		var err error
		moved, err = affected(tx.ExecContext(ctx, `
			WITH moved AS (
				UPDATE enrolments e SET revision_id = $4, step = $5, due_at = COALESCE(due_at, $6),
					wait_reason = CASE WHEN wait_reason = 'sequence_paused' THEN wait_reason ELSE '' END,
					state = CASE WHEN state = 'held' AND state_reason = 'webhook' THEN 'active' ELSE state END,
					state_reason = CASE WHEN state = 'held' AND state_reason = 'webhook' THEN '' ELSE state_reason END
				WHERE id = ANY($1) AND revision_id = $2 AND step = $3 AND `+notUnderWay+` AND state NOT IN ('stopped', 'finished')
				RETURNING id, lead_id
			)
			INSERT INTO lead_events (lead_id, enrolment_id, at, kind, reason, actor, detail)
			SELECT lead_id, id, $6, 'moved', 'step_removed', $7, $8 FROM moved`,
			int64s(ids), move.From, move.Step, move.To, move.ToStep, move.At, move.Actor, move.Detail))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("move enrolments: %w", err)
	}
	return moved, nil
}

// RevisionNumbered is a revision of a sequence by its number; outreach.ErrNotFound
// when there is none.
func (db *DB) RevisionNumbered(ctx context.Context, id outreach.SequenceID, number int) (outreach.Revision, error) {
	var row []revisionRow
	if err := db.SelectContext(ctx, &row, `
		SELECT id, sequence_id, number, source, templates, sha256 FROM revisions WHERE sequence_id = $1 AND number = $2`, id, number); err != nil {
		return outreach.Revision{}, fmt.Errorf("read revision: %w", err)
	}
	if len(row) == 0 {
		return outreach.Revision{}, fmt.Errorf("revision %d of %s: %w", number, id, outreach.ErrNotFound)
	}
	return row[0].revision()
}
