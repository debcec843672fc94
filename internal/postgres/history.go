package postgres

import (
	"context"

	"drumbeat/internal/outreach"
)

// eventSkipped is the kind of the event of a step that a condition skipped; its
// rule is the step.
const eventSkipped = "skipped"

// addHistories gives those due steps that want it what has happened to their
// leads: the sends, tasks, webhooks and skipped steps of the enrolment, and the labels of the
// messages since it began.
func addHistories(ctx context.Context, tx hotTx, due []outreach.DueStep, wants func(outreach.DueStep) bool) error {
	at := map[outreach.EnrolmentID]*outreach.History{}
	var ids []outreach.EnrolmentID
	for i := range due {
		if wants != nil && wants(due[i]) {
			due[i].History.Steps = map[outreach.StepID]outreach.StepPast{}
			at[due[i].Enrolment.ID] = &due[i].History
			ids = append(ids, due[i].Enrolment.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows := []struct {
		EnrolmentID outreach.EnrolmentID `db:"enrolment_id"`
		StepID      outreach.StepID      `db:"step_id"`
		State       string               `db:"state"`
		Label       outreach.Label       `db:"label"`
		Variant     string               `db:"variant"`
	}{}
	if err := tx.SelectContext(ctx, &rows, `
		SELECT s.enrolment_id, s.step_id, CASE WHEN s.state IN ('sent', 'assumed_sent', 'unknown') THEN 'sent' ELSE 'failed' END AS state, '' AS label, s.variant
		FROM enrolments e JOIN sends s ON `+ofEnrolment+` WHERE e.id = ANY($1) AND s.purpose = 'step' AND s.state IN ('sent', 'assumed_sent', 'unknown', 'failed')
		UNION ALL SELECT t.enrolment_id, t.step_id, t.state, '', '' FROM tasks t WHERE t.enrolment_id = ANY($1)
		UNION ALL SELECT d.enrolment_id, d.step_id, CASE WHEN d.state = 'completed' THEN 'done' WHEN d.state IN ('skipped', 'failed') THEN d.state ELSE 'open' END, '', ''
			FROM webhook_deliveries d WHERE d.enrolment_id = ANY($1)
		UNION ALL SELECT v.enrolment_id, v.rule, 'skipped', '', '' FROM enrolments e
			JOIN lead_events v ON v.lead_id = e.lead_id AND v.enrolment_id = e.id AND v.kind = $2 WHERE e.id = ANY($1)
		UNION ALL SELECT e.id, '', '', COALESCE(NULLIF(m.corrected_label, ''), m.label), '' FROM enrolments e
			JOIN messages m ON m.lead_id = e.lead_id AND m.received_at >= e.created_at AND m.state = 'done' WHERE e.id = ANY($1)`,
		int64s(ids), eventSkipped); err != nil {
		return err
	}
	for _, row := range rows {
		history := at[row.EnrolmentID]
		if row.StepID == "" {
			history.Labels = append(history.Labels, row.Label)
			continue
		}
		history.Steps[row.StepID] = outreach.StepPast{State: outreach.StepState(row.State), Variant: row.Variant}
	}
	return nil
}
