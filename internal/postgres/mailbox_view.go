package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// MailboxViews lists the mailboxes with their day.
func (db *DB) MailboxViews(ctx context.Context, now time.Time) ([]outreach.MailboxView, error) {
	views, err := db.mailboxDays(ctx, now)
	if err != nil {
		return nil, err
	}
	active, err := tally[outreach.MailboxID](ctx, db, `SELECT mailbox_id AS word, count(*) AS count FROM enrolments WHERE state = 'active' GROUP BY mailbox_id`)
	if err != nil {
		return nil, fmt.Errorf("count active enrolments: %w", err)
	}
	for i := range views {
		views[i].Active = active[views[i].ID]
	}
	return views, db.addBlocks(ctx, views, now)
}

// mailboxDays are the mailboxes with their day, as their own rows tell it.
func (db *DB) mailboxDays(ctx context.Context, now time.Time) ([]outreach.MailboxView, error) {
	rows := []struct {
		ID           outreach.MailboxID `db:"id"`
		Address      string             `db:"address"`
		RepID        outreach.RepID     `db:"rep_id"`
		Timezone     string             `db:"timezone"`
		Paused       bool               `db:"paused"`
		PausedReason string             `db:"paused_reason"`
		NextSendAt   *time.Time         `db:"next_send_at"`
		WaitReason   outreach.Reason    `db:"wait_reason"`
		Today        int                `db:"today"`
		UnreadMS     *int64             `db:"unread_ms"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT m.id, m.address, m.rep_id, m.timezone, m.paused, m.paused_reason,
			CASE WHEN m.next_send_at > $1 THEN m.next_send_at END AS next_send_at, CASE WHEN m.next_send_at > $1 THEN m.wait_reason ELSE '' END AS wait_reason,
			COALESCE(d.reserved, 0) AS today,
			CASE WHEN m.read_ms > 0 THEN machine_ms() - m.read_ms END AS unread_ms
		FROM mailboxes m
		LEFT JOIN mailbox_days d ON d.mailbox_id = m.id AND d.day = ($1::timestamptz AT TIME ZONE m.timezone)::date
		ORDER BY m.id`, now); err != nil {
		return nil, fmt.Errorf("list mailboxes: %w", err)
	}
	views := make([]outreach.MailboxView, len(rows))
	for i, row := range rows {
		views[i] = outreach.MailboxView{
			ID: row.ID, Address: row.Address, RepID: row.RepID, Timezone: row.Timezone, Paused: row.Paused,
			PausedReason: row.PausedReason, NextSendAt: row.NextSendAt, WaitReason: row.WaitReason,
			SentToday: row.Today,
		}
		if row.UnreadMS != nil {
			age := time.Duration(*row.UnreadMS) * time.Millisecond
			views[i].Unread = &age
		}
	}
	return views, nil
}

// addBlocks adds the recipient domains to which a mailbox does not write now.
func (db *DB) addBlocks(ctx context.Context, views []outreach.MailboxView, now time.Time) error {
	rows := []struct {
		ID     outreach.MailboxID `db:"mailbox_id"`
		Domain string             `db:"domain"`
		Until  time.Time          `db:"until"`
		Reason string             `db:"reason"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT mailbox_id, domain, until, reason FROM mailbox_domain_pauses WHERE until > $1 ORDER BY mailbox_id, domain`, now); err != nil {
		return fmt.Errorf("list blocks: %w", err)
	}
	for _, row := range rows {
		for i := range views {
			if views[i].ID == row.ID {
				views[i].Blocks = append(views[i].Blocks, outreach.DomainPause{Domain: row.Domain, Until: row.Until, Reason: row.Reason})
			}
		}
	}
	return nil
}
