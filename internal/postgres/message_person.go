package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// CorrectMessage applies the outcome of a person's label to a message that was
// understood otherwise: what the wrong label left behind is taken back first.
// False: the message is not understood yet.
func (db *DB) CorrectMessage(ctx context.Context, o outreach.Outcome) (bool, error) {
	return db.applyOutcome(ctx, o, messageDone)
}

// AlertsDue lists messages of which a rep must be told at once and has not been,
// the oldest first.
func (db *DB) AlertsDue(ctx context.Context, limit int) ([]outreach.MessageID, error) {
	var ids []outreach.MessageID
	err := db.SelectContext(ctx, &ids, `SELECT id FROM messages WHERE alert = 'due' ORDER BY id LIMIT $1`, limit)
	return ids, err
}

// AlertTold notes that an alert is in the ledger.
func (db *DB) AlertTold(ctx context.Context, id outreach.MessageID) error {
	_, err := db.ExecContext(ctx, `UPDATE messages SET alert = 'told' WHERE id = $1 AND alert = 'due'`, id)
	return err
}

// OptOut suppresses whom a mail went to, because somebody who had that mail
// asked for it; the others of the company, when one is given, are stopped. It may
// be called any number of times.
func (db *DB) OptOut(ctx context.Context, send outreach.SendID, company, source string, at time.Time) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		var to string
		if err := tx.GetContext(ctx, &to, `SELECT to_address FROM sends WHERE id = $1`, send); err != nil {
			return fmt.Errorf("send %d: %w", send, err)
		}
		var lead outreach.LeadID
		var already bool
		if err := tx.QueryRowxContext(ctx, `
			SELECT COALESCE(s.lead_id, 0), COALESCE(l.stopped = 'unsubscribed', false) AND EXISTS (
				SELECT 1 FROM suppressions WHERE kind = 'address' AND value = $2)
			FROM sends s LEFT JOIN leads l ON l.id = s.lead_id WHERE s.id = $1`, send, outreach.AddressKey(to)).Scan(&lead, &already); err != nil || already {
			return err
		}
		entry := Suppression{Kind: "address", Value: to, Reason: string(outreach.LabelUnsubscribe), Source: source}
		act := Act{At: at, Actor: "lead", Detail: "asked for no more mail (" + source + ")"}
		others, err := lockCompany(ctx, tx, company, []outreach.LeadID{lead})
		if err != nil {
			return err
		}
		if err := suppress(ctx, tx, entry, outreach.StopUnsubscribed, act); err != nil {
			return fmt.Errorf("suppress: %w", err)
		}
		if lead == 0 {
			return nil
		}
		if err := stopLeads(ctx, tx, leadStop{
			IDs: others, Reason: outreach.StopUnsubscribed, At: at, Actor: act.Actor, Rule: ruleWholeCompany,
			Detail: "somebody at " + company + " asked for no more mail",
		}); err != nil {
			return fmt.Errorf("stop company: %w", err)
		}
		// The lead may have another address by now.
		entry.Value = ""
		if err := tx.GetContext(ctx, &entry.Value, `SELECT email FROM leads WHERE id = $1`, lead); err != nil || outreach.AddressKey(entry.Value) == outreach.AddressKey(to) {
			return err
		}
		return suppress(ctx, tx, entry, outreach.StopUnsubscribed, act)
	})
}
