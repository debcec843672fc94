package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// This file holds what an understood message leaves behind, one function each.
// All of it carries the message's ID, so that a correction can take it back.

// proveSent settles an unknown send: a reply or a bounce that names it shows
// that it left.
func proveSent(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	if o.Proves == 0 {
		return nil
	}
	by := outreach.EvidenceReply
	if o.Read.Kind == outreach.KindBounce || o.Read.Kind == outreach.KindComplaint {
		by = outreach.EvidenceReport
	}
	_, err := prove(ctx, tx, proof{IDs: []outreach.SendID{o.Proves}, By: by, At: o.At, Detail: "a message names it"})
	return err
}

// storeSuppressions keeps addresses from ever being mailed and stops the leads
// that have them.
func storeSuppressions(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	for _, address := range o.Suppress {
		key := outreach.AddressKey(address)
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO suppressions (kind, value, reason, source, at) VALUES ('address', $1, $2, $3, $4)
			ON CONFLICT (kind, value) DO NOTHING`, key, o.Read.Label, fmt.Sprintf("message %d", o.MessageID), o.At); err != nil {
			return err
		}
		// The matched lead is stopped by the move, with its reason.
		var others []outreach.LeadID
		if err := tx.SelectContext(ctx, &others, `SELECT id FROM leads WHERE email_key = $1 AND id <> $2`, key, o.Match.LeadID); err != nil {
			return err
		}
		if err := stopLeads(ctx, tx, leadStop{
			IDs: others, Reason: o.SuppressWhy, At: o.At, Actor: by(o), Rule: o.Decided.Rule, Detail: o.Decided.Act, MessageID: o.MessageID,
		}); err != nil {
			return err
		}
	}
	return nil
}

// moveStage moves the lead to a stage and notes from where. Nobody is brought
// back from "do not contact" by a message.
func moveStage(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	if o.Match.LeadID == 0 {
		return nil
	}
	if !o.NoEnrolUntil.IsZero() {
		if _, err := tx.ExecContext(ctx, `UPDATE leads SET no_enrol_until = GREATEST(no_enrol_until, $2) WHERE id = $1`,
			o.Match.LeadID, o.NoEnrolUntil); err != nil {
			return err
		}
	}
	if o.Stage == "" {
		return nil
	}
	var from string
	if err := tx.GetContext(ctx, &from, `SELECT stage FROM leads WHERE id = $1`, o.Match.LeadID); err != nil {
		return err
	}
	if from == string(o.Stage) || (from == string(outreach.StageDoNotContact) && o.Decided.By == "") {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `UPDATE leads SET stage = $2, updated_at = $3 WHERE id = $1`, o.Match.LeadID, o.Stage, o.At); err != nil {
		return err
	}
	return addEvent(ctx, tx, leadEvent{
		LeadID: o.Match.LeadID, MessageID: o.MessageID, At: o.At, Kind: "stage", Reason: string(o.Stage),
		Rule: o.Decided.Rule, Actor: by(o), Detail: from + " -> " + string(o.Stage),
	})
}

func storeFacts(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	for _, f := range o.Facts {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO facts (lead_id, name, status, value, quote, message_id, source, confidence, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			o.Match.LeadID, f.Name, f.Status, f.Value, f.Quote, o.MessageID, f.Source, f.Confidence, o.At); err != nil {
			return err
		}
		if err := addEvent(ctx, tx, leadEvent{
			LeadID: o.Match.LeadID, MessageID: o.MessageID, At: o.At, Kind: "fact", Reason: f.Name, Rule: o.Decided.Rule, Actor: by(o),
			Detail: strings.TrimSpace(string(f.Status) + " " + f.Value),
		}); err != nil {
			return err
		}
	}
	return nil
}

func storeObjection(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	if o.Objection == "" || o.Match.LeadID == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO objections (lead_id, label, message_id, opened_at, changed_at) VALUES ($1, $2, $3, $4, $4)`,
		o.Match.LeadID, o.Objection, o.MessageID, o.At); err != nil {
		return err
	}
	return addEvent(ctx, tx, leadEvent{
		LeadID: o.Match.LeadID, MessageID: o.MessageID, At: o.At, Kind: "objection", Reason: string(o.Objection),
		Rule: o.Decided.Rule, Actor: by(o), Detail: "opened",
	})
}

func storeCandidate(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	if o.Candidate == nil || o.Match.LeadID == 0 {
		return nil
	}
	c := o.Candidate
	_, err := tx.ExecContext(ctx, `
		INSERT INTO candidates (lead_id, message_id, kind, name, email, phone, title, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (message_id, kind) DO NOTHING`,
		o.Match.LeadID, o.MessageID, c.Kind, c.Name, c.Email, c.Phone, c.Title, o.At)
	return err
}

func storeDraft(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	if o.Draft == nil || o.Match.LeadID == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO drafts (lead_id, message_id, rep_id, playbook, subject, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (message_id) DO NOTHING`, // one was sent already
		o.Match.LeadID, o.MessageID, o.RepID, o.Draft.Playbook, o.Draft.Subject, o.Draft.Body, o.At)
	return err
}

func storeReminder(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	if o.Reminder == nil || o.Match.LeadID == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO reminders (lead_id, message_id, rep_id, on_day, kind, note) VALUES ($1, $2, $3, $4, $5, $6)`,
		o.Match.LeadID, o.MessageID, o.RepID, o.Reminder.On.String(), o.Reminder.Kind, o.Reminder.Note)
	return err
}

const (
	blockWindow  = time.Hour // sales time
	blockDomains = 3         // so many domains that refuse within the window are no domain's matter any more
)

// block keeps the mailbox from writing to a domain, or stops it: when it is
// itself at fault, or when one domain after the other refuses it.
func (w messageWork) block(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	if o.Block == nil {
		return nil
	}
	act := Act{At: o.At, Actor: by(o), Detail: o.Block.Reason}
	if o.Block.Domain != "" {
		if err := pauseDomain(ctx, tx, outreach.Refusal{
			MailboxID: w.MailboxID, PauseDomain: o.Block.Domain, PauseUntil: &o.Block.Until, Detail: o.Block.Reason, At: o.At,
		}); err != nil {
			return err
		}
	}
	many, err := manyBlocks(ctx, tx, w.MailboxID, o.At)
	if err != nil || !o.Block.Whole && !many {
		return err
	}
	return pauseMailbox(ctx, tx, w.MailboxID, act)
}

// takeBackEffects removes what a message left behind, before a person's
// correction leaves something else. What a person has already acted on stays.
func takeBackEffects(ctx context.Context, tx *sqlx.Tx, id outreach.MessageID) error {
	for _, statement := range []string{
		`DELETE FROM facts WHERE message_id = $1 AND source = 'reply'`,
		`DELETE FROM objections WHERE message_id = $1 AND state = 'open'`,
		`DELETE FROM candidates WHERE message_id = $1 AND state = 'suggested'`,
		`DELETE FROM drafts WHERE message_id = $1 AND state = 'ready'`,
		`DELETE FROM reminders WHERE message_id = $1 AND state = 'open'`,
	} {
		if _, err := tx.ExecContext(ctx, statement, id); err != nil {
			return err
		}
	}
	return nil
}
