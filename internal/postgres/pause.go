package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// Act says who did something, when in sales time, and why in their words.
type Act struct {
	At     time.Time
	Actor  string
	Detail string
}

// StopLeads stops leads for good.
func (db *DB) StopLeads(ctx context.Context, ids []outreach.LeadID, reason outreach.StopReason, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		return stopLeads(ctx, tx, leadStop{IDs: ids, Reason: reason, At: act.At, Actor: act.Actor, Detail: act.Detail})
	})
}

// PauseLeads lets no mail go to the leads before until.
func (db *DB) PauseLeads(ctx context.Context, ids []outreach.LeadID, until time.Time, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockLeads(ctx, tx, ids); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE leads SET paused_until = $2, updated_at = $3 WHERE id = ANY($1)`,
			int64s(ids), until, act.At); err != nil {
			return err
		}
		if err := moveSends(ctx, tx, sendMove{
			Where: "s.lead_id = ANY($1) AND s.state = 'claimed'", IDs: int64s(ids),
			To: outreach.SendPlanned, At: act.At, Detail: "lead paused",
		}); err != nil {
			return err
		}
		return addLeadEvents(ctx, tx, ids, leadEvent{At: act.At, Kind: "lead_paused", Actor: act.Actor, Detail: act.Detail})
	})
}

// ResumeLeads ends a pause of leads and what was held until a person has looked. A stop
// is not undone by it, and what waits for an answer to be understood waits on.
func (db *DB) ResumeLeads(ctx context.Context, ids []outreach.LeadID, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockLeads(ctx, tx, ids); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE leads SET paused_until = NULL, updated_at = $2 WHERE id = ANY($1)`,
			int64s(ids), act.At); err != nil {
			return err
		}
		// Steps that waited for the end of the pause are looked at again at once.
		if _, err := tx.ExecContext(ctx, `
			UPDATE enrolments SET due_at = $2, wait_reason = ''
			WHERE lead_id = ANY($1) AND state = 'active' AND wait_reason = $3`,
			int64s(ids), act.At, outreach.ReasonLeadPaused); err != nil {
			return err
		}
		if err := releaseSeen(ctx, tx, ids, act); err != nil {
			return fmt.Errorf("release: %w", err)
		}
		return addLeadEvents(ctx, tx, ids, leadEvent{At: act.At, Kind: "lead_resumed", Actor: act.Actor, Detail: act.Detail})
	})
}

// heldUntilSeen holds for an enrolment e that goes on when a person says so: a rep wrote to
// the lead, data were missing, or an answer could not be read, so that no correction can say
// what it means.
const heldUntilSeen = `e.state = 'held' AND (e.state_reason IN ('rep', 'needs_data') OR (e.state_reason = 'triage'
	AND EXISTS (SELECT 1 FROM messages m WHERE m.state = 'quarantined' AND e.id = ANY(m.holds))
	AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.lead_id = e.lead_id AND e.id = ANY(m.holds)
		AND (m.state = 'pending' OR m.state = 'done' AND m.corrected_label = '' AND m.handled_at IS NULL))))`

// releaseSeen lets go on what a person has looked at.
func releaseSeen(ctx context.Context, tx *sqlx.Tx, leads []outreach.LeadID, act Act) error {
	for _, lead := range slices.Sorted(slices.Values(leads)) {
		var held []outreach.EnrolmentID
		if err := tx.SelectContext(ctx, &held, `
			SELECT e.id FROM enrolments e WHERE e.lead_id = $1 AND `+heldUntilSeen+` ORDER BY e.id`, lead); err != nil {
			return err
		}
		if err := releaseEnrolments(ctx, tx, enrolmentMove{
			LeadID: lead, IDs: held, At: act.At, Actor: act.Actor, Rule: "lead_resumed", Detail: act.Detail,
		}); err != nil {
			return err
		}
	}
	return nil
}

func addLeadEvents(ctx context.Context, tx *sqlx.Tx, ids []outreach.LeadID, e leadEvent) error {
	for _, id := range ids {
		e.LeadID = id
		if err := addEvent(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// PauseMailbox takes a mailbox out of use and its claimed sends back.
func (db *DB) PauseMailbox(ctx context.Context, id outreach.MailboxID, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error { return pauseMailbox(ctx, tx, id, act) })
}

func pauseMailbox(ctx context.Context, tx *sqlx.Tx, id outreach.MailboxID, act Act) error {
	if err := mustChange(tx.ExecContext(ctx, `UPDATE mailboxes SET paused = true, paused_reason = $2 WHERE id = $1`,
		id, act.Detail)); err != nil {
		return fmt.Errorf("mailbox %q: %w", id, err)
	}
	if err := moveSends(ctx, tx, sendMove{
		Where: "s.id IN (SELECT unnest(sends) FROM claim_leases WHERE mailbox_id = $1) AND s.state = 'claimed'",
		IDs:   string(id), To: outreach.SendPlanned, At: act.At, Detail: "mailbox paused",
	}); err != nil {
		return err
	}
	return addMailboxEvent(ctx, tx, id, "paused", "", act)
}

// ResumeMailbox puts a mailbox back into use. Whoever resumes it has mended what kept it
// from its server: it is asked at once.
func (db *DB) ResumeMailbox(ctx context.Context, id outreach.MailboxID, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		if err := mustChange(tx.ExecContext(ctx, `
			UPDATE mailboxes SET paused = false, paused_reason = '',
				next_send_at = CASE WHEN wait_reason = $2 THEN NULL ELSE next_send_at END, wait_reason = CASE WHEN wait_reason = $2 THEN '' ELSE wait_reason END
			WHERE id = $1`, id, outreach.ReasonServerUnreachable)); err != nil {
			return fmt.Errorf("mailbox %q: %w", id, err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE outbox SET due_at = $2 WHERE mailbox_id = $1 AND due_at > $2`, id, act.At); err != nil {
			return fmt.Errorf("notices of %q: %w", id, err)
		}
		return addMailboxEvent(ctx, tx, id, "resumed", "", act)
	})
}

func addMailboxEvent(ctx context.Context, tx *sqlx.Tx, id outreach.MailboxID, kind, domain string, act Act) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO mailbox_events (mailbox_id, at, kind, domain, detail) VALUES ($1, $2, $3, $4, $5)`,
		id, act.At, kind, domain, act.Detail)
	return err
}

// PauseSequence stops a sequence from sending and takes its claimed sends back.
func (db *DB) PauseSequence(ctx context.Context, id outreach.SequenceID, act Act) error {
	return db.pauseSequence(ctx, id, act, "")
}

// pauseSequence pauses it if a further condition on its row holds.
func (db *DB) pauseSequence(ctx context.Context, id outreach.SequenceID, act Act, only string) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		if err := mustChange(tx.ExecContext(ctx, `UPDATE sequences SET paused = true, paused_reason = $2 WHERE id = $1 `+only,
			id, act.Detail)); err != nil {
			return fmt.Errorf("sequence %q: %w", id, err)
		}
		return moveSends(ctx, tx, sendMove{
			Where: "s.id IN (SELECT unnest(sends) FROM claim_leases) AND s.sequence_id = $1 AND s.state = 'claimed'",
			IDs:   string(id), To: outreach.SendPlanned, At: act.At, Detail: "sequence paused",
		})
	})
}

// ResumeSequence lets a sequence send again. What became due meanwhile goes out
// under the caps and gaps, follow-ups first: no flood.
func (db *DB) ResumeSequence(ctx context.Context, id outreach.SequenceID, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		if err := mustChange(tx.ExecContext(ctx, `
			UPDATE sequences SET paused = false, paused_reason = '', guarded_from = COALESCE((SELECT max(id) FROM sends), 0) WHERE id = $1`, id)); err != nil {
			return fmt.Errorf("sequence %q: %w", id, err)
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE enrolments SET due_at = $2, wait_reason = '' WHERE sequence_id = $1 AND state = 'active' AND wait_reason = $3`,
			id, act.At, outreach.ReasonSequencePaused)
		return err
	})
}

// Suppression keeps an address or a whole domain from ever being mailed.
type Suppression struct {
	Kind   string // address, or domain: with all hosts below it
	Value  string
	Reason string
	Source string
}

// Suppress stores suppressions and stops the leads that they name.
func (db *DB) Suppress(ctx context.Context, all []Suppression, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		for _, s := range all {
			if err := suppress(ctx, tx, s, outreach.StopSuppressed, act); err != nil {
				return fmt.Errorf("suppress %s: %w", s.Kind, err)
			}
		}
		return nil
	})
}

// suppress stores one suppression; the leads that it names are stopped for the
// given reason.
func suppress(ctx context.Context, tx *sqlx.Tx, s Suppression, stop outreach.StopReason, act Act) error {
	value := outreach.AddressKey(s.Value)
	covered := "email_key = $1"
	if s.Kind == "domain" {
		covered = atOrBelow("domain", "$1")
	}
	// Leads before suppressions, as a message that opts out has it.
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM leads WHERE `+covered+` ORDER BY id FOR NO KEY UPDATE`, value); err != nil {
		return fmt.Errorf("lock leads: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO suppressions (kind, value, reason, source, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (kind, value) DO NOTHING`, s.Kind, value, s.Reason, s.Source, act.At); err != nil {
		return err
	}
	// Read again: a lead that came in meanwhile is stopped too.
	var ids []outreach.LeadID
	if err := tx.SelectContext(ctx, &ids, `SELECT id FROM leads WHERE `+covered+` ORDER BY id`, value); err != nil {
		return err
	}
	if err := stopLeads(ctx, tx, leadStop{IDs: ids, Reason: stop, At: act.At, Actor: act.Actor, Detail: act.Detail}); err != nil {
		return err
	}
	if stop == outreach.StopBounced {
		return nil // a dead address says nothing about the person
	}
	_, err := tx.ExecContext(ctx, `UPDATE leads SET stage = 'do_not_contact' WHERE id = ANY($1)`, int64s(ids))
	return err
}
