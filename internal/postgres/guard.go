package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// RunningSequencesOf lists the sequences that have written to a lead and are not
// paused.
func (db *DB) RunningSequencesOf(ctx context.Context, id outreach.LeadID) ([]outreach.SequenceID, error) {
	var ids []outreach.SequenceID
	if err := db.SelectContext(ctx, &ids, `
		SELECT id FROM sequences WHERE NOT paused AND id IN (SELECT sequence_id FROM enrolments WHERE lead_id = $1) ORDER BY id`, id); err != nil {
		return nil, fmt.Errorf("sequences of lead %d: %w", id, err)
	}
	return ids, nil
}

// LastMails gives what became of the latest step mails of a sequence, newest first.
// Those from before it was last resumed are not counted against it again.
func (db *DB) LastMails(ctx context.Context, id outreach.SequenceID, limit int) ([]outreach.MailEnding, error) {
	var rows []struct {
		State    outreach.SendState  `db:"state"`
		Code     int                 `db:"smtp_code"`
		Enhanced string              `db:"smtp_enhanced"`
		Text     string              `db:"smtp_text"`
		Stopped  outreach.StopReason `db:"stopped"`
		Stage    outreach.Stage      `db:"stage"`
		Labels   pq.StringArray      `db:"labels"`
	}
	// Backwards over the key: the latest are found without an index of their own. What a lead says counts
	// against the latest mail before it alone.
	if err := db.SelectContext(ctx, &rows, `
		WITH latest AS (
			SELECT s.* FROM sends s, sequences q WHERE q.id = $1 AND s.id > q.guarded_from AND s.sequence_id = $1 AND s.purpose = 'step'
				AND s.state IN ('sent', 'assumed_sent', 'unknown', 'failed') ORDER BY s.id DESC LIMIT $2
		), marked AS (
			SELECT t.*, lead(t.claimed_at) OVER (PARTITION BY t.lead_id ORDER BY t.id) AS next_at FROM latest t
		)
		SELECT m.state, m.smtp_code, m.smtp_enhanced, m.smtp_text, CASE WHEN m.next_at IS NULL THEN l.stopped ELSE '' END AS stopped, l.stage,
			COALESCE((SELECT array_agg(COALESCE(NULLIF(r.corrected_label, ''), r.label)) FROM messages r WHERE r.lead_id = m.lead_id
				AND r.state = 'done' AND r.received_at >= m.claimed_at AND (m.next_at IS NULL OR r.received_at < m.next_at)), '{}') AS labels
		FROM marked m JOIN leads l ON l.id = m.lead_id ORDER BY m.id DESC`, id, limit); err != nil {
		return nil, fmt.Errorf("latest mails of %s: %w", id, err)
	}
	mails := make([]outreach.MailEnding, len(rows))
	for i, row := range rows {
		mails[i] = outreach.MailEnding{
			State: row.State, Stopped: row.Stopped, Stage: row.Stage,
			Result: outreach.DeliveryResult{Code: row.Code, Enhanced: row.Enhanced, Text: row.Text},
		}
		for _, label := range row.Labels {
			mails[i].Labels = append(mails[i].Labels, outreach.Label(label))
		}
	}
	return mails, nil
}

// GuardSequence pauses a sequence that runs; false: it is paused already.
func (db *DB) GuardSequence(ctx context.Context, id outreach.SequenceID, reason string, at time.Time) (bool, error) {
	err := db.pauseSequence(ctx, id, Act{At: at, Actor: "drumbeat", Detail: reason}, "AND NOT paused")
	if errors.Is(err, outreach.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
