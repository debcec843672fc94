package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// AddNotice writes a mail that no enrolment drives to the ledger. False: its
// dedupe key is taken, the mail was written before.
func (db *DB) AddNotice(ctx context.Context, n outreach.Notice, now time.Time) (bool, error) {
	added := false
	err := db.InTx(ctx, func(tx *sqlx.Tx) (err error) {
		added, err = addNotice(ctx, tx, n, now)
		return err
	})
	return added, err
}

func addNotice(ctx context.Context, tx *sqlx.Tx, n outreach.Notice, now time.Time) (bool, error) {
	var ids []outreach.SendID
	if err := tx.SelectContext(ctx, &ids, `
		INSERT INTO sends (purpose, dedupe_key, message_id, mailbox_id, to_address, created_at, state, fence)
		VALUES ($1, $2, $3, $4, $5, $6, 'planned', 0)
		ON CONFLICT (dedupe_key) DO NOTHING RETURNING id`,
		n.Purpose, n.DedupeKey, n.RFCMessageID, n.MailboxID, n.To, now); err != nil {
		return false, fmt.Errorf("add %s: %w", n.Purpose, err)
	}
	if len(ids) == 0 {
		return false, nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO send_bytes (send_id, subject, raw) VALUES ($1, $2, $3)`,
		ids[0], n.Frozen.Subject, n.Frozen.Raw); err != nil {
		return false, fmt.Errorf("add bytes: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO outbox (send_id, mailbox_id, due_at) VALUES ($1, $2, $3)`,
		ids[0], n.MailboxID, n.DueAt); err != nil {
		return false, fmt.Errorf("add to outbox: %w", err)
	}
	return true, nil
}

// ClaimNotices claims due notices of a leased mailbox. Caps, gaps and windows do
// not bind them.
func (db *DB) ClaimNotices(ctx context.Context, lease outreach.Lease, now time.Time, limit int) ([]outreach.Claimed, error) {
	rows := []struct {
		ID        outreach.SendID `db:"id"`
		Purpose   string          `db:"purpose"`
		DedupeKey string          `db:"dedupe_key"`
		MessageID string          `db:"message_id"`
		To        string          `db:"to_address"`
		Fence     int64           `db:"fence"`
		Attempts  int             `db:"attempts"`
		Subject   string          `db:"subject"`
		Raw       []byte          `db:"raw"`
	}{}
	if err := db.leases.SelectContext(ctx, &rows, `
			WITH d AS (
				SELECT o.send_id FROM outbox o JOIN mailboxes m ON m.id = o.mailbox_id AND m.lease_fence = $4
				WHERE o.mailbox_id = $1 AND o.due_at <= $2 AND o.lease_until_ms = 0
				ORDER BY o.due_at LIMIT $3 FOR UPDATE OF o SKIP LOCKED
			), c AS (
				UPDATE sends s SET state = 'claimed', fence = s.fence + 1, process_id = $5, lease_fence = $4, claimed_at = $2
				WHERE s.id = ANY (ARRAY(SELECT send_id FROM d)) AND s.state = 'planned'
				RETURNING s.id, s.purpose, s.dedupe_key, s.message_id, s.to_address, s.fence, s.attempts
			), o AS (
				UPDATE outbox SET lease_until_ms = machine_ms() + $6 WHERE send_id = ANY (ARRAY(SELECT id FROM c))
			)
			SELECT c.*, b.subject, b.raw FROM c JOIN send_bytes b ON b.send_id = c.id ORDER BY c.id`,
		lease.MailboxID, now, limit, lease.Fence, lease.Process, claimFor.Milliseconds()); err != nil {
		return nil, fmt.Errorf("claim notices: %w", err)
	}
	claimed := make([]outreach.Claimed, 0, len(rows))
	for _, row := range rows {
		claimed = append(claimed, outreach.Claimed{
			Send: outreach.Send{
				ID: row.ID, Purpose: outreach.Purpose(row.Purpose), DedupeKey: row.DedupeKey, RFCMessageID: row.MessageID,
				MailboxID: lease.MailboxID, To: row.To, State: outreach.SendClaimed, Fence: row.Fence, ClaimedAt: now, Attempts: row.Attempts,
			},
			Frozen: &outreach.Frozen{Subject: row.Subject, Raw: row.Raw},
		})
	}
	return claimed, nil
}

// KeepBytes keeps the bytes of a mail that may have to go out again as it is. Only
// who holds the claim may: another one has rendered another mail.
func (db *DB) KeepBytes(ctx context.Context, id outreach.SendID, fence int64, f outreach.Frozen) error {
	_, err := db.ExecContext(ctx, `
		INSERT INTO send_bytes (send_id, subject, raw, kept_at)
		SELECT id, $3, $4, claimed_at FROM sends WHERE id = $1 AND fence = $2 AND state IN ('claimed', 'committing', 'unknown')
		ON CONFLICT (send_id) DO UPDATE SET subject = excluded.subject, raw = excluded.raw, kept_at = excluded.kept_at`, id, fence, f.Subject, f.Raw)
	return err
}

// NoticeState is how a notice stands, and what its server said.
func (db *DB) NoticeState(ctx context.Context, dedupeKey string) (outreach.SendState, string, error) {
	row := struct {
		State outreach.SendState `db:"state"`
		Code  int                `db:"code"`
		Text  string             `db:"text"`
	}{}
	if err := db.GetContext(ctx, &row, `SELECT state, COALESCE(smtp_code, 0) AS code, COALESCE(smtp_text, '') AS text FROM sends WHERE dedupe_key = $1`, dedupeKey); err != nil {
		return "", "", fmt.Errorf("read notice: %w", err)
	}
	if row.Code == 0 {
		return row.State, row.Text, nil
	}
	return row.State, fmt.Sprintf("%d %s", row.Code, row.Text), nil
}
