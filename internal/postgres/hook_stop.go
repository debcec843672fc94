package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// StopByHook stops the lead with an address because another program said so. The
// request's id and its effect are written in one transaction: of a thousand
// repetitions one has the effect.
func (db *DB) StopByHook(ctx context.Context, s outreach.HookStop) (outreach.HookStopped, error) {
	var stopped outreach.HookStopped
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		stopped = outreach.HookStopped{}
		first, err := noteRequest(ctx, tx, s)
		if err != nil {
			return fmt.Errorf("note request: %w", err)
		}
		if !first {
			stopped.Repeated = true
			return nil
		}
		var leads []outreach.LeadID
		if err := tx.SelectContext(ctx, &leads, `SELECT id FROM leads WHERE email_key = $1 AND stopped = ''`, outreach.AddressKey(s.Email)); err != nil {
			return err
		}
		stopped.Leads = len(leads)
		if len(leads) == 0 {
			return nil
		}
		if err := stopWithCompany(ctx, tx, leadStop{
			IDs: leads, Reason: s.Reason, At: s.At, Actor: "hook", Rule: "lead_stop_hook", Detail: s.Detail,
		}, s.Company, "somebody at "+s.Company+" has booked a meeting"); err != nil {
			return err
		}
		return advanceStage(ctx, tx, leads, s)
	})
	return stopped, err
}

// noteRequest keeps a request's id; false: it was here before. Those that nobody
// would believe any more are forgotten.
func noteRequest(ctx context.Context, tx *sqlx.Tx, s outreach.HookStop) (bool, error) {
	if _, err := tx.ExecContext(ctx, `DELETE FROM hook_requests WHERE at < $1`, s.At.Add(-s.KeepFor)); err != nil {
		return false, err
	}
	err := mustChange(tx.ExecContext(ctx, `INSERT INTO hook_requests (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, s.RequestID, s.At))
	if errors.Is(err, outreach.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// advanceStage moves leads on that had not come so far; stopLeads has locked them.
func advanceStage(ctx context.Context, tx *sqlx.Tx, ids []outreach.LeadID, s outreach.HookStop) error {
	if s.Stage == "" || len(ids) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		WITH moved AS (
			UPDATE leads SET stage = $2, updated_at = $3 WHERE id = ANY($1) AND stage IN ('new', 'connecting', 'nurture') RETURNING id
		)
		INSERT INTO lead_events (lead_id, at, kind, reason, rule, actor, detail)
		SELECT id, $3, 'stage', $2, 'lead_stop_hook', 'hook', $4 FROM moved`, int64s(ids), s.Stage, s.At, s.Detail)
	return err
}
