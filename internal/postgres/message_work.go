package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// messageTurn is for how long (machine time) a message is left to who began it.
const messageTurn = time.Minute

// messageRow is a stored message that waits to be understood.
type messageRow struct {
	ID          outreach.MessageID   `db:"id"`
	MailboxID   outreach.MailboxID   `db:"mailbox_id"`
	ReceivedAt  time.Time            `db:"received_at"`
	FromAddress string               `db:"from_address"`
	FromName    string               `db:"from_name"`
	Subject     string               `db:"subject"`
	Raw         []byte               `db:"raw"`
	Truncated   bool                 `db:"truncated"`
	Attempts    int                  `db:"attempts"`
	Method      string               `db:"match_method"`
	LeadID      outreach.LeadID      `db:"lead_id"`
	EnrolmentID outreach.EnrolmentID `db:"enrolment_id"`
	SendID      outreach.SendID      `db:"send_id"`
}

const messageColumns = `id, mailbox_id, received_at, from_address, from_name, subject, raw, truncated, attempts, match_method,
	COALESCE(lead_id, 0) AS lead_id, COALESCE(enrolment_id, 0) AS enrolment_id, COALESCE(send_id, 0) AS send_id`

func (r messageRow) message() outreach.InboxMessage {
	return outreach.InboxMessage{
		ID: r.ID, MailboxID: r.MailboxID, ReceivedAt: r.ReceivedAt.UTC(), From: outreach.Address{Name: r.FromName, Email: r.FromAddress},
		Subject: r.Subject, Raw: r.Raw, Truncated: r.Truncated, Attempts: r.Attempts,
		Match: outreach.Match{Method: outreach.MatchMethod(r.Method), LeadID: r.LeadID, EnrolmentID: r.EnrolmentID, SendID: r.SendID},
	}
}

// BeginMessage takes a pending message for a minute and counts the attempt
// before the work begins, so that a message that kills its process is counted
// too. outreach.ErrNotFound: it is done, or somebody else is at it.
func (db *DB) BeginMessage(ctx context.Context, id outreach.MessageID) (outreach.InboxMessage, error) {
	var row messageRow
	err := db.GetContext(ctx, &row, `
		UPDATE messages SET attempts = attempts + 1, retry_ms = machine_ms() + $2
		WHERE id = $1 AND state = 'pending' AND retry_ms <= machine_ms()
		RETURNING `+messageColumns, id, messageTurn.Milliseconds())
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.InboxMessage{}, fmt.Errorf("message %d: %w", id, outreach.ErrNotFound)
	}
	return row.message(), err
}

// Message is a stored message in whatever state.
func (db *DB) Message(ctx context.Context, id outreach.MessageID) (outreach.InboxMessage, error) {
	var row messageRow
	err := db.GetContext(ctx, &row, `SELECT `+messageColumns+` FROM messages WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.InboxMessage{}, fmt.Errorf("message %d: %w", id, outreach.ErrNotFound)
	}
	return row.message(), err
}

// PendingMessages lists messages that nobody is at, the oldest first.
func (db *DB) PendingMessages(ctx context.Context, limit int) ([]outreach.MessageID, error) {
	var ids []outreach.MessageID
	err := db.SelectContext(ctx, &ids, `
		SELECT id FROM messages WHERE state = 'pending' AND retry_ms <= machine_ms() ORDER BY id LIMIT $1`, limit)
	return ids, err
}

// RetryMessage notes why an attempt came to nothing; the next one may begin
// after a pause of machine time.
func (db *DB) RetryMessage(ctx context.Context, id outreach.MessageID, reason string, pause time.Duration) error {
	_, err := db.ExecContext(ctx, `
		UPDATE messages SET error = $2, retry_ms = machine_ms() + $3 WHERE id = $1 AND state = 'pending'`,
		id, reason, pause.Milliseconds())
	return err
}

// QuarantineMessage gives a message up that cannot be understood: what it holds
// stays held, now for a person to decide.
func (db *DB) QuarantineMessage(ctx context.Context, id outreach.MessageID, reason string, at time.Time) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		work, err := lockMessage(ctx, tx, id, nil)
		if err != nil || work.State != messagePending {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE messages SET state = 'quarantined', error = $2, processed_at = $3,
				decision = jsonb_build_object('rule', 'quarantined', 'act', 'could not be read: ' || $2::text, 'next', 'a person looks at it')
			WHERE id = $1`, id, reason, at); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
		return work.holdForTriage(ctx, tx, work.Holds, outreach.Outcome{
			MessageID: id, At: at, Decided: outreach.Decided{Rule: "quarantined", Act: "a message could not be read: " + reason},
		})
	})
}

// ForgetMessage keeps of a message that is about none of our leads what is kept
// of all other mail: where it lay, when, and the sender's domain. company is the
// registrable one, empty for free mail.
func (db *DB) ForgetMessage(ctx context.Context, id outreach.MessageID, company string) error {
	_, err := db.ExecContext(ctx, `
		WITH gone AS (
			DELETE FROM messages WHERE id = $1 AND state = 'pending' AND lead_id IS NULL
			RETURNING mailbox_id, folder, uid_validity, uid, received_at, from_address
		)
		INSERT INTO not_ours (mailbox_id, folder, uid_validity, uid, received_at, sender_domain, from_company)
		SELECT mailbox_id, folder, uid_validity, uid, received_at, lower(split_part(from_address, '@', 2)), `+weWriteTo("$2::text")+` FROM gone
		ON CONFLICT DO NOTHING`, id, company)
	return err
}
