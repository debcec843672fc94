package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

const (
	messagePending = "pending"
	messageDone    = "done"
)

// ApplyOutcome applies everything that follows from an understood message in one
// transaction. False: the message is no longer pending, nothing was done.
func (db *DB) ApplyOutcome(ctx context.Context, o outreach.Outcome) (bool, error) {
	return db.applyOutcome(ctx, o, messagePending)
}

// applyOutcome applies the outcome to a message in the given state.
func (db *DB) applyOutcome(ctx context.Context, o outreach.Outcome, from string) (bool, error) {
	applied := false
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		applied = false
		work, err := lockMessage(ctx, tx, o.MessageID, &o)
		if err != nil {
			return fmt.Errorf("lock: %w", err)
		}
		if work.State != from {
			return nil
		}
		if from == messageDone {
			if err := takeBackEffects(ctx, tx, o.MessageID); err != nil {
				return fmt.Errorf("take back: %w", err)
			}
		}
		applied = true
		return work.apply(ctx, tx, o)
	})
	if err != nil {
		return false, fmt.Errorf("apply outcome of message %d: %w", o.MessageID, err)
	}
	return applied, nil
}

// messageWork is a message that is being decided about, its leads and itself
// locked.
type messageWork struct {
	State     string
	MailboxID outreach.MailboxID
	Holds     []outreach.EnrolmentID // enrolments that waited for it
}

// lockMessage locks the leads that a message and its outcome are about, by id,
// and then the message.
func lockMessage(ctx context.Context, tx *sqlx.Tx, id outreach.MessageID, o *outreach.Outcome) (messageWork, error) {
	var addresses []string
	match, company := outreach.Match{}, ""
	if o != nil {
		match, company = o.Match, o.Company
		for _, address := range o.Suppress {
			addresses = append(addresses, outreach.AddressKey(address))
		}
	}
	var leads []outreach.LeadID
	if err := tx.SelectContext(ctx, &leads, `
		SELECT id FROM leads WHERE id = ANY($1)
		UNION SELECT id FROM leads WHERE email_key = ANY($2)
		UNION SELECT id FROM leads WHERE $3 <> '' AND `+atOrBelow("domain", "$3")+`
		UNION SELECT lead_id FROM messages WHERE id = $4 AND lead_id IS NOT NULL
		UNION SELECT e.lead_id FROM messages m JOIN enrolments e ON e.id = ANY(m.holds) WHERE m.id = $4`,
		int64s(matchedLeads(match)), pq.Array(addresses), company, id); err != nil {
		return messageWork{}, err
	}
	if err := lockLeads(ctx, tx, leads); err != nil {
		return messageWork{}, err
	}
	var work messageWork
	var holds pq.Int64Array
	err := tx.QueryRowxContext(ctx, `SELECT state, mailbox_id, holds FROM messages WHERE id = $1 FOR UPDATE`, id).
		Scan(&work.State, &work.MailboxID, &holds)
	if errors.Is(err, sql.ErrNoRows) {
		return work, outreach.ErrNotFound
	}
	for _, held := range holds {
		work.Holds = append(work.Holds, outreach.EnrolmentID(held))
	}
	return work, err
}

// apply goes through the parts of an outcome in the order of locks: leads,
// sends, enrolments; then everything that nobody else waits for.
func (w messageWork) apply(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	if err := completeMatch(ctx, tx, &o.Match); err != nil {
		return fmt.Errorf("find enrolment: %w", err)
	}
	steps := []struct {
		name string
		do   func(context.Context, *sqlx.Tx, outreach.Outcome) error
	}{
		{"prove sent", proveSent},
		{"suppress", storeSuppressions},
		{"move", w.move},
		{"move stage", moveStage},
		{"facts", storeFacts},
		{"objection", storeObjection},
		{"candidate", storeCandidate},
		{"draft", storeDraft},
		{"reminder", storeReminder},
		{"block", w.block},
		{"message", finishMessage},
	}
	for _, step := range steps {
		if err := step.do(ctx, tx, o); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// move stops, holds, pauses or releases.
func (w messageWork) move(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	switch o.Move {
	case outreach.MoveStop:
		if err := w.stop(ctx, tx, o); err != nil {
			return err
		}
		// What is still held is of others whom a colleague may have meant: they wait for a person.
		return w.holdForTriage(ctx, tx, w.Holds, o)
	case outreach.MoveHold:
		open, err := openEnrolments(ctx, tx, o.Match.LeadID)
		if err != nil {
			return err
		}
		return w.holdForTriage(ctx, tx, append(open, w.Holds...), o)
	case outreach.MovePause:
		return w.letGo(ctx, tx, o, &o.Until)
	}
	return w.letGo(ctx, tx, o, nil)
}

// stop ends all mail to the lead, and to the whole company when the sequence
// wants that.
func (w messageWork) stop(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	if o.Match.LeadID == 0 {
		return nil
	}
	stop := leadStop{
		IDs: []outreach.LeadID{o.Match.LeadID}, Reason: o.Stop, At: o.At, Actor: by(o),
		Rule: o.Decided.Rule, Detail: o.Decided.Act, MessageID: o.MessageID,
	}
	return stopWithCompany(ctx, tx, stop, o.Company, "somebody at "+o.Company+" has answered")
}

// heldEnrolment is an enrolment that a message holds.
type heldEnrolment struct {
	ID          outreach.EnrolmentID `db:"id"`
	LeadID      outreach.LeadID      `db:"lead_id"`
	PausedUntil *time.Time           `db:"paused_until"`
	Awaited     bool                 `db:"awaited"` // another message that nobody has understood holds it too
}

// heldFor reads those of the enrolments that are held for one of the reasons.
func heldFor(ctx context.Context, tx *sqlx.Tx, message outreach.MessageID, ids []outreach.EnrolmentID, reasons ...outreach.HoldReason) ([]heldEnrolment, error) {
	var held []heldEnrolment
	err := tx.SelectContext(ctx, &held, `
		SELECT e.id, e.lead_id, e.paused_until,
			EXISTS (SELECT 1 FROM messages m WHERE m.state = 'pending' AND m.id <> $2 AND e.id = ANY(m.holds)) AS awaited
		FROM enrolments e WHERE e.id = ANY($1) AND e.state = 'held' AND e.state_reason = ANY($3) ORDER BY e.lead_id, e.id`,
		int64s(ids), message, texts(reasons))
	return held, err
}

// letGo lets go on what the message held, at once or after a pause. What waits
// for another message as well stays held, and what paused before pauses on.
func (w messageWork) letGo(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome, until *time.Time) error {
	reasons := []outreach.HoldReason{outreach.HoldReply}
	if o.Decided.By != "" { // a person may also end what was held for a person
		reasons = append(reasons, outreach.HoldTriage)
	}
	held, err := heldFor(ctx, tx, o.MessageID, w.Holds, reasons...)
	if err != nil {
		return err
	}
	for _, e := range held {
		target := until
		if e.PausedUntil != nil && e.PausedUntil.After(o.At) && (target == nil || e.PausedUntil.After(*target)) {
			target = e.PausedUntil
		}
		if err := w.letOneGo(ctx, tx, o, e, target); err != nil {
			return err
		}
	}
	return nil
}

func (w messageWork) letOneGo(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome, e heldEnrolment, until *time.Time) error {
	move := enrolmentMove{
		LeadID: e.LeadID, IDs: []outreach.EnrolmentID{e.ID}, At: o.At, Actor: by(o),
		Rule: o.Decided.Rule, Detail: o.Decided.Act, MessageID: o.MessageID,
	}
	switch {
	case e.Awaited:
		_, err := tx.ExecContext(ctx, `UPDATE enrolments SET paused_until = $2 WHERE id = $1`, e.ID, until)
		return err
	case until != nil:
		move.Until = *until
		return pauseEnrolments(ctx, tx, move)
	}
	return releaseEnrolments(ctx, tx, move)
}

// holdForTriage keeps enrolments held until a person has decided.
func (w messageWork) holdForTriage(ctx context.Context, tx *sqlx.Tx, ids []outreach.EnrolmentID, o outreach.Outcome) error {
	var open []heldEnrolment
	if err := tx.SelectContext(ctx, &open, `
		SELECT id, lead_id, paused_until, false AS awaited FROM enrolments
		WHERE id = ANY($1) AND (state IN ('active', 'paused') OR (state = 'held' AND state_reason = 'reply'))
		ORDER BY lead_id, id`, int64s(ids)); err != nil {
		return err
	}
	byLead := make(map[outreach.LeadID][]outreach.EnrolmentID)
	for _, e := range open {
		byLead[e.LeadID] = append(byLead[e.LeadID], e.ID)
	}
	for _, lead := range slices.Sorted(maps.Keys(byLead)) {
		if err := holdEnrolments(ctx, tx, enrolmentMove{
			LeadID: lead, IDs: byLead[lead], Reason: outreach.HoldTriage, At: o.At, Actor: by(o),
			Rule: o.Decided.Rule, Detail: o.Decided.Act, MessageID: o.MessageID,
		}); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE messages SET holds = $2 WHERE id = $1 AND cardinality($2::bigint[]) > 0`, o.MessageID, int64s(uniqueIDs(ids)))
	return err
}

func uniqueIDs(ids []outreach.EnrolmentID) []outreach.EnrolmentID {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func openEnrolments(ctx context.Context, tx *sqlx.Tx, lead outreach.LeadID) ([]outreach.EnrolmentID, error) {
	var ids []outreach.EnrolmentID
	err := tx.SelectContext(ctx, &ids, `
		SELECT id FROM enrolments WHERE lead_id = $1 AND state NOT IN ('stopped', 'finished') ORDER BY id`, lead)
	return ids, err
}

// by is who decided.
func by(o outreach.Outcome) string {
	if o.Decided.By != "" {
		return o.Decided.By
	}
	return actor
}

// finishMessage writes what was understood and decided, and the event that
// `drumbeat explain` tells.
func finishMessage(ctx context.Context, tx *sqlx.Tx, o outreach.Outcome) error {
	detail, err := json.Marshal(o.Read.Detail)
	if err != nil {
		return fmt.Errorf("understanding as JSON: %w", err)
	}
	decided, err := json.Marshal(o.Decided)
	if err != nil {
		return fmt.Errorf("decision as JSON: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `
		UPDATE messages SET state = 'done', error = '', lead_id = NULLIF($2, 0::bigint), enrolment_id = NULLIF($3, 0::bigint),
			send_id = NULLIF($4, 0::bigint), match_method = $5, kind = $6, label = $7, confidence = $8, abstained = $9, secondary = $10,
			language = $11, reply_text = $12, understanding = $13, decision = $14, rep_id = $15, processed_at = $16,
			alert = CASE WHEN $17 AND alert = '' THEN 'due' ELSE alert END,
			corrected_label = CASE WHEN $18 THEN $7 ELSE corrected_label END
		WHERE id = $1`,
		o.MessageID, o.Match.LeadID, o.Match.EnrolmentID, o.Match.SendID, o.Match.Method, o.Read.Kind, o.Read.Label, o.Read.Confidence,
		o.Read.Abstained, texts(o.Read.Secondary), o.Read.Language, o.Read.Text, string(detail), string(decided), o.RepID, o.At,
		o.Alert, o.Decided.By != ""); err != nil {
		return err
	}
	if o.Match.LeadID == 0 {
		return nil
	}
	return addEvent(ctx, tx, leadEvent{
		LeadID: o.Match.LeadID, EnrolmentID: o.Match.EnrolmentID, MessageID: o.MessageID, At: o.At, Kind: "reply",
		Reason: string(o.Read.Label), Rule: o.Decided.Rule, Actor: by(o), Detail: strings.TrimSpace(o.Decided.Act + " " + o.Decided.Next),
	})
}
