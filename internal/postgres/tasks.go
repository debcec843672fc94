package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// FinishTask notes that a manual step is done. A sequence that waited for it
// goes on, no earlier than its wait asks for. A second time changes nothing.
func (db *DB) FinishTask(ctx context.Context, id outreach.TaskID, act Act) (outreach.LeadID, error) {
	row := struct {
		LeadID      outreach.LeadID      `db:"lead_id"`
		EnrolmentID outreach.EnrolmentID `db:"enrolment_id"`
		Title       string               `db:"title"`
		State       string               `db:"state"`
		SkipAt      *time.Time           `db:"skip_at"`
		ResumeAt    *time.Time           `db:"resume_at"`
	}{}
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		err := tx.GetContext(ctx, &row, `
			SELECT lead_id, enrolment_id, title, state, skip_at, resume_at FROM tasks WHERE id = $1 FOR UPDATE`, id)
		if errors.Is(err, sql.ErrNoRows) {
			return outreach.ErrNotFound
		}
		if err != nil || row.State != "open" {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE tasks SET state = 'done' WHERE id = $1`, id); err != nil {
			return err
		}
		// Only while it still waits for this task: due_at has moved on otherwise. One that is held
		// or paused goes on from there later.
		if row.SkipAt != nil {
			if _, err := tx.ExecContext(ctx, `
				UPDATE enrolments SET due_at = GREATEST($3::timestamptz, $4) WHERE id = $1 AND state NOT IN ('stopped', 'finished') AND due_at = $2`,
				row.EnrolmentID, *row.SkipAt, row.ResumeAt, act.At); err != nil {
				return err
			}
		}
		return addEvent(ctx, tx, leadEvent{
			LeadID: row.LeadID, EnrolmentID: row.EnrolmentID, At: act.At, Kind: "task_done", Actor: act.Actor, Detail: row.Title,
		})
	})
	if err != nil {
		return 0, fmt.Errorf("task %d: %w", id, err)
	}
	return row.LeadID, nil
}
