package postgres

import (
	"context"
	"fmt"

	"drumbeat/internal/outreach"
)

// reportedMails are the mails of the sequence $1 that count in its report, of leads on
// the revision with the number $2 (0: on any), each with when the next one went.
const reportedMails = `
	SELECT s.id, s.step_id, s.step_index, s.variant, s.state, s.lead_id, s.enrolment_id, s.claimed_at, s.smtp_code, s.smtp_enhanced, s.smtp_text,
		lead(s.claimed_at) OVER (PARTITION BY s.enrolment_id ORDER BY s.id) AS next_at
	FROM sends s JOIN enrolments e ON e.id = s.enrolment_id JOIN revisions r ON r.id = e.revision_id
	WHERE s.sequence_id = $1 AND s.purpose = 'step' AND s.state IN ('sent', 'assumed_sent', 'unknown', 'failed') AND ($2 = 0 OR r.number = $2)`

// StepResults gives what became of a sequence's mails, by step and variant in the order of the
// steps; revision 0 takes all of them together. What a lead says counts for the mail
// that the message answers, else for the latest before it.
func (db *DB) StepResults(ctx context.Context, id outreach.SequenceID, revision int) ([]outreach.StepResult, error) {
	var rows []struct {
		Step     outreach.StepID `db:"step_id"`
		Index    int             `db:"step_index"`
		Variant  string          `db:"variant"`
		Mails    int             `db:"mails"`
		Replied  int             `db:"replied"`
		Positive int             `db:"positive"`
		Meetings int             `db:"meetings"`
		OptOuts  int             `db:"opt_outs"`
		Bounced  int             `db:"bounced"`
	}
	// Who opted out by a link has sent no message: that the lead is stopped for it counts for the last mail.
	if err := db.SelectContext(ctx, &rows, `
		WITH mails AS (`+reportedMails+`), answers AS (
			SELECT m.id, COALESCE(NULLIF(t.corrected_label, ''), t.label) AS label
			FROM messages t JOIN mails m ON m.lead_id = t.lead_id AND COALESCE(t.enrolment_id, m.enrolment_id) = m.enrolment_id
			LEFT JOIN mails a ON a.id = t.send_id AND a.enrolment_id = m.enrolment_id
			WHERE t.state = 'done' AND t.label <> '' AND CASE WHEN a.id IS NOT NULL THEN a.id = m.id
				ELSE t.received_at >= m.claimed_at AND (m.next_at IS NULL OR t.received_at < m.next_at) END
		), said AS (
			SELECT id, bool_or(label NOT IN ('auto_reply', 'out_of_office', 'complaint', 'bounce_hard', 'bounce_soft', 'bounce_block')) AS replied,
				bool_or(label IN ('meeting', 'interested')) AS positive, bool_or(label = 'meeting') AS meeting,
				bool_or(label IN ('unsubscribe', 'complaint')) AS out, bool_or(label = 'bounce_hard') AS bounced
			FROM answers GROUP BY id
		)
		SELECT m.step_id, max(m.step_index) AS step_index, m.variant, count(*) AS mails,
			count(*) FILTER (WHERE s.replied) AS replied, count(*) FILTER (WHERE s.positive) AS positive,
			count(*) FILTER (WHERE s.meeting) AS meetings,
			count(*) FILTER (WHERE s.out OR m.next_at IS NULL AND l.stopped IN ('unsubscribed', 'complained')) AS opt_outs,
			count(*) FILTER (WHERE s.bounced) AS bounced
		FROM mails m JOIN leads l ON l.id = m.lead_id LEFT JOIN said s ON s.id = m.id
		GROUP BY m.step_id, m.variant ORDER BY 2, 1, 3`, id, revision); err != nil {
		return nil, fmt.Errorf("results of %s: %w", id, err)
	}
	results := make([]outreach.StepResult, len(rows))
	for i, row := range rows {
		results[i] = outreach.StepResult{
			Step: row.Step, Index: row.Index, Variant: row.Variant, Mails: row.Mails, Replied: row.Replied, Positive: row.Positive,
			Meetings: row.Meetings, OptOuts: row.OptOuts, Bounced: row.Bounced,
		}
	}
	return results, db.addRefused(ctx, id, revision, results)
}

// addRefused adds what servers refused at once: by whose fault that was is not the
// database's to say.
func (db *DB) addRefused(ctx context.Context, id outreach.SequenceID, revision int, results []outreach.StepResult) error {
	var rows []struct {
		Step     outreach.StepID `db:"step_id"`
		Variant  string          `db:"variant"`
		Code     int             `db:"smtp_code"`
		Enhanced string          `db:"smtp_enhanced"`
		Text     string          `db:"smtp_text"`
		Count    int             `db:"count"`
	}
	if err := db.SelectContext(ctx, &rows, `
		WITH mails AS (`+reportedMails+`)
		SELECT step_id, variant, smtp_code, smtp_enhanced, smtp_text, count(*) AS count FROM mails WHERE state = 'failed' GROUP BY 1, 2, 3, 4, 5`,
		id, revision); err != nil {
		return fmt.Errorf("refusals of %s: %w", id, err)
	}
	for _, row := range rows {
		for i := range results {
			if results[i].Step == row.Step && results[i].Variant == row.Variant {
				results[i].Refused = append(results[i].Refused, outreach.RefusedMails{
					Result: outreach.DeliveryResult{Code: row.Code, Enhanced: row.Enhanced, Text: row.Text}, Count: row.Count,
				})
			}
		}
	}
	return nil
}

// SentRevisions lists the numbers of a sequence's revisions on which leads who were
// written to are.
func (db *DB) SentRevisions(ctx context.Context, id outreach.SequenceID) ([]int, error) {
	var numbers []int
	if err := db.SelectContext(ctx, &numbers, `
		SELECT DISTINCT r.number FROM enrolments e JOIN revisions r ON r.id = e.revision_id
		WHERE e.sequence_id = $1 AND e.last_sent_at IS NOT NULL ORDER BY 1`, id); err != nil {
		return nil, fmt.Errorf("revisions of %s: %w", id, err)
	}
	return numbers, nil
}
