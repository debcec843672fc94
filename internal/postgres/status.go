package postgres

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// Status is how the installation stands at now; day is when today began, in
// whatever zone the reader counts days.
func (db *DB) Status(ctx context.Context, now, day time.Time) (outreach.Status, error) {
	status := outreach.Status{At: now}
	var err error
	if status.Sequences, status.Today, err = db.sequences(ctx, day); err != nil {
		return outreach.Status{}, err
	}
	for _, sequence := range status.Sequences {
		status.Sent += sequence.Sent
	}
	if status.Census, err = db.Census(ctx); err != nil {
		return outreach.Status{}, err
	}
	if status.Doubts, err = db.countDoubts(ctx); err != nil {
		return outreach.Status{}, err
	}
	if status.Rehearsal, err = db.Rehearsal(ctx); err != nil {
		return outreach.Status{}, err
	}
	if status.Hold, err = db.Hold(ctx); err != nil {
		return outreach.Status{}, err
	}
	if status.Mailboxes, err = db.MailboxViews(ctx, now); err != nil {
		return outreach.Status{}, err
	}
	next, found, err := db.NextPlanned(ctx)
	if found {
		status.NextDue = &next
	}
	return status, err
}

// SequenceViews lists the sequences with what became of their leads.
func (db *DB) SequenceViews(ctx context.Context) ([]outreach.SequenceView, error) {
	views, _, err := db.sequences(ctx, time.Time{})
	return views, err
}

// sequences lists the sequences, and counts their mails that have moved since a day
// began. Enrolments and the ledger are read once for all of them.
func (db *DB) sequences(ctx context.Context, day time.Time) (views []outreach.SequenceView, today map[outreach.SendState]int, err error) {
	rows := []struct {
		ID           outreach.SequenceID `db:"id"`
		Name         string              `db:"name"`
		Owner        outreach.RepID      `db:"owner"`
		Revision     int                 `db:"number"`
		Paused       bool                `db:"paused"`
		PausedReason string              `db:"paused_reason"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT q.id, q.name, q.owner, r.number, q.paused, q.paused_reason
		FROM sequences q JOIN revisions r ON r.id = q.revision_id ORDER BY q.id`); err != nil {
		return nil, nil, fmt.Errorf("list sequences: %w", err)
	}
	views = make([]outreach.SequenceView, len(rows))
	of := make(map[outreach.SequenceID]*outreach.SequenceView, len(rows))
	for i, row := range rows {
		views[i] = outreach.SequenceView{
			ID: row.ID, Name: row.Name, Owner: row.Owner, Revision: row.Revision, Paused: row.Paused,
			PausedReason: row.PausedReason, Enrolments: make(map[outreach.EnrolmentState]int),
		}
		of[row.ID] = &views[i]
	}
	if err := db.addEnrolments(ctx, of); err != nil {
		return nil, nil, err
	}
	today, err = db.addMails(ctx, of, day)
	return views, today, err
}

func (db *DB) addEnrolments(ctx context.Context, of map[outreach.SequenceID]*outreach.SequenceView) error {
	rows := []struct {
		ID    outreach.SequenceID     `db:"sequence_id"`
		State outreach.EnrolmentState `db:"state"`
		Count int                     `db:"count"`
	}{}
	if err := db.SelectContext(ctx, &rows, `SELECT sequence_id, state, count(*) AS count FROM enrolments GROUP BY sequence_id, state`); err != nil {
		return fmt.Errorf("count enrolments: %w", err)
	}
	for _, row := range rows {
		if view := of[row.ID]; view != nil { // else it was made since
			view.Enrolments[row.State] = row.Count
		}
	}
	return nil
}

func (db *DB) addMails(ctx context.Context, of map[outreach.SequenceID]*outreach.SequenceView, day time.Time) (today map[outreach.SendState]int, err error) {
	rows := []struct {
		ID    outreach.SequenceID `db:"sequence_id"`
		State outreach.SendState  `db:"state"`
		Ever  int                 `db:"ever"`
		Today int                 `db:"today"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT sequence_id, state, count(*) AS ever, count(*) FILTER (WHERE COALESCE(settled_at, claimed_at, created_at) >= $1) AS today
		FROM sends WHERE purpose = 'step' GROUP BY sequence_id, state`, day); err != nil {
		return nil, fmt.Errorf("count mails: %w", err)
	}
	today = make(map[outreach.SendState]int)
	for _, row := range rows {
		if row.Today > 0 {
			today[row.State] += row.Today
		}
		if view := of[row.ID]; view != nil && (row.State == outreach.SendSent || row.State == outreach.SendAssumedSent) {
			view.Sent += row.Ever
		}
	}
	return today, nil
}
