package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// Census counts leads and what they said. It reads all of them, and the more there are
// the longer it takes; the ledger, which is larger by far, it leaves alone.
func (db *DB) Census(ctx context.Context) (outreach.Census, error) {
	var c outreach.Census
	for _, count := range []func(context.Context, *outreach.Census) error{
		db.countLeads, db.countEnrolments, db.countReplies, db.countWebhooks, db.countInbox, db.countSmall,
	} {
		if err := count(ctx, &c); err != nil {
			return outreach.Census{}, fmt.Errorf("census: %w", err)
		}
	}
	return c, nil
}

// Vitals reads how the installation stands at now from a few rows: doubts, mailboxes,
// processes and what waits in small tables.
func (db *DB) Vitals(ctx context.Context, now time.Time) (v outreach.Vitals, err error) {
	if v.Doubts, err = db.countDoubts(ctx); err != nil {
		return outreach.Vitals{}, err
	}
	if v.Hold, err = db.Hold(ctx); err != nil {
		return outreach.Vitals{}, err
	}
	if v.Mailboxes, err = db.mailboxDays(ctx, now); err != nil {
		return outreach.Vitals{}, err
	}
	if err := db.QueryRowxContext(ctx, `
		SELECT (SELECT count(*) FROM processes WHERE beat_ms > machine_ms() - $1), (SELECT count(*) FROM outbox),
			(SELECT count(*) FROM messages WHERE state = 'pending')`, deadAfter.Milliseconds()).Scan(&v.Processes, &v.Notices, &v.Pending); err != nil {
		return outreach.Vitals{}, fmt.Errorf("vitals: %w", err)
	}
	return v, nil
}

// tally runs a query of two columns, a word and how often it stands.
func tally[K ~string](ctx context.Context, db *DB, query string, args ...any) (map[K]int, error) {
	rows := []struct {
		Word  K   `db:"word"`
		Count int `db:"count"`
	}{}
	if err := db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	counts := make(map[K]int, len(rows))
	for _, row := range rows {
		counts[row.Word] = row.Count
	}
	return counts, nil
}

func (db *DB) countLeads(ctx context.Context, c *outreach.Census) (err error) {
	c.Leads, err = tally[outreach.Stage](ctx, db, `SELECT stage AS word, count(*) AS count FROM leads GROUP BY stage`)
	return err
}

func (db *DB) countEnrolments(ctx context.Context, c *outreach.Census) (err error) {
	c.Enrolments, err = tally[outreach.EnrolmentState](ctx, db, `SELECT state AS word, count(*) AS count FROM enrolments GROUP BY state`)
	return err
}

func (db *DB) countReplies(ctx context.Context, c *outreach.Census) (err error) {
	c.Replies, err = tally[outreach.Label](ctx, db, `
		SELECT COALESCE(NULLIF(corrected_label, ''), label) AS word, count(*) AS count FROM messages
		WHERE state = 'done' AND label <> '' AND lead_id IS NOT NULL GROUP BY 1`)
	return err
}

// countInbox counts what became of the mail that came in.
func (db *DB) countInbox(ctx context.Context, c *outreach.Census) (err error) {
	c.Inbox, err = tally[outreach.Ending](ctx, db, `
		SELECT CASE WHEN kind IN ('bounce', 'complaint') THEN 'bounce' WHEN kind = 'automatic' THEN 'automatic'
			WHEN match_method IN ('colleague', 'ambiguous') THEN 'colleague' ELSE 'matched' END AS word, count(*) AS count
		FROM messages WHERE state = 'done' GROUP BY 1
		UNION ALL SELECT 'not_ours', count(*) FROM not_ours HAVING count(*) > 0`)
	if err != nil {
		return err
	}
	return db.GetContext(ctx, &c.Strangers, `SELECT count(*) FROM not_ours WHERE from_company`)
}

// countSmall counts what is one number each.
func (db *DB) countSmall(ctx context.Context, c *outreach.Census) error {
	return db.QueryRowxContext(ctx, `
		SELECT (SELECT count(*) FROM messages WHERE state = 'done' AND handled_at IS NULL AND lead_id IS NOT NULL AND kind = 'human'),
			(SELECT count(*) FROM suppressions)`).Scan(&c.Open, &c.Suppressed)
}
