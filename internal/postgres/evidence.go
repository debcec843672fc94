package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// proof shows of some sends that they went.
type proof struct {
	IDs    []outreach.SendID
	By     outreach.Evidence
	At     time.Time
	Detail string // a sentence for people
	// Committing takes sends along that are committing: their process is known to be dead.
	Committing bool
}

// prove settles sends that were in doubt: they are sent. An enrolment that waits
// for the answer goes on; where a stop or a hold for another reason stands, it
// stays. The sends that were settled are returned.
func prove(ctx context.Context, tx *sqlx.Tx, p proof) ([]outreach.SendID, error) {
	if len(p.IDs) == 0 {
		return nil, nil
	}
	if err := lockLeadsOf(ctx, tx, p.IDs); err != nil {
		return nil, err
	}
	var settled []outreach.SendID
	if err := tx.SelectContext(ctx, &settled, `
		WITH doubted AS MATERIALIZED (
			SELECT id, state FROM sends WHERE id = ANY($1)
				AND (state IN ('unknown', 'assumed_sent') OR (state = 'committing' AND $5))
			ORDER BY id FOR UPDATE
		), proved AS (
			UPDATE sends s SET state = 'sent', settled_at = $2, resolved_by = $3 FROM doubted d WHERE s.id = d.id
			RETURNING s.id, d.state AS from_state, s.fence, s.process_id
		)
		INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
		SELECT id, $2, from_state, 'sent', fence, process_id, $4 FROM proved
		RETURNING send_id`, int64s(p.IDs), p.At, p.By, p.Detail, p.Committing); err != nil {
		return nil, fmt.Errorf("settle: %w", err)
	}
	if err := letGoOn(ctx, tx, settled, p.At); err != nil {
		return nil, err
	}
	return settled, dropDoubts(ctx, tx, settled)
}

// lockLeadsOf takes the row locks that come first, of the leads behind sends.
func lockLeadsOf(ctx context.Context, tx *sqlx.Tx, ids []outreach.SendID) error {
	var leads []outreach.LeadID
	if err := tx.SelectContext(ctx, &leads, `SELECT DISTINCT lead_id FROM sends WHERE id = ANY($1) AND lead_id IS NOT NULL`, int64s(ids)); err != nil {
		return fmt.Errorf("leads of sends: %w", err)
	}
	if err := lockLeads(ctx, tx, leads); err != nil {
		return fmt.Errorf("lock leads: %w", err)
	}
	return nil
}

// letGoOn frees the enrolments that waited for the answer: the next claim sees what
// became of the send.
func letGoOn(ctx context.Context, tx *sqlx.Tx, ids []outreach.SendID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE enrolments e SET wait_reason = '',
			last_sent_at = CASE WHEN s.state = 'sent' THEN GREATEST(e.last_sent_at, s.committed_at) ELSE e.last_sent_at END,
			state = CASE WHEN e.state = 'held' AND e.state_reason = 'unknown' THEN 'active' ELSE e.state END,
			state_reason = CASE WHEN e.state = 'held' AND e.state_reason = 'unknown' THEN '' ELSE e.state_reason END,
			due_at = CASE WHEN e.step = s.step_index AND e.state NOT IN ('stopped', 'finished') THEN LEAST(e.due_at, $2) ELSE e.due_at END
		FROM sends s WHERE s.id = ANY($1) AND e.id = s.enrolment_id`, int64s(ids), now)
	if err != nil {
		return fmt.Errorf("let enrolments go on: %w", err)
	}
	return nil
}

// dropDoubts takes settled sends off the list of doubts, and notices out of the outbox.
func dropDoubts(ctx context.Context, tx *sqlx.Tx, ids []outreach.SendID) error {
	if len(ids) == 0 {
		return nil
	}
	for _, table := range []string{"outbox", "doubts"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE send_id = ANY($1)`, int64s(ids)); err != nil {
			return fmt.Errorf("drop from %s: %w", table, err)
		}
	}
	return nil
}

// replayBatch is how many notes share a transaction.
const replayBatch = 500

// Replay takes the notes of a dead process into the ledger: what was committing or
// in doubt under the same fence is sent. Notes of sends that the database does
// not know, or knows only from before, are counted: it has forgotten them.
func (db *DB) Replay(ctx context.Context, notes []outreach.Accepted, now time.Time) (outreach.Replayed, error) {
	var all outreach.Replayed
	for len(notes) > 0 {
		batch := notes[:min(replayBatch, len(notes))]
		notes = notes[len(batch):]
		one, err := db.replay(ctx, batch, now)
		if err != nil {
			return all, fmt.Errorf("replay the spool: %w", err)
		}
		all.Settled, all.Known, all.Ahead = all.Settled+one.Settled, all.Known+one.Known, all.Ahead+one.Ahead
	}
	return all, nil
}

func (db *DB) replay(ctx context.Context, notes []outreach.Accepted, now time.Time) (outreach.Replayed, error) {
	ids, fences, messageIDs := make([]int64, len(notes)), make([]int64, len(notes)), make([]string, len(notes))
	for i, note := range notes {
		ids[i], fences[i], messageIDs[i] = int64(note.SendID), note.Fence, note.RFCMessageID
	}
	var replayed outreach.Replayed
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		replayed = outreach.Replayed{}
		var rows []struct {
			ID    outreach.SendID `db:"id"`
			Ahead bool            `db:"ahead"`
		}
		// A row that is not there was erased with its lead, unless its number has not been given out yet.
		if err := tx.SelectContext(ctx, &rows, `
			SELECT u.id, CASE
				WHEN s.id IS NULL THEN u.id > (SELECT last_value FROM sends_id_seq)
				ELSE s.message_id <> u.message_id OR s.fence < u.fence END AS ahead
			FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (id, fence, message_id)
			LEFT JOIN sends s ON s.id = u.id
			WHERE s.id IS NULL OR s.message_id <> u.message_id OR s.fence <= u.fence`,
			pq.Array(ids), pq.Array(fences), pq.Array(messageIDs)); err != nil {
			return err
		}
		var mine []outreach.SendID
		for _, row := range rows {
			if row.Ahead {
				replayed.Ahead++
				continue
			}
			mine = append(mine, row.ID)
		}
		settled, err := prove(ctx, tx, proof{IDs: mine, By: outreach.EvidenceSpool, At: now, Committing: true,
			Detail: "the spool holds the server's answer"})
		replayed.Settled = len(settled)
		replayed.Known = len(notes) - replayed.Settled - replayed.Ahead
		return err
	})
	return replayed, err
}
