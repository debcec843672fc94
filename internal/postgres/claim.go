package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// ClaimSteps decides about due steps and gives those that may be sent, their
// rows written as claimed. moved counts the decisions that changed something:
// zero means that nothing is left to do now.
func (db *DB) ClaimSteps(ctx context.Context, req outreach.ClaimRequest) (claimed []outreach.Claimed, moved int, err error) {
	err = db.claimSteps(ctx, req, false, &claimed, &moved)
	if errors.Is(err, errNewLeadsTaken) {
		err = db.claimSteps(ctx, req, true, &claimed, &moved)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("claim steps: %w", err)
	}
	return claimed, moved, nil
}

// errNewLeadsTaken tells that other mailboxes have begun with new leads since
// they were counted, and that this batch would exceed the cap of the day.
var errNewLeadsTaken = errors.New("new leads taken meanwhile")

// claimSteps is one try. The mailboxes of a sequence share its cap of new leads:
// to let them claim at the same time the count is first read without a lock and
// checked by the last statement; only when that fails is it locked from the start.
func (db *DB) claimSteps(ctx context.Context, req outreach.ClaimRequest, lockCounts bool, claimed *[]outreach.Claimed, moved *int) error {
	return db.claims.inTx(ctx, func(tx hotTx) error {
		*claimed, *moved = nil, 0
		mailbox, err := lockMailboxDay(ctx, tx, req.Lease, req.Now)
		if err != nil || mailbox.Paused || (mailbox.NextSendAt != nil && mailbox.NextSendAt.After(req.Now)) {
			return err
		}
		due, err := lockDueSteps(ctx, tx, req)
		if err != nil || len(due) == 0 {
			return err
		}
		if mailbox.NewLeads, err = countNewLeads(ctx, tx, due, mailbox.Day, lockCounts); err != nil {
			return fmt.Errorf("count new leads: %w", err)
		}
		if err := lookAround(ctx, tx, due, req.StepOf, mailbox.Day); err != nil {
			return fmt.Errorf("look around: %w", err)
		}
		if err := addHistories(ctx, tx, due, req.WantsHistory); err != nil {
			return fmt.Errorf("read histories: %w", err)
		}
		plan := req.Decide(mailbox, due)
		if len(plan.Decisions) != len(due) {
			return fmt.Errorf("%d decisions about %d due steps", len(plan.Decisions), len(due))
		}
		c := &claimer{tx: tx, req: req, mailbox: mailbox}
		if *claimed, *moved, err = c.apply(ctx, due, plan); err != nil {
			return err
		}
		return c.countNew(ctx, plan.NewLeadCaps)
	})
}

// claimer writes down what was decided about one batch.
type claimer struct {
	tx      hotTx
	req     outreach.ClaimRequest
	mailbox outreach.MailboxDay
	started map[outreach.SequenceID]int // new leads that this batch begins with
}

func (c *claimer) apply(ctx context.Context, due []outreach.DueStep, plan outreach.ClaimPlan) ([]outreach.Claimed, int, error) {
	var sends []claimRow
	var waits []waitRow
	moved := len(plan.Waits)
	for i, decision := range plan.Decisions {
		switch decision.Action {
		case outreach.ClaimNothing:
			continue
		case outreach.ClaimSend:
			sends = append(sends, claimRow{due: due[i], decision: decision})
		case outreach.ClaimWait:
			waits = append(waits, waitRow{id: due[i].Enrolment.ID, until: decision.Until, reason: decision.Reason})
		default:
			if err := c.move(ctx, due[i], decision); err != nil {
				return nil, 0, fmt.Errorf("%s: %w", decision.Action, err)
			}
		}
		moved++
	}
	if err := c.postpone(ctx, waits); err != nil {
		return nil, 0, fmt.Errorf("postpone: %w", err)
	}
	claimed, err := c.claim(ctx, sends)
	if err != nil {
		return nil, 0, fmt.Errorf("claim: %w", err)
	}
	for _, wait := range plan.Waits {
		if err := c.wait(ctx, wait); err != nil {
			return nil, 0, fmt.Errorf("wait: %w", err)
		}
	}
	return claimed, moved, nil
}

// move writes a decision that sends nothing.
func (c *claimer) move(ctx context.Context, due outreach.DueStep, d outreach.ClaimDecision) error {
	e := due.Enrolment
	switch d.Action {
	case outreach.ClaimTask:
		if err := insertTask(ctx, c.tx.Tx, d.Task, c.req.Now); err != nil {
			return err
		}
		return c.advance(ctx, e, d.Next)
	case outreach.ClaimSkip:
		// An event that was written before the condition became false is not unwritten.
		if begun, err := c.revisit(ctx, due, d); err != nil || begun {
			return err
		}
		if err := addEvent(ctx, c.tx.Tx, leadEvent{
			LeadID: e.LeadID, EnrolmentID: e.ID, At: c.req.Now, Kind: eventSkipped, Reason: string(d.Reason), Rule: string(d.StepID),
			Actor: "drumbeat", Detail: d.Note,
		}); err != nil {
			return err
		}
		return c.advance(ctx, e, d.Next)
	case outreach.ClaimWebhook:
		return c.webhook(ctx, due, d)
	case outreach.ClaimAdvance:
		return c.passUnknown(ctx, due, d.Next)
	case outreach.ClaimResend:
		return c.resend(ctx, due.Earlier.ID)
	case outreach.ClaimHold:
		return holdEnrolments(ctx, c.tx.Tx, enrolmentMove{
			LeadID: e.LeadID, IDs: []outreach.EnrolmentID{e.ID}, Reason: d.Hold, At: c.req.Now,
			Actor: "drumbeat", Rule: string(d.Reason), Detail: d.Note,
		})
	case outreach.ClaimCancel:
		return stopLeads(ctx, c.tx.Tx, leadStop{
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
			SELECT id FROM enrolments WHERE mailbox_id = $1 AND sequence_id = $2 AND LEAST(step, 1) = 0
				AND state = 'active' AND due_at <= $3
			FOR UPDATE SKIP LOCKED)`, c.mailbox.ID, w.SequenceID, c.req.Now, w.Until, w.Reason)
	return err
}

// HoldClaim gives a claimed step back and holds its enrolment: a person must
// look at it before it can go.
func (db *DB) HoldClaim(ctx context.Context, claim outreach.Claimed, reason outreach.HoldReason, note string, now time.Time) error {
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		return holdEnrolments(ctx, tx, enrolmentMove{
			LeadID: claim.LeadID, IDs: []outreach.EnrolmentID{claim.EnrolmentID}, Reason: reason, At: now,
			Actor: "drumbeat", Rule: "cannot_be_rendered", Detail: note,
		})
	})
	if err != nil {
		return fmt.Errorf("hold claim: %w", err)
	}
	return nil
}
