package postgres

import (
	"context"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"drumbeat/internal/outreach"
)

// Audit lists every enrolment with its mail, for a comparison with a server's log.
func (db *DB) Audit(ctx context.Context) ([]outreach.AuditRow, error) {
	rows := []struct {
		LeadID     outreach.LeadID         `db:"lead_id"`
		Email      string                  `db:"email"`
		Stopped    outreach.StopReason     `db:"stopped"`
		Enrolment  outreach.EnrolmentState `db:"enrolment"`
		MailboxID  outreach.MailboxID      `db:"mailbox_id"`
		MessageID  string                  `db:"message_id"`
		State      outreach.SendState      `db:"state"`
		CommitSeq  int64                   `db:"commit_seq"`
		WasUnknown bool                    `db:"was_unknown"`
		Unanswered bool                    `db:"unanswered"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT l.id AS lead_id, l.email, l.stopped, e.state AS enrolment, e.mailbox_id,
			COALESCE(s.message_id, '') AS message_id, COALESCE(s.state, '') AS state, COALESCE(s.commit_seq, 0) AS commit_seq,
			u.send_id IS NOT NULL AS was_unknown, COALESCE(u.unanswered, false) AS unanswered
		FROM enrolments e JOIN leads l ON l.id = e.lead_id
		LEFT JOIN sends s ON `+ofEnrolment+`
		LEFT JOIN (
			SELECT send_id, bool_or(detail <> 'process dead') AS unanswered FROM send_events WHERE to_state = 'unknown' GROUP BY send_id
		) u ON u.send_id = s.id
		ORDER BY e.id, s.id`); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	all := make([]outreach.AuditRow, len(rows))
	for i, r := range rows {
		all[i] = outreach.AuditRow{
			LeadID: r.LeadID, Email: r.Email, Stopped: r.Stopped, Enrolment: r.Enrolment, MailboxID: r.MailboxID, RFCMessageID: r.MessageID,
			State: r.State, CommitSeq: r.CommitSeq, WasUnknown: r.WasUnknown, Unanswered: r.Unanswered,
		}
	}
	return all, nil
}

// Mark takes a number from the row of commit points: a commit point with a
// greater one came later than everything that was committed before the call.
func (db *DB) Mark(ctx context.Context) (int64, error) {
	var mark int64
	if err := db.GetContext(ctx, &mark, `SELECT nextval('commit_seq')`); err != nil {
		return 0, fmt.Errorf("mark: %w", err)
	}
	return mark, nil
}

// HeldBy lists the mailboxes that a process of this machine holds the lease of.
func (db *DB) HeldBy(ctx context.Context, pid int) ([]outreach.MailboxID, error) {
	var held []outreach.MailboxID
	if err := db.SelectContext(ctx, &held, `
		SELECT m.id FROM mailboxes m JOIN processes p ON p.id = m.leased_by
		WHERE p.pid = $1 AND m.leased_until_ms > machine_ms() ORDER BY m.id`, pid); err != nil {
		return nil, fmt.Errorf("mailboxes of a process: %w", err)
	}
	return held, nil
}

// OpenEnrolments counts the enrolments that mail may still come of.
func (db *DB) OpenEnrolments(ctx context.Context) (int, error) {
	var n int
	if err := db.GetContext(ctx, &n, `
		SELECT (SELECT count(*) FROM enrolments WHERE state = 'active') + (SELECT count(*) FROM `+openClaims+`
			WHERE (SELECT e.state FROM enrolments e WHERE e.id = s.enrolment_id) <> 'active')`); err != nil {
		return 0, fmt.Errorf("open enrolments: %w", err)
	}
	return n, nil
}

// Activity counts what the sessions that have ended, or rested a while, have done.
func (db *DB) Activity(ctx context.Context) (outreach.DatabaseActivity, error) {
	row := struct {
		Commits int `db:"commits"`
		Updates int `db:"updates"`
		Hot     int `db:"hot"`
	}{}
	if err := db.GetContext(ctx, &row, `
		SELECT d.xact_commit AS commits, t.n_tup_upd AS updates, t.n_tup_hot_upd AS hot
		FROM pg_stat_database d, pg_stat_user_tables t WHERE d.datname = current_database() AND t.relname = 'sends'`); err != nil {
		return outreach.DatabaseActivity{}, fmt.Errorf("activity: %w", err)
	}
	return outreach.DatabaseActivity{Commits: row.Commits, SendUpdates: row.Updates, HotUpdates: row.Hot}, nil
}

// Settle does what the server does by itself in the minutes after leads were loaded:
// counts the rows anew and writes out what was loaded. Like the server it leaves the
// ledger alone, of which nothing is known while it is empty. A server that lets only others checkpoint
// has that part to do still.
func (db *DB) Settle(ctx context.Context) error {
	if _, err := db.ExecContext(ctx, `VACUUM ANALYZE leads, enrolments, lead_events, list_leads`); err != nil {
		return fmt.Errorf("vacuum: %w", err)
	}
	if _, err := db.ExecContext(ctx, `CHECKPOINT`); err != nil && pq.As(err, pqerror.InsufficientPrivilege) == nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}
