package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// Machine times of the ledger. A lease is renewed every leaseFor/3; a process
// that has not beaten for deadAfter is taken for dead.
const (
	leaseFor  = 10 * time.Second
	deadAfter = 10 * time.Second
)

// TakeMailbox leases a mailbox to a process; false: another holds it, or all
// sending is held. Claims under
// a lease that was not given back are looked at by the next sweep.
func (db *DB) TakeMailbox(ctx context.Context, id outreach.MailboxID, process string) (outreach.Lease, bool, error) {
	lease := outreach.Lease{MailboxID: id, Process: process}
	row := struct {
		Fence int64 `db:"lease_fence"`
		markRow
	}{}
	err := db.leases.GetContext(ctx, &row, `
		WITH was AS MATERIALIZED (
			SELECT leased_until_ms > 0 AS lapsed FROM mailboxes WHERE id = $1
		), took AS (
			UPDATE mailboxes SET leased_by = $2, leased_until_ms = machine_ms() + $3, lease_fence = lease_fence + 1, bell_rung_ms = 0
			WHERE id = $1 AND leased_until_ms < machine_ms() AND NOT `+sendingHeld+`
			RETURNING lease_fence
		), left_over AS (
			SELECT l.id FROM was, took, claim_leases l WHERE was.lapsed AND l.mailbox_id = $1
			FOR UPDATE OF l SKIP LOCKED
		), ended AS (
			UPDATE claim_leases l SET until_ms = 1 FROM left_over WHERE l.id = left_over.id
		)
		SELECT lease_fence, (SELECT last_value FROM commit_seq) AS seq, COALESCE((SELECT epoch FROM installation), 0) AS epoch FROM took`, id, process, leaseFor.Milliseconds())
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.Lease{}, false, nil
	}
	if err != nil {
		return outreach.Lease{}, false, fmt.Errorf("take mailbox: %w", err)
	}
	lease.Fence, lease.Ledger = row.Fence, outreach.Mark(row.markRow)
	return lease, true, nil
}

// RenewMailbox prolongs a lease; outreach.ErrLeaseLost: somebody else has it.
func (db *DB) RenewMailbox(ctx context.Context, lease outreach.Lease) error {
	err := mustChange(db.leases.ExecContext(ctx, `
		UPDATE mailboxes SET leased_until_ms = machine_ms() + $3
		WHERE id = $1 AND lease_fence = $2 AND leased_until_ms > machine_ms()`,
		lease.MailboxID, lease.Fence, leaseFor.Milliseconds()))
	if errors.Is(err, outreach.ErrNotFound) {
		return outreach.ErrLeaseLost
	}
	return err
}

// ReleaseMailbox frees the mailbox. The caller has settled what it claimed under the
// lease, or gives it back before.
func (db *DB) ReleaseMailbox(ctx context.Context, lease outreach.Lease) error {
	_, err := db.leases.ExecContext(ctx, `UPDATE mailboxes SET leased_until_ms = 0, leased_by = '' WHERE id = $1 AND lease_fence = $2`,
		lease.MailboxID, lease.Fence)
	return err
}

// GiveBackClaims takes back what was claimed under the lease and not committed.
func (db *DB) GiveBackClaims(ctx context.Context, lease outreach.Lease, now time.Time) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error { return giveBackClaims(ctx, tx, lease, now) })
}

func giveBackClaims(ctx context.Context, tx *sqlx.Tx, lease outreach.Lease, now time.Time) error {
	var sends []int64
	if err := tx.SelectContext(ctx, &sends, `
		SELECT s.id FROM claim_leases l JOIN sends s ON s.id = ANY(l.sends)
		WHERE l.mailbox_id = $1 AND l.lease_fence = $2 AND s.state = 'claimed' AND s.lease_fence = $2
		UNION ALL
		SELECT s.id FROM outbox o JOIN sends s ON s.id = o.send_id
		WHERE o.mailbox_id = $1 AND o.lease_until_ms > 0 AND s.state = 'claimed' AND s.lease_fence = $2`,
		lease.MailboxID, lease.Fence); err != nil || len(sends) == 0 {
		return err
	}
	if err := moveSends(ctx, tx, sendMove{
		Where: "s.id = ANY($1) AND s.state = 'claimed'", IDs: pq.Array(sends),
		To: outreach.SendPlanned, At: now, Detail: "given back",
	}); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE outbox SET lease_until_ms = 0 WHERE send_id = ANY($1)`, pq.Array(sends))
	return err
}

// Beat tells that a process lives.
func (db *DB) Beat(ctx context.Context, process, host string, pid int) error {
	_, err := db.leases.ExecContext(ctx, `
		INSERT INTO processes (id, host, pid, beat_ms) VALUES ($1, $2, $3, machine_ms())
		ON CONFLICT (id) DO UPDATE SET beat_ms = machine_ms()`, process, host, pid)
	return err
}

// Leave tells that a process ends in good order: it holds nothing any more.
func (db *DB) Leave(ctx context.Context, process string) error {
	_, err := db.ExecContext(ctx, `DELETE FROM processes WHERE id = $1`, process)
	return err
}

// DelayMailbox keeps a mailbox from sending anything before until: steps by the wait of
// the mailbox, notices by their own. A longer wait that stands stays, with its reason.
func (db *DB) DelayMailbox(ctx context.Context, id outreach.MailboxID, until time.Time, reason outreach.Reason) error {
	_, err := db.ExecContext(ctx, `
		WITH notices AS (
			UPDATE outbox SET due_at = $2 WHERE mailbox_id = $1 AND due_at < $2
		)
		UPDATE mailboxes SET next_send_at = $2, wait_reason = $3 WHERE id = $1 AND (next_send_at IS NULL OR next_send_at < $2)`,
		id, until, reason)
	return err
}
