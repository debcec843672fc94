package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// answerPatience is how long a living process may wait for the answer to a dot
// before its send is unknown: RFC 5321, section 4.5.3.2.6 asks for ten minutes.
const answerPatience = 12 * time.Minute

// leasedSend is a send found through a lease that has run out.
type leasedSend struct {
	ID        int64         `db:"id"`
	ClaimID   sql.NullInt64 `db:"claim_id"` // of its claim lease; none for a notice
	State     string        `db:"state"`
	Alive     bool          `db:"alive"`      // its process has beaten lately
	LeaseHeld bool          `db:"lease_held"` // the mailbox is still leased as it was at the claim
	Overdue   bool          `db:"overdue"`    // committing longer than any answer takes
	Stopped   bool          `db:"stopped"`    // its enrolment takes no more mail
}

// Sweep looks after claims and commits whose lease has run out: those of dead
// processes go back or become unknown, those of living ones are left alone.
func (db *DB) Sweep(ctx context.Context, now time.Time) (outreach.Swept, error) {
	var swept outreach.Swept
	err := db.leases.inTx(ctx, func(tx hotTx) error {
		swept = outreach.Swept{}
		if err := endLapsed(ctx, tx); err != nil {
			return fmt.Errorf("lapsed mailboxes: %w", err)
		}
		found, err := expiredSends(ctx, tx)
		if err != nil {
			return fmt.Errorf("expired leases: %w", err)
		}
		if len(found) > 0 {
			if swept, err = moveExpired(ctx, tx.Tx, found, now); err != nil {
				return err
			}
		}
		return endLeases(ctx, tx, found)
	})
	if err != nil {
		return outreach.Swept{}, fmt.Errorf("sweep: %w", err)
	}
	return swept, nil
}

// endLapsed brings the look at claims forward whose mailbox nobody gave back: a
// dead process's mailbox must not rest until the claims of its last moment are old.
func endLapsed(ctx context.Context, tx hotTx) error {
	_, err := tx.ExecContext(ctx, `
		WITH lapsed AS MATERIALIZED (
			SELECT id FROM mailboxes WHERE leased_until_ms > 0 AND leased_until_ms < machine_ms()
		), held AS (
			SELECT l.id FROM lapsed m JOIN claim_leases l ON l.mailbox_id = m.id AND l.until_ms > (SELECT machine_ms())
			FOR UPDATE OF l SKIP LOCKED
		)
		UPDATE claim_leases l SET until_ms = 1 FROM held WHERE l.id = held.id`)
	return err
}

// expiredSends locks the open sends behind expired leases; what a group or a
// stop holds is left for the next sweep.
func expiredSends(ctx context.Context, tx hotTx) ([]leasedSend, error) {
	var found []leasedSend
	err := tx.SelectContext(ctx, &found, `
		WITH leased AS (
			SELECT s.id, l.id AS claim_id FROM `+openClaims+` WHERE l.until_ms < (SELECT machine_ms())
			UNION ALL
			SELECT o.send_id, NULL FROM outbox o WHERE o.lease_until_ms > 0 AND o.lease_until_ms < (SELECT machine_ms())
				AND (SELECT s.state FROM sends s WHERE s.id = o.send_id) IN ('claimed', 'committing')
			LIMIT 1000
		)
		SELECT s.id, leased.claim_id, s.state,
			EXISTS (SELECT 1 FROM processes p WHERE p.id = s.process_id AND p.beat_ms > machine_ms() - $1) AS alive,
			EXISTS (SELECT 1 FROM mailboxes m WHERE m.id = s.mailbox_id AND m.lease_fence = s.lease_fence
				AND m.leased_until_ms > machine_ms()) AS lease_held,
			s.committed_ms < machine_ms() - $2 AS overdue,
			COALESCE((SELECT e.state IN ('stopped', 'finished') FROM enrolments e WHERE e.id = s.enrolment_id), false) AS stopped
		FROM leased JOIN sends s ON s.id = ANY (ARRAY(SELECT id FROM leased)) AND s.id = leased.id
		ORDER BY s.id FOR UPDATE OF s SKIP LOCKED`,
		deadAfter.Milliseconds(), answerPatience.Milliseconds())
	return found, err
}

// moveExpired decides about each send and moves it.
func moveExpired(ctx context.Context, tx *sqlx.Tx, found []leasedSend, now time.Time) (outreach.Swept, error) {
	var back, lost, cancel []int64
	for _, f := range found {
		switch state := outreach.SendState(f.State); {
		case state == outreach.SendPlanned && f.Stopped:
			// One that is planned and not stopped was just given back by another sweep: it waits to be sent.
			cancel = append(cancel, f.ID)
		case state == outreach.SendClaimed && !(f.Alive && f.LeaseHeld):
			back = append(back, f.ID)
		case state == outreach.SendCommitting && (!f.Alive || f.Overdue):
			lost = append(lost, f.ID)
		}
	}
	if err := moveSends(ctx, tx, sendMove{Where: "s.id = ANY($1)", IDs: pq.Array(back), To: outreach.SendPlanned, At: now, Detail: "process dead"}); err != nil {
		return outreach.Swept{}, fmt.Errorf("give back: %w", err)
	}
	if err := moveSends(ctx, tx, sendMove{Where: "s.id = ANY($1)", IDs: pq.Array(cancel), To: outreach.SendCancelled, At: now, Detail: "lead stopped"}); err != nil {
		return outreach.Swept{}, fmt.Errorf("cancel: %w", err)
	}
	if err := markUnknown(ctx, tx, lost, now); err != nil {
		return outreach.Swept{}, fmt.Errorf("mark unknown: %w", err)
	}
	return outreach.Swept{GivenBack: len(back), Unknown: len(lost), Cancelled: len(cancel)}, nil
}

// markUnknown keeps the fence: a late answer to the dot may still settle the row.
func markUnknown(ctx context.Context, tx *sqlx.Tx, ids []int64, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		WITH lost AS (
			UPDATE sends SET state = 'unknown', settled_at = $2, unknown_reason = 'the process ended before the answer to the dot came'
			WHERE id = ANY($1) AND state = 'committing' RETURNING id, fence, process_id
		), gone AS (
			DELETE FROM outbox USING lost WHERE outbox.send_id = lost.id
		), doubted AS (
			INSERT INTO doubts (send_id, mailbox_id, since, next_look_at)
			SELECT s.id, s.mailbox_id, $2, $2 FROM lost JOIN sends s ON s.id = lost.id ON CONFLICT (send_id) DO UPDATE SET since = $2, next_look_at = $2, looked_at = NULL
		)
		INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
		SELECT id, $2, 'committing', 'unknown', fence, process_id, 'process dead' FROM lost`, pq.Array(ids), now)
	return err
}

// endLeases drops the leases of claims and notices that no open send holds any more. What a
// living process sends from a mailbox that it holds is looked at again after
// claimFor; the rest at the next sweep: another transaction had it in hand, perhaps
// a sweep that has just given it back.
func endLeases(ctx context.Context, tx hotTx, found []leasedSend) error {
	claims, notices := []int64{}, []int64{} // not nil: nothing is ANY of NULL, nor not
	for _, f := range found {
		if !f.Alive || !f.LeaseHeld {
			continue
		}
		if f.ClaimID.Valid {
			claims = append(claims, f.ClaimID.Int64)
		} else {
			notices = append(notices, f.ID)
		}
	}
	if _, err := tx.ExecContext(ctx, `
		WITH expired AS (
			SELECT l.id, EXISTS (SELECT 1 FROM `+openSends+`) AS open FROM claim_leases l
			WHERE l.until_ms < (SELECT machine_ms()) ORDER BY l.id FOR UPDATE SKIP LOCKED
		), held AS (
			UPDATE claim_leases l SET until_ms = machine_ms() + $1 FROM expired WHERE l.id = expired.id AND l.id = ANY($2)
		)
		DELETE FROM claim_leases l USING expired WHERE l.id = expired.id AND NOT l.id = ANY($2) AND NOT expired.open`,
		claimFor.Milliseconds(), pq.Array(claims)); err != nil {
		return fmt.Errorf("end claim leases: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `
		UPDATE outbox o SET lease_until_ms = CASE WHEN o.send_id = ANY($2) THEN machine_ms() + $1 ELSE 0 END
		WHERE o.lease_until_ms > 0 AND o.lease_until_ms < machine_ms()
			AND (o.send_id = ANY($2) OR (SELECT s.state FROM sends s WHERE s.id = o.send_id) NOT IN ('claimed', 'committing'))`,
		claimFor.Milliseconds(), pq.Array(notices)); err != nil {
		return fmt.Errorf("end notice leases: %w", err)
	}
	return nil
}
