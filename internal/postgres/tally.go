package postgres

import (
	"context"
	"fmt"

	"drumbeat/internal/outreach"
)

// Tally counts what a run has left.
func (db *DB) Tally(ctx context.Context) (outreach.Tally, error) {
	var t outreach.Tally
	for _, count := range []struct {
		into  *int
		query string
	}{
		{&t.Enrolled, `SELECT count(*) FROM enrolments`},
		{&t.Failed, `SELECT count(*) FROM sends WHERE purpose = 'step' AND state = 'failed'`},
		{&t.Unknown, `SELECT count(DISTINCT send_id) FROM send_events WHERE to_state = 'unknown'`},
		{&t.Drafts, `SELECT count(*) FROM drafts`},
		{&t.Candidates, `SELECT count(*) FROM candidates`},
		{&t.Suppressed, `SELECT count(*) FROM suppressions`},
		{&t.Digests, `SELECT count(*) FROM sends WHERE purpose = 'digest' AND state = 'sent'`},
		{&t.Alerts, `SELECT count(*) FROM sends WHERE purpose = 'alert' AND state = 'sent'`},
	} {
		if err := db.GetContext(ctx, count.into, count.query); err != nil {
			return t, fmt.Errorf("tally: %w", err)
		}
	}
	var err error
	if t.Replies, err = tally[outreach.Label](ctx, db, `
		SELECT COALESCE(NULLIF(corrected_label, ''), label) AS word, count(*) AS count FROM messages
		WHERE state = 'done' AND lead_id IS NOT NULL AND label <> '' GROUP BY 1`); err != nil {
		return t, fmt.Errorf("tally: %w", err)
	}
	if t.Stages, err = tally[outreach.Stage](ctx, db, `SELECT stage AS word, count(*) AS count FROM leads GROUP BY 1`); err != nil {
		return t, fmt.Errorf("tally: %w", err)
	}
	return t, nil
}

// LedgerRows lists the whole ledger, for a comparison with a server's log.
func (db *DB) LedgerRows(ctx context.Context) ([]outreach.LedgerRow, error) {
	rows := []struct {
		MessageID string             `db:"message_id"`
		Purpose   outreach.Purpose   `db:"purpose"`
		State     outreach.SendState `db:"state"`
	}{}
	if err := db.SelectContext(ctx, &rows, `SELECT message_id, purpose, state FROM sends ORDER BY id`); err != nil {
		return nil, fmt.Errorf("ledger rows: %w", err)
	}
	ledger := make([]outreach.LedgerRow, len(rows))
	for i, row := range rows {
		ledger[i] = outreach.LedgerRow{RFCMessageID: row.MessageID, Purpose: row.Purpose, State: row.State}
	}
	return ledger, nil
}
