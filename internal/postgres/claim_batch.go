package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// This file writes the claims of a batch, each kind of row in one statement for
// all of them: a claim of a hundred costs about as much as a claim of one.

// claimRow is one due step that is to be sent.
type claimRow struct {
	due      outreach.DueStep
	decision outreach.ClaimDecision
}

// claim writes the rows as claimed, reserves their places and gives them with
// what rendering asks about them.
func (c *claimer) claim(ctx context.Context, rows []claimRow) ([]outreach.Claimed, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	claimed, err := c.writeSends(ctx, rows)
	if err != nil {
		return nil, fmt.Errorf("write sends: %w", err)
	}
	if err := c.reserve(ctx, rows); err != nil {
		return nil, fmt.Errorf("reserve places: %w", err)
	}
	if err := c.connect(ctx, rows); err != nil {
		return nil, fmt.Errorf("move stages: %w", err)
	}
	if err := c.lease(ctx, claimed); err != nil {
		return nil, fmt.Errorf("lease: %w", err)
	}
	if err := addThreads(ctx, c.tx, claimed); err != nil {
		return nil, fmt.Errorf("read threads: %w", err)
	}
	return claimed, addFrozen(ctx, c.tx, claimed)
}

// writeSends inserts the rows, or claims again those that are planned, or were
// cancelled with their step and have it back, perhaps at another place. Their leads
// are locked, so nobody else can have moved them meanwhile.
func (c *claimer) writeSends(ctx context.Context, rows []claimRow) ([]outreach.Claimed, error) {
	n := len(rows)
	keys, ids, sequences, steps, addresses := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	enrolments, leads, indexes := make([]int64, n), make([]int64, n), make([]int64, n)
	notAfter, newLeads, variants, choices := make([]time.Time, n), make([]bool, n), make([]string, n), make([]string, n)
	at := make(map[outreach.EnrolmentID]int, n)
	for i, row := range rows {
		e, d := row.due.Enrolment, row.decision
		keys[i], ids[i], sequences[i], steps[i], addresses[i] = d.DedupeKey, d.RFCMessageID, string(e.SequenceID), string(d.StepID), row.due.Lead.Email
		enrolments[i], leads[i], indexes[i] = int64(e.ID), int64(e.LeadID), int64(e.Step)
		notAfter[i], newLeads[i], variants[i], choices[i] = d.NotAfter, d.NewLead, d.Variant, d.Note
		at[e.ID] = i
	}
	written := []struct {
		ID          outreach.SendID      `db:"id"`
		EnrolmentID outreach.EnrolmentID `db:"enrolment_id"`
		Fence       int64                `db:"fence"`
		MessageID   string               `db:"message_id"`
		Attempts    int                  `db:"attempts"`
	}{}
	if err := c.tx.SelectContext(ctx, &written, `
		INSERT INTO sends AS s (purpose, dedupe_key, message_id, enrolment_id, lead_id, mailbox_id, sequence_id, step_id, step_index,
			to_address, created_at, state, process_id, lease_fence, claimed_at, not_after, cap_day, new_lead_day, variant, choice)
		SELECT 'step', u.key, u.message_id, u.enrolment, u.lead, $11, u.sequence, u.step, u.step_index,
			u.address, $12, 'claimed', $13, $14, $12, u.not_after, $15, CASE WHEN u.new_lead THEN $15::date END, u.variant, u.choice
		FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::int[], $8::text[], $9::timestamptz[], $10::boolean[],
			$16::text[], $17::text[]) AS u (key, message_id, enrolment, lead, sequence, step, step_index, address, not_after, new_lead, variant, choice)
		ON CONFLICT (dedupe_key) DO UPDATE SET state = 'claimed', fence = s.fence + 1, process_id = $13, lease_fence = $14,
			claimed_at = $12, not_after = excluded.not_after, cap_day = $15, new_lead_day = COALESCE(s.new_lead_day, excluded.new_lead_day),
			step_index = excluded.step_index
		WHERE s.state IN ('planned', 'cancelled')
		RETURNING id, enrolment_id, fence, message_id, attempts`,
		pq.Array(keys), pq.Array(ids), pq.Array(enrolments), pq.Array(leads), pq.Array(sequences), pq.Array(steps), pq.Array(indexes),
		pq.Array(addresses), timeArray(notAfter), pq.Array(newLeads),
		c.mailbox.ID, c.req.Now, c.req.Lease.Process, c.req.Lease.Fence, c.mailbox.Day.String(), pq.Array(variants), pq.Array(choices)); err != nil {
		return nil, err
	}
	if len(written) != n {
		return nil, fmt.Errorf("%d of %d rows were not planned any more", n-len(written), n)
	}
	claimed := make([]outreach.Claimed, n) // in the order in which they were decided about
	for _, w := range written {
		row := rows[at[w.EnrolmentID]]
		claimed[at[w.EnrolmentID]] = outreach.Claimed{Due: row.due, Send: outreach.Send{
			ID: w.ID, Purpose: outreach.PurposeStep, DedupeKey: row.decision.DedupeKey, RFCMessageID: w.MessageID,
			EnrolmentID: w.EnrolmentID, LeadID: row.due.Lead.ID, MailboxID: c.mailbox.ID, StepID: row.decision.StepID,
			StepIndex: row.due.Enrolment.Step, To: row.due.Lead.Email, State: outreach.SendClaimed, Fence: w.Fence,
			ClaimedAt: c.req.Now, NotAfter: row.decision.NotAfter, Attempts: w.Attempts,
		}}
	}
	return claimed, nil
}

// reserve takes places under the mailbox's cap of the day, and counts the new
// leads. A retried row that holds its places takes none.
func (c *claimer) reserve(ctx context.Context, rows []claimRow) error {
	day, places := c.mailbox.Day.String(), 0
	c.started = make(map[outreach.SequenceID]int)
	for _, row := range rows {
		if !row.due.HasPlace {
			places++
		}
		if row.decision.NewLead && !row.due.Counted {
			c.started[row.due.Enrolment.SequenceID]++
		}
	}
	if places > 0 {
		if _, err := c.tx.ExecContext(ctx, `
			INSERT INTO mailbox_days (mailbox_id, day, reserved) VALUES ($1, $2, $3)
			ON CONFLICT (mailbox_id, day) DO UPDATE SET reserved = mailbox_days.reserved + $3`, c.mailbox.ID, day, places); err != nil {
			return err
		}
	}
	if err := c.countDomains(ctx, rows); err != nil {
		return err
	}
	if c.mailbox.FirstDay != nil {
		return nil
	}
	// The ramp starts today; mail older than the day before our first cannot be an answer.
	_, err := c.tx.ExecContext(ctx, `
		UPDATE mailboxes SET first_day = $2, read_since = COALESCE(read_since, $3::timestamptz - interval '1 day') WHERE id = $1`,
		c.mailbox.ID, day, c.req.Now)
	return err
}

// countDomains takes places under the limits of recipient domains.
func (c *claimer) countDomains(ctx context.Context, rows []claimRow) error {
	places := make(map[string]int)
	for _, row := range rows {
		if row.decision.CountDomain {
			places[outreach.Domain(row.due.Lead.Email)]++
		}
	}
	for _, domain := range slices.Sorted(maps.Keys(places)) {
		if _, err := c.tx.ExecContext(ctx, `
			INSERT INTO mailbox_domain_days (mailbox_id, day, domain, reserved) VALUES ($1, $2, $3, $4)
			ON CONFLICT (mailbox_id, day, domain) DO UPDATE SET reserved = mailbox_domain_days.reserved + $4`,
			c.mailbox.ID, c.mailbox.Day.String(), domain, places[domain]); err != nil {
			return err
		}
	}
	return nil
}

// countNew takes places under the sequences' caps for new leads, last of all and
// in one order, so that mailboxes of a sequence wait for each other only briefly.
func (c *claimer) countNew(ctx context.Context, caps map[outreach.SequenceID]int) error {
	for _, id := range slices.Sorted(maps.Keys(c.started)) {
		err := mustChange(c.tx.ExecContext(ctx, `
			INSERT INTO sequence_days AS d (sequence_id, day, new_leads) VALUES ($1, $2, $3)
			ON CONFLICT (sequence_id, day) DO UPDATE SET new_leads = d.new_leads + $3 WHERE d.new_leads + $3 <= $4`,
			id, c.mailbox.Day.String(), c.started[id], caps[id]))
		if errors.Is(err, outreach.ErrNotFound) {
			return errNewLeadsTaken
		}
		if err != nil {
			return fmt.Errorf("count new leads: %w", err)
		}
	}
	return nil
}

// connect moves new leads to connecting. It happens at the claim, where the
// leads are locked anyway: at the result it would break the order of locks.
func (c *claimer) connect(ctx context.Context, rows []claimRow) error {
	var ids []outreach.LeadID
	for _, row := range rows {
		if row.decision.NewLead && row.due.Lead.Stage == outreach.StageNew {
			ids = append(ids, row.due.Lead.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := c.tx.ExecContext(ctx, `
		WITH moved AS (
			UPDATE leads SET stage = 'connecting', updated_at = $2 WHERE id = ANY($1) RETURNING id
		)
		INSERT INTO lead_events (lead_id, at, kind, reason, rule, actor, detail)
		SELECT id, $2, 'stage', 'connecting', 'first_mail', 'drumbeat', 'The first mail of a sequence is on its way.' FROM moved`,
		int64s(ids), c.req.Now)
	return err
}

// waitRow is one due step that is to be looked at again later.
type waitRow struct {
	id     outreach.EnrolmentID
	until  time.Time
	reason outreach.Reason
}

// postpone writes all waits of a batch.
func (c *claimer) postpone(ctx context.Context, rows []waitRow) error {
	if len(rows) == 0 {
		return nil
	}
	ids, untils, reasons := make([]outreach.EnrolmentID, len(rows)), make([]time.Time, len(rows)), make([]outreach.Reason, len(rows))
	for i, row := range rows {
		ids[i], untils[i], reasons[i] = row.id, row.until, row.reason
	}
	_, err := c.tx.ExecContext(ctx, `
		UPDATE enrolments e SET due_at = u.until, wait_reason = u.reason
		FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) AS u (id, until, reason) WHERE e.id = u.id AND e.id = ANY($1)`,
		int64s(ids), timeArray(untils), texts(reasons))
	return err
}

// addThreads gives each claim the mails of its enrolment that have gone, oldest
// first.
func addThreads(ctx context.Context, tx hotTx, claimed []outreach.Claimed) error {
	at := map[outreach.EnrolmentID]int{}
	var ids []outreach.EnrolmentID
	for i, claim := range claimed {
		if claim.StepIndex > 0 {
			ids, at[claim.EnrolmentID] = append(ids, claim.EnrolmentID), i
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows := []struct {
		EnrolmentID outreach.EnrolmentID `db:"enrolment_id"`
		MessageID   string               `db:"message_id"`
		Subject     string               `db:"subject"`
		StepID      outreach.StepID      `db:"step_id"`
		StepIndex   int                  `db:"step_index"`
	}{}
	if err := tx.SelectContext(ctx, &rows, `
		SELECT s.enrolment_id, s.message_id, s.subject, s.step_id, s.step_index FROM enrolments e JOIN sends s ON `+ofEnrolment+`
		WHERE e.id = ANY($1) AND s.state IN ('sent', 'assumed_sent', 'unknown') ORDER BY s.enrolment_id, s.committed_at, s.step_index`, int64s(ids)); err != nil {
		return err
	}
	for _, row := range rows {
		claim := &claimed[at[row.EnrolmentID]]
		claim.Thread = append(claim.Thread, outreach.Sent{RFCMessageID: row.MessageID, Subject: row.Subject, StepID: row.StepID, StepIndex: row.StepIndex})
	}
	return nil
}

// addFrozen gives claims that were tried before the bytes that they must go out
// with.
func addFrozen(ctx context.Context, tx hotTx, claimed []outreach.Claimed) error {
	at := map[outreach.SendID]int{}
	var ids []outreach.SendID
	for i, claim := range claimed {
		if claim.Attempts > 0 {
			ids, at[claim.ID] = append(ids, claim.ID), i
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows := []struct {
		SendID  outreach.SendID `db:"send_id"`
		Subject string          `db:"subject"`
		Raw     []byte          `db:"raw"`
		KeptAt  *time.Time      `db:"kept_at"`
	}{}
	if err := tx.SelectContext(ctx, &rows, `SELECT send_id, subject, raw, kept_at FROM send_bytes WHERE send_id = ANY($1)`, int64s(ids)); err != nil {
		return fmt.Errorf("read bytes: %w", err)
	}
	for _, row := range rows {
		claimed[at[row.SendID]].Frozen = &outreach.Frozen{Subject: row.Subject, Raw: row.Raw, Since: row.KeptAt}
	}
	return nil
}
