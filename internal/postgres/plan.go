package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// plannerLock is the advisory lock that lets one planner plan at a time.
const plannerLock = 0x6472756d // "drum"

// bellPatience is how long a bell may go without bringing a lease before the
// next one is rung, in machine milliseconds.
const bellPatience = 3000

// dueMailboxes finds mailboxes with work that may be done now: a due notice, or
// a due step while no gap or cap keeps the mailbox waiting.
const dueMailboxes = `
	SELECT m.id FROM mailboxes m
	WHERE m.leased_until_ms < machine_ms() AND NOT ` + sendingHeld + ` AND (
		EXISTS (SELECT 1 FROM outbox o WHERE o.mailbox_id = m.id AND o.due_at <= $1 AND o.lease_until_ms = 0)
		OR (NOT m.paused AND (m.next_send_at IS NULL OR m.next_send_at <= $1) AND (
			EXISTS (SELECT 1 FROM enrolments e JOIN sequences q ON q.id = e.sequence_id AND NOT q.paused
				WHERE e.mailbox_id = m.id AND e.state = 'active' AND LEAST(e.step, 1) = 1 AND e.due_at <= $1)
			OR EXISTS (SELECT 1 FROM enrolments e JOIN sequences q ON q.id = e.sequence_id AND NOT q.paused
				WHERE e.mailbox_id = m.id AND e.state = 'active' AND LEAST(e.step, 1) = 0 AND e.due_at <= $1))))`

// PlanBells wakes enrolments whose pause has ended and gives the bells to ring:
// one for each mailbox with due work. Nil when another planner is at work.
func (db *DB) PlanBells(ctx context.Context, now time.Time) (bells []outreach.Bell, err error) {
	var mine, paused bool
	err = db.leases.inTx(ctx, func(tx hotTx) error {
		bells = nil
		lock := struct {
			Mine   bool `db:"mine"`
			Paused bool `db:"paused"` // a sequence is
		}{}
		err := tx.GetContext(ctx, &lock, `
			SELECT pg_try_advisory_xact_lock($1) AS mine, EXISTS (SELECT 1 FROM sequences WHERE paused) AS paused`, plannerLock)
		if mine, paused = lock.Mine, lock.Paused; err != nil || !mine {
			return err
		}
		if err := endPauses(ctx, tx, now); err != nil {
			return fmt.Errorf("end pauses: %w", err)
		}
		rows := []struct {
			ID    outreach.MailboxID `db:"id"`
			Epoch int64              `db:"bell_epoch"`
		}{}
		// A bell that has brought a lease has cleared bell_rung_ms; one that has not is repeated under a new epoch.
		if err := tx.SelectContext(ctx, &rows, `
			UPDATE mailboxes SET bell_epoch = bell_epoch + 1, bell_rung_ms = machine_ms()
			WHERE bell_rung_ms < machine_ms() - $2 AND id IN (`+dueMailboxes+`)
			RETURNING id, bell_epoch`, now, bellPatience); err != nil {
			return fmt.Errorf("due mailboxes: %w", err)
		}
		for _, row := range rows {
			bells = append(bells, outreach.Bell{MailboxID: row.ID, Epoch: row.Epoch})
		}
		return nil
	})
	if err == nil && mine && paused {
		err = db.restPaused(ctx, now)
	}
	return bells, err
}

// endPauses makes enrolments active whose pause is over.
func endPauses(ctx context.Context, tx hotTx, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		WITH ended AS (
			UPDATE enrolments SET state = 'active', state_reason = '', paused_until = NULL, due_at = GREATEST(due_at, $1)
			WHERE id IN (SELECT id FROM enrolments WHERE state = 'paused' AND paused_until <= $1 FOR UPDATE SKIP LOCKED)
			RETURNING id, lead_id
		)
		INSERT INTO lead_events (lead_id, enrolment_id, at, kind, reason, actor, detail)
		SELECT lead_id, id, $1, 'active', 'pause_ended', 'drumbeat', 'The pause is over; the sequence goes on.' FROM ended`, now)
	return err
}

// NextPlanned is the earliest sales time at which something stored becomes due;
// false: nothing ever will.
func (db *DB) NextPlanned(ctx context.Context) (time.Time, bool, error) {
	var next *time.Time
	// A step is due when both it and its mailbox are.
	err := db.GetContext(ctx, &next, `
		SELECT min(at) FROM (
			SELECT GREATEST(m.next_send_at, (
				SELECT min(e.due_at) FROM enrolments e JOIN sequences q ON q.id = e.sequence_id AND NOT q.paused
				WHERE e.mailbox_id = m.id AND e.state = 'active')) AS at
			FROM mailboxes m WHERE NOT m.paused AND EXISTS (
				SELECT 1 FROM enrolments e JOIN sequences q ON q.id = e.sequence_id AND NOT q.paused
				WHERE e.mailbox_id = m.id AND e.state = 'active' AND e.due_at IS NOT NULL)
			UNION ALL SELECT min(due_at) FROM outbox WHERE lease_until_ms = 0
			UNION ALL SELECT min(paused_until) FROM enrolments WHERE state = 'paused'
			UNION ALL SELECT min(GREATEST(d.due_at, l.paused_until)) FROM `+deliverable+` AND d.state = 'planned'
		) AS planned`)
	if err != nil || next == nil {
		return time.Time{}, false, err
	}
	return next.UTC(), true, nil
}

// InFlight counts what is not at rest: leased mailboxes, claims and unread mail in
// the table, and apart from them the mailboxes whose work is due and not yet begun.
func (db *DB) InFlight(ctx context.Context, now time.Time) (outreach.InFlight, error) {
	var n outreach.InFlight
	row := db.QueryRowxContext(ctx, `
		SELECT (SELECT count(*) FROM mailboxes WHERE leased_until_ms > machine_ms())
			+ (SELECT count(*) FROM `+openClaims+`)
			+ (SELECT count(*) FROM outbox WHERE lease_until_ms > 0)
			+ (SELECT count(*) FROM messages WHERE state = 'pending')
			+ (SELECT count(*) FROM messages WHERE alert = 'due')
			+ (SELECT count(*) FROM webhook_deliveries WHERE state = 'claimed'),
			(SELECT count(*) FROM (`+dueMailboxes+`) AS due)
			+ (SELECT count(*) FROM `+deliverable+` AND d.state = 'planned' AND d.due_at <= $1 AND (l.paused_until IS NULL OR l.paused_until <= $1))`, now)
	if err := row.Scan(&n.UnderWay, &n.Due); err != nil {
		return n, fmt.Errorf("in flight: %w", err)
	}
	return n, nil
}
