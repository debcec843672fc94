package postgres

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// Desk is what pages may do: the database with sales time and a name under which
// the acts are stored.
type Desk struct {
	DB    *DB
	Clock interface{ Now() time.Time }
	Actor string
}

// forGood is as long as a pause without an end lasts.
const forGood = 100 * 365 * 24 * time.Hour

func (d Desk) act(detail string) Act { return Act{At: d.Clock.Now(), Actor: d.Actor, Detail: detail} }

// PauseLead lets no mail go to a lead until somebody resumes it.
func (d Desk) PauseLead(ctx context.Context, id outreach.LeadID) error {
	return d.DB.PauseLeads(ctx, []outreach.LeadID{id}, d.Clock.Now().Add(forGood), d.act("Paused until somebody resumes it."))
}

// ResumeLead ends a pause.
func (d Desk) ResumeLead(ctx context.Context, id outreach.LeadID) error {
	return d.DB.ResumeLeads(ctx, []outreach.LeadID{id}, d.act("Resumed."))
}

// StopLead stops a lead for good.
func (d Desk) StopLead(ctx context.Context, id outreach.LeadID) error {
	return d.DB.StopLeads(ctx, []outreach.LeadID{id}, outreach.StopByRep, d.act("Stopped for good."))
}

// HandleReply notes that somebody has dealt with a message.
func (d Desk) HandleReply(ctx context.Context, id outreach.MessageID) error {
	return d.DB.HandleReply(ctx, id, d.act("Dealt with."))
}

// Unsubscribe suppresses the lead to whom the mail with that token went. A token
// of no mail, or of one that went to no lead, changes nothing and is no error.
// That the token stands in the ledger is its proof: its second half is an HMAC.
func (d Desk) Unsubscribe(ctx context.Context, token string) error {
	sent, err := d.DB.SentByToken(ctx, []string{token})
	if err != nil {
		return err
	}
	ref, found := sent[token]
	if !found || ref.LeadID == 0 {
		return nil
	}
	return d.DB.InTx(ctx, func(tx *sqlx.Tx) error {
		var email string
		if err := tx.GetContext(ctx, &email, `SELECT email FROM leads WHERE id = $1`, ref.LeadID); err != nil {
			return err
		}
		return suppress(ctx, tx, Suppression{Kind: "address", Value: email, Reason: "unsubscribed", Source: "unsubscribe link"},
			outreach.StopUnsubscribed, d.act("Asked for no more mail on the unsubscribe page or by one click."))
	})
}
