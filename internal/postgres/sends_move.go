package postgres

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// The sends s of an enrolment e, and those of the enrolments $1. They are found by their
// lead: no index of the ledger stands on the enrolment alone.
const (
	ofEnrolment  = "s.lead_id = e.lead_id AND s.enrolment_id = e.id"
	ofEnrolments = "s.lead_id IN (SELECT lead_id FROM enrolments WHERE id = ANY($1)) AND s.enrolment_id = ANY($1)"
)

// sendMove moves rows of the ledger that no dialogue has committed: back to
// planned, or to cancelled. The fence rises, so whoever held the claim can no
// longer pass the commit point.
type sendMove struct {
	Where  string // a condition of this package over s, with $1
	IDs    any
	To     outreach.SendState
	At     time.Time
	Detail string
	// SkipLocked passes over rows that another transaction holds.
	SkipLocked bool
}

// movedSend is what a row held before it was moved.
type movedSend struct {
	ID         int64      `db:"id"`
	State      string     `db:"state"`
	MailboxID  string     `db:"mailbox_id"`
	SequenceID string     `db:"sequence_id"`
	To         string     `db:"to_address"`
	CapDay     *time.Time `db:"cap_day"`
	NewLeadDay *time.Time `db:"new_lead_day"`
}

// moveSends locks the rows, moves them, notes the events and gives back the
// places that they had reserved under the caps.
func moveSends(ctx context.Context, tx *sqlx.Tx, move sendMove) error {
	var rows []movedSend
	lock := " ORDER BY s.id FOR UPDATE"
	if move.SkipLocked {
		lock += " SKIP LOCKED"
	}
	if err := tx.SelectContext(ctx, &rows, `
		SELECT s.id, s.state, s.mailbox_id, s.sequence_id, s.to_address, s.cap_day, s.new_lead_day
		FROM sends s WHERE `+move.Where+lock, move.IDs); err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	if _, err := tx.ExecContext(ctx, `
		WITH moved AS (
			UPDATE sends SET state = $2, fence = fence + 1, cap_day = NULL, new_lead_day = NULL
			WHERE id = ANY($1) RETURNING id, fence, process_id
		)
		INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
		SELECT m.id, $3, f.state, $2, m.fence, m.process_id, $5
		FROM moved m JOIN unnest($1::bigint[], $4::text[]) AS f (id, state) ON f.id = m.id`,
		pq.Array(ids), move.To, move.At, pq.Array(states(rows)), move.Detail); err != nil {
		return err
	}
	if move.To == outreach.SendCancelled {
		if _, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE send_id = ANY($1)`, pq.Array(ids)); err != nil {
			return err
		}
	}
	return giveBackPlaces(ctx, tx, rows)
}

func states(rows []movedSend) []string {
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = row.State
	}
	return all
}

// giveBackPlaces returns reserved places to sequence_days and mailbox_days. The rows of the
// mailboxes are taken first, as a claim holds its own: none of the two waits for the other.
func giveBackPlaces(ctx context.Context, tx *sqlx.Tx, rows []movedSend) error {
	rows = slices.Clone(rows)
	if err := reopenMailboxes(ctx, tx, rows); err != nil {
		return err
	}
	slices.SortFunc(rows, func(a, b movedSend) int {
		return cmp.Or(cmp.Compare(a.SequenceID, b.SequenceID), cmp.Compare(a.ID, b.ID))
	})
	for _, row := range rows {
		if row.NewLeadDay != nil {
			if _, err := tx.ExecContext(ctx, `UPDATE sequence_days SET new_leads = new_leads - 1 WHERE sequence_id = $1 AND day = $2`,
				row.SequenceID, *row.NewLeadDay); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(rows, func(a, b movedSend) int {
		return cmp.Or(cmp.Compare(a.MailboxID, b.MailboxID), cmp.Compare(a.ID, b.ID))
	})
	for _, row := range rows {
		if row.CapDay != nil {
			if _, err := tx.ExecContext(ctx, `UPDATE mailbox_days SET reserved = reserved - 1 WHERE mailbox_id = $1 AND day = $2`,
				row.MailboxID, *row.CapDay); err != nil {
				return err
			}
			// There is a row only where a sequence limits its recipients' domains.
			if _, err := tx.ExecContext(ctx, `UPDATE mailbox_domain_days SET reserved = GREATEST(0, reserved - 1) WHERE mailbox_id = $1 AND day = $2 AND domain = $3`,
				row.MailboxID, *row.CapDay, outreach.Domain(row.To)); err != nil {
				return err
			}
		}
	}
	return nil
}

// reopenMailboxes opens mailboxes that had shut for the day because their cap was
// used up: with a place given back, it is not. Claims of a process that died
// would otherwise cost the rest of the day.
func reopenMailboxes(ctx context.Context, tx *sqlx.Tx, rows []movedSend) error {
	var ids []string
	for _, row := range rows {
		if row.CapDay != nil && !slices.Contains(ids, row.MailboxID) {
			ids = append(ids, row.MailboxID)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		// The row is locked whatever it says: a claim that still counts these places would shut it behind our back.
		if _, err := tx.ExecContext(ctx, `
			UPDATE mailboxes SET next_send_at = CASE WHEN wait_reason = $2 THEN NULL ELSE next_send_at END,
				wait_reason = CASE WHEN wait_reason = $2 THEN '' ELSE wait_reason END
			WHERE id = $1`, id, outreach.ReasonMailboxCap); err != nil {
			return err
		}
	}
	return nil
}
