package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// noteDoubts lists the sends of a group that are about to become unknown. Most
// groups have none, and then it costs nothing.
func noteDoubts(ctx context.Context, tx hotTx, settles []outreach.Settlement) error {
	for _, s := range settles {
		if s.State != outreach.SendUnknown {
			continue
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO doubts AS d (send_id, mailbox_id, since, next_look_at)
			SELECT id, mailbox_id, $3, $3 FROM sends WHERE id = $1 AND fence = $2 AND state IN ('claimed', 'committing')
			ON CONFLICT (send_id) DO UPDATE SET since = $3, next_look_at = $3, looked_at = NULL`, s.SendID, s.Fence, s.At); err != nil {
			return fmt.Errorf("note doubt: %w", err)
		}
	}
	return nil
}

// countDoubts counts what is in doubt, from the list of doubts. One whose send has
// been settled since is not one any more.
func (db *DB) countDoubts(ctx context.Context) (outreach.Doubts, error) {
	var d outreach.Doubts
	if err := db.QueryRowxContext(ctx, `
		SELECT count(*) FILTER (WHERE s.state = 'unknown'), count(*) FILTER (WHERE s.state = 'assumed_sent'),
			min(d.since) FILTER (WHERE s.state = 'unknown')
		FROM doubts d JOIN sends s ON s.id = d.send_id`).Scan(&d.Unknown, &d.Assumed, &d.Doubtful); err != nil {
		return outreach.Doubts{}, fmt.Errorf("count doubts: %w", err)
	}
	return d, nil
}

// DoubtsDue gives doubts that are to be looked for now, by mailbox.
func (db *DB) DoubtsDue(ctx context.Context, now time.Time, limit int) ([]outreach.Doubtful, error) {
	rows := []struct {
		SendID       outreach.SendID    `db:"send_id"`
		MailboxID    outreach.MailboxID `db:"mailbox_id"`
		RFCMessageID string             `db:"message_id"`
		Looks        int                `db:"looks"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT d.send_id, d.mailbox_id, s.message_id, d.looks FROM doubts d JOIN sends s ON s.id = d.send_id
		WHERE d.next_look_at <= $1 AND s.state IN ('unknown', 'assumed_sent') ORDER BY d.mailbox_id, d.send_id LIMIT $2`, now, limit); err != nil {
		return nil, fmt.Errorf("doubts: %w", err)
	}
	due := make([]outreach.Doubtful, len(rows))
	for i, row := range rows {
		due[i] = outreach.Doubtful(row)
	}
	return due, nil
}

// ProveSent settles a mail in doubt; false: it was settled before.
func (db *DB) ProveSent(ctx context.Context, id outreach.SendID, by outreach.Evidence, detail string, at time.Time) (bool, error) {
	settled := false
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		ids, err := prove(ctx, tx, proof{IDs: []outreach.SendID{id}, By: by, At: at, Detail: detail})
		settled = len(ids) > 0
		return err
	})
	return settled, err
}

// LookedFor notes that a look found nothing.
func (db *DB) LookedFor(ctx context.Context, id outreach.SendID, finding string, at, next time.Time) error {
	_, err := db.ExecContext(ctx, `
		UPDATE doubts SET looks = looks + 1, looked_at = $2, next_look_at = $3, finding = $4 WHERE send_id = $1`, id, at, next, finding)
	return err
}

// In sales time: how long a doubt is looked for, and how long one that no claim will
// come to waits for evidence.
const (
	lookFor      = 14 * 24 * time.Hour
	evidenceTime = 15 * time.Minute
)

// TidyDoubts takes off the list what was settled elsewhere, and what is assumed for
// two weeks. What no claim will come to (mails to reps, and to leads that were
// stopped) is taken for sent when evidence has had its time. Bytes are kept no
// longer than they may be needed.
func (db *DB) TidyDoubts(ctx context.Context, now time.Time) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		var orphaned []outreach.SendID
		if err := tx.SelectContext(ctx, &orphaned, `
			SELECT s.id FROM doubts d JOIN sends s ON s.id = d.send_id LEFT JOIN enrolments e ON e.id = s.enrolment_id
			WHERE s.state = 'unknown' AND d.since <= $1 AND (e.id IS NULL OR e.state IN ('stopped', 'finished')) ORDER BY s.id`,
			now.Add(-evidenceTime)); err != nil {
			return fmt.Errorf("doubts that nobody waits for: %w", err)
		}
		if err := assume(ctx, tx, orphaned, now); err != nil {
			return fmt.Errorf("assume: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `
			DELETE FROM doubts d USING sends s WHERE s.id = d.send_id
				AND (s.state IN ('sent', 'failed', 'cancelled') OR s.state = 'assumed_sent' AND d.since <= $1)`, now.Add(-lookFor)); err != nil {
			return fmt.Errorf("drop doubts: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `
			DELETE FROM send_bytes b USING sends s WHERE s.id = b.send_id AND s.purpose = 'step'
				AND s.state IN ('sent', 'failed', 'cancelled', 'assumed_sent') AND s.settled_at <= $1`, now.Add(-evidenceTime)); err != nil {
			return fmt.Errorf("drop bytes: %w", err)
		}
		return nil
	})
}

// FilesSent tells whether the mailbox's server is known to file what is sent. Nothing
// is known of a mailbox that no sequence has used yet.
func (db *DB) FilesSent(ctx context.Context, id outreach.MailboxID) (outreach.Filing, error) {
	var filing outreach.Filing
	if err := db.GetContext(ctx, &filing, `SELECT COALESCE((SELECT files_sent FROM mailboxes WHERE id = $1), '')`, id); err != nil {
		return "", fmt.Errorf("filing of %s: %w", id, err)
	}
	return filing, nil
}

// filesItself is how many mails in a row a server must have filed to be believed.
const filesItself = 3

// LearnFiling notes whether the server had filed a mail by itself.
func (db *DB) LearnFiling(ctx context.Context, id outreach.MailboxID, itself bool) (outreach.Filing, error) {
	var filing outreach.Filing
	if err := db.GetContext(ctx, &filing, `
		UPDATE mailboxes SET files_seen = CASE WHEN $2 THEN files_seen + 1 ELSE 0 END,
			files_sent = CASE WHEN NOT $2 THEN 'no' WHEN files_seen + 1 >= $3 THEN 'yes' ELSE files_sent END
		WHERE id = $1 RETURNING files_sent`, id, itself, filesItself); err != nil {
		return "", fmt.Errorf("learn filing of %s: %w", id, err)
	}
	return filing, nil
}
