package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// ClaimSteps decides about due steps and gives those that may be sent, their
// rows written as claimed. moved counts the decisions that changed something:
// zero means that nothing is left to do now.
func (db *DB) ClaimSteps(ctx context.Context, req outreach.ClaimRequest) (claimed []outreach.Claimed, moved int, err error) {
	err = db.InTx(ctx, func(tx *sqlx.Tx) error {
		claimed, moved = nil, 0
		mailbox, err := lockMailboxDay(ctx, tx, req.Lease, req.Now)
		if err != nil || mailbox.Paused || (mailbox.NextSendAt != nil && mailbox.NextSendAt.After(req.Now)) {
			return err
		}
		due, err := lockDueSteps(ctx, tx, req)
		if err != nil || len(due) == 0 {
			return err
		}
		if mailbox.NewLeads, err = lockNewLeads(ctx, tx, due, mailbox.Day); err != nil {
			return fmt.Errorf("lock new leads: %w", err)
		}
		if err := lookAround(ctx, tx, due, mailbox.Day); err != nil {
			return fmt.Errorf("look around: %w", err)
		}
		plan := req.Decide(mailbox, due)
		if len(plan.Decisions) != len(due) {
			return fmt.Errorf("%d decisions about %d due steps", len(plan.Decisions), len(due))
		}
		claimed, moved, err = (&claimer{tx: tx, req: req, mailbox: mailbox}).apply(ctx, due, plan)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("claim steps: %w", err)
	}
	return claimed, moved, nil
}

// claimer writes down what was decided about one batch.
type claimer struct {
	tx      *sqlx.Tx
	req     outreach.ClaimRequest
	mailbox outreach.MailboxDay
}

func (c *claimer) apply(ctx context.Context, due []outreach.DueStep, plan outreach.ClaimPlan) ([]outreach.Claimed, int, error) {
	var claimed []outreach.Claimed
	moved := len(plan.Waits)
	for i, decision := range plan.Decisions {
		if decision.Action == outreach.ClaimNothing {
			continue
		}
		moved++
		if decision.Action == outreach.ClaimSend {
			claim, err := c.claim(ctx, due[i], decision)
			if err != nil {
				return nil, 0, fmt.Errorf("claim: %w", err)
			}
			claimed = append(claimed, claim)
			continue
		}
		if err := c.move(ctx, due[i], decision); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", decision.Action, err)
		}
	}
	for _, wait := range plan.Waits {
		if err := c.wait(ctx, wait); err != nil {
			return nil, 0, fmt.Errorf("wait: %w", err)
		}
	}
	return claimed, moved, nil
}

// claim writes the row of one step as claimed and reserves its places.
func (c *claimer) claim(ctx context.Context, due outreach.DueStep, d outreach.ClaimDecision) (outreach.Claimed, error) {
	send := outreach.Send{
		Purpose: outreach.PurposeStep, DedupeKey: d.DedupeKey, EnrolmentID: due.Enrolment.ID, LeadID: due.Lead.ID,
		MailboxID: c.mailbox.ID, StepID: d.StepID, StepIndex: due.Enrolment.Step, To: due.Lead.Email,
		State: outreach.SendClaimed, ClaimedAt: c.req.Now, NotAfter: d.NotAfter,
	}
	row := struct {
		ID        outreach.SendID `db:"id"`
		Fence     int64           `db:"fence"`
		MessageID string          `db:"message_id"`
		Attempts  int             `db:"attempts"`
	}{}
	var newLeadDay *string
	if day := c.mailbox.Day.String(); d.NewLead {
		newLeadDay = &day
	}
	if err := c.tx.GetContext(ctx, &row, `
		INSERT INTO sends AS s (purpose, dedupe_key, message_id, enrolment_id, lead_id, mailbox_id, sequence_id, step_id, step_index,
			to_address, created_at, state, process_id, lease_fence, claimed_at, not_after, cap_day, new_lead_day)
		VALUES ('step', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'claimed', $11, $12, $10, $13, $14, $15)
		ON CONFLICT (dedupe_key) DO UPDATE SET state = 'claimed', fence = s.fence + 1, process_id = $11, lease_fence = $12,
			claimed_at = $10, not_after = $13, cap_day = $14, new_lead_day = COALESCE(s.new_lead_day, $15::date)
		WHERE s.state = 'planned'
		RETURNING id, fence, message_id, attempts`,
		d.DedupeKey, d.RFCMessageID, due.Enrolment.ID, due.Lead.ID, c.mailbox.ID, due.Enrolment.SequenceID, d.StepID,
		due.Enrolment.Step, due.Lead.Email, c.req.Now, c.req.Lease.Process, c.req.Lease.Fence, d.NotAfter,
		c.mailbox.Day.String(), newLeadDay); err != nil {
		return outreach.Claimed{}, err
	}
	send.ID, send.Fence, send.RFCMessageID, send.Attempts = row.ID, row.Fence, row.MessageID, row.Attempts
	if err := c.reserve(ctx, due, d.NewLead); err != nil {
		return outreach.Claimed{}, err
	}
	_, err := c.tx.ExecContext(ctx, `UPDATE enrolments SET lease_until_ms = machine_ms() + $2, wait_reason = '' WHERE id = $1`,
		due.Enrolment.ID, claimFor.Milliseconds())
	if err != nil {
		return outreach.Claimed{}, err
	}
	if d.NewLead {
		if err := c.connect(ctx, due.Lead); err != nil {
			return outreach.Claimed{}, err
		}
	}
	claim := outreach.Claimed{Send: send, Due: due}
	if claim.Thread, err = sentBefore(ctx, c.tx, due.Enrolment); err != nil {
		return outreach.Claimed{}, err
	}
	claim.Frozen, err = frozen(ctx, c.tx, send.ID)
	return claim, err
}

// connect moves a new lead to connecting. It happens at the claim, where the
// lead is locked anyway: at the result it would break the order of locks.
func (c *claimer) connect(ctx context.Context, lead outreach.Lead) error {
	if lead.Stage != outreach.StageNew {
		return nil
	}
	if _, err := c.tx.ExecContext(ctx, `UPDATE leads SET stage = 'connecting', updated_at = $2 WHERE id = $1`, lead.ID, c.req.Now); err != nil {
		return err
	}
	return addEvent(ctx, c.tx, leadEvent{
		LeadID: lead.ID, At: c.req.Now, Kind: "stage", Reason: string(outreach.StageConnecting), Rule: "first_mail", Actor: "drumbeat",
		Detail: "The first mail of a sequence is on its way.",
	})
}

// reserve takes a place under the mailbox's cap of the day, and under the
// sequence's for a new lead. A retried row that still holds its places takes none.
func (c *claimer) reserve(ctx context.Context, due outreach.DueStep, newLead bool) error {
	day := c.mailbox.Day.String()
	if newLead && !due.Counted {
		if _, err := c.tx.ExecContext(ctx, `UPDATE sequence_days SET new_leads = new_leads + 1 WHERE sequence_id = $1 AND day = $2`,
			due.Enrolment.SequenceID, day); err != nil {
			return err
		}
	}
	if due.HasPlace {
		return nil
	}
	if _, err := c.tx.ExecContext(ctx, `
		INSERT INTO mailbox_days (mailbox_id, day, reserved) VALUES ($1, $2, 1)
		ON CONFLICT (mailbox_id, day) DO UPDATE SET reserved = mailbox_days.reserved + 1`, c.mailbox.ID, day); err != nil {
		return err
	}
	_, err := c.tx.ExecContext(ctx, `UPDATE mailboxes SET first_day = $2 WHERE id = $1 AND first_day IS NULL`, c.mailbox.ID, day)
	if err == nil && c.mailbox.FirstDay == nil {
		// Mail older than the day before our first cannot be an answer.
		_, err = c.tx.ExecContext(ctx, `UPDATE mailboxes SET read_since = $2::timestamptz - interval '1 day' WHERE id = $1 AND read_since IS NULL`,
			c.mailbox.ID, c.req.Now)
	}
	return err
}

// move writes a decision that sends nothing.
func (c *claimer) move(ctx context.Context, due outreach.DueStep, d outreach.ClaimDecision) error {
	e := due.Enrolment
	switch d.Action {
	case outreach.ClaimWait:
		_, err := c.tx.ExecContext(ctx, `UPDATE enrolments SET due_at = $2, wait_reason = $3 WHERE id = $1`, e.ID, d.Until, d.Reason)
		return err
	case outreach.ClaimTask:
		if err := insertTask(ctx, c.tx, d.Task, c.req.Now); err != nil {
			return err
		}
		return c.advance(ctx, e, d.Next)
	case outreach.ClaimAdvance:
		return c.passUnknown(ctx, due, d.Next)
	case outreach.ClaimHold:
		return holdEnrolments(ctx, c.tx, enrolmentMove{
			LeadID: e.LeadID, IDs: []outreach.EnrolmentID{e.ID}, Reason: d.Hold, At: c.req.Now,
			Actor: "drumbeat", Rule: string(d.Reason), Detail: d.Note,
		})
	case outreach.ClaimCancel:
		return stopLeads(ctx, c.tx, leadStop{
			IDs: []outreach.LeadID{e.LeadID}, Reason: d.Stop, At: c.req.Now, Actor: "drumbeat", Rule: string(d.Reason), Detail: d.Note,
		})
	case outreach.ClaimComplete:
		return c.advance(ctx, e, outreach.Progress{Step: e.Step, State: outreach.EnrolmentFinished})
	}
	return fmt.Errorf("%w: action %q", outreach.ErrInvalid, d.Action)
}

func (c *claimer) advance(ctx context.Context, e outreach.Enrolment, next outreach.Progress) error {
	_, err := c.tx.ExecContext(ctx, `UPDATE enrolments SET step = $2, due_at = $3, state = $4, wait_reason = '' WHERE id = $1`,
		e.ID, next.Step, next.DueAt, next.State)
	return err
}

// passUnknown goes on behind a step whose mail may or may not have gone: the
// policy takes it for sent, because a second copy is worse than a missing one.
func (c *claimer) passUnknown(ctx context.Context, due outreach.DueStep, next outreach.Progress) error {
	if _, err := c.tx.ExecContext(ctx, `
		WITH assumed AS (
			UPDATE sends SET state = 'assumed_sent', settled_at = $2, resolved_by = 'policy'
			WHERE id = $1 AND state = 'unknown' RETURNING id, fence, process_id
		)
		INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
		SELECT id, $2, 'unknown', 'assumed_sent', fence, process_id, 'policy' FROM assumed`,
		due.Earlier.ID, c.req.Now); err != nil {
		return err
	}
	return c.advance(ctx, due.Enrolment, next)
}

// wait keeps the mailbox, or all new leads of a sequence in it, waiting.
func (c *claimer) wait(ctx context.Context, w outreach.MailboxWait) error {
	if w.SequenceID == "" {
		_, err := c.tx.ExecContext(ctx, `UPDATE mailboxes SET next_send_at = $2, wait_reason = $3 WHERE id = $1`,
			c.mailbox.ID, w.Until, w.Reason)
		return err
	}
	// One update a day and sequence keeps the due scan from passing over them every second.
	_, err := c.tx.ExecContext(ctx, `
		UPDATE enrolments SET due_at = $4, wait_reason = $5 WHERE id IN (
			SELECT id FROM enrolments WHERE mailbox_id = $1 AND sequence_id = $2 AND (step = 0) = true
				AND state = 'active' AND lease_until_ms = 0 AND due_at <= $3
			FOR UPDATE SKIP LOCKED)`, c.mailbox.ID, w.SequenceID, c.req.Now, w.Until, w.Reason)
	return err
}

// HoldClaim gives a claimed step back and holds its enrolment: a person must
// look at it before it can go.
func (db *DB) HoldClaim(ctx context.Context, claim outreach.Claimed, reason outreach.HoldReason, note string, now time.Time) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		if err := holdEnrolments(ctx, tx, enrolmentMove{
			LeadID: claim.LeadID, IDs: []outreach.EnrolmentID{claim.EnrolmentID}, Reason: reason, At: now,
			Actor: "drumbeat", Rule: "cannot_be_rendered", Detail: note,
		}); err != nil {
			return fmt.Errorf("hold claim: %w", err)
		}
		// Nothing of it is under way, so there is nothing for the sweeper to find.
		_, err := tx.ExecContext(ctx, `UPDATE enrolments SET lease_until_ms = 0 WHERE id = $1`, claim.EnrolmentID)
		return err
	})
}
