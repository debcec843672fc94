package postgres

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// Webhooks lists deliveries, the last moved first.
func (db *DB) Webhooks(ctx context.Context, f outreach.WebhookFilter) ([]outreach.WebhookView, error) {
	var rows []webhookView
	if err := db.SelectContext(ctx, &rows, `
		SELECT d.id, d.event_id, d.lead_id, d.sequence_id, d.step_id, d.state, d.last_status, d.last_error, d.due_at, d.created_at, d.settled_at,
			(SELECT count(*) FROM webhook_attempts a WHERE a.delivery_id = d.id) AS attempts,
			COALESCE(NULLIF(trim(l.first_name || ' ' || l.last_name), ''), l.email) AS lead_name
		FROM webhook_deliveries d JOIN leads l ON l.id = d.lead_id
		WHERE ($1 = '' OR d.state = $1) AND ($2 = 0 OR d.lead_id = $2)
		ORDER BY COALESCE(d.settled_at, d.created_at) DESC, d.id DESC LIMIT $3`,
		f.State, f.LeadID, cmp.Or(f.Limit, defaultLimit)); err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	views := make([]outreach.WebhookView, len(rows))
	for i, row := range rows {
		views[i] = row.view()
	}
	return views, nil
}

type webhookView struct {
	ID         outreach.WebhookID    `db:"id"`
	EventID    string                `db:"event_id"`
	LeadID     outreach.LeadID       `db:"lead_id"`
	LeadName   string                `db:"lead_name"`
	SequenceID outreach.SequenceID   `db:"sequence_id"`
	StepID     outreach.StepID       `db:"step_id"`
	State      outreach.WebhookState `db:"state"`
	Attempts   int                   `db:"attempts"`
	LastStatus int                   `db:"last_status"`
	LastError  string                `db:"last_error"`
	DueAt      *time.Time            `db:"due_at"`
	CreatedAt  time.Time             `db:"created_at"`
	SettledAt  *time.Time            `db:"settled_at"`
}

func (r webhookView) view() outreach.WebhookView {
	return outreach.WebhookView{
		ID: r.ID, EventID: r.EventID, LeadID: r.LeadID, LeadName: r.LeadName, SequenceID: r.SequenceID, StepID: r.StepID, State: r.State,
		Attempts: r.Attempts, LastStatus: r.LastStatus, LastError: r.LastError, DueAt: r.DueAt, CreatedAt: r.CreatedAt, SettledAt: r.SettledAt,
	}
}

// storyWebhooks reads the deliveries of a lead.
func (db *DB) storyWebhooks(ctx context.Context, s *outreach.Story) (err error) {
	s.Webhooks, err = db.Webhooks(ctx, outreach.WebhookFilter{LeadID: s.Lead.ID})
	return err
}

// countWebhooks counts the deliveries by state.
func (db *DB) countWebhooks(ctx context.Context, c *outreach.Census) (err error) {
	c.Webhooks, err = tally[outreach.WebhookState](ctx, db, `SELECT state AS word, count(*) AS count FROM webhook_deliveries GROUP BY state`)
	return err
}
