package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// ruleRepWrote stands in the events of enrolments that a rep's own mail held.
const ruleRepWrote = "rep_wrote"

// HoldHandwritten holds the open enrolments of leads to whom a rep wrote by hand,
// and moves the cursor of the Sent folder behind these mails. Each mail holds once:
// when a person has released the lead, reading the folder anew changes nothing.
func (db *DB) HoldHandwritten(ctx context.Context, batch outreach.SentBatch) (held int, err error) {
	err = db.InTx(ctx, func(tx *sqlx.Tx) error {
		held = 0
		var leads []outreach.LeadID
		for _, mail := range batch.Mails {
			leads = append(leads, mail.Leads...)
		}
		slices.Sort(leads)
		if err := lockLeads(ctx, tx, slices.Compact(leads)); err != nil {
			return fmt.Errorf("lock leads: %w", err)
		}
		for _, mail := range batch.Mails {
			n, err := holdWritten(ctx, tx, mail, batch)
			if err != nil {
				return fmt.Errorf("hold: %w", err)
			}
			held += n
		}
		return moveCursor(ctx, tx, batch.Cursor)
	})
	return held, err
}

// holdWritten holds for one mail. What was written before an enrolment began was
// known to whoever enrolled the lead. IMAP dates mail to the second (RFC 3501,
// section 2.3.3): what was written in the second of the enrolment came after it.
func holdWritten(ctx context.Context, tx *sqlx.Tx, mail outreach.Handwritten, batch outreach.SentBatch) (int, error) {
	var fresh []outreach.LeadID
	if err := tx.SelectContext(ctx, &fresh, `
		INSERT INTO handwritten (mailbox_id, content_key, lead_id, written_at)
		SELECT $1, $2, l.id, $3 FROM leads l WHERE l.id = ANY($4)
		ON CONFLICT DO NOTHING RETURNING lead_id`,
		batch.Cursor.MailboxID, mail.ContentKey, mail.WrittenAt, int64s(mail.Leads)); err != nil {
		return 0, err
	}
	slices.Sort(fresh)
	held := 0
	for _, lead := range fresh {
		var open []outreach.EnrolmentID
		if err := tx.SelectContext(ctx, &open, `
			SELECT id FROM enrolments
			WHERE lead_id = $1 AND date_trunc('second', created_at) <= $2
				AND (state IN ('active', 'paused') OR (state = 'held' AND state_reason IN ('reply', 'triage')))
			ORDER BY id`, lead, mail.WrittenAt); err != nil {
			return 0, err
		}
		if len(open) == 0 {
			continue
		}
		if err := holdEnrolments(ctx, tx, enrolmentMove{
			LeadID: lead, IDs: open, Reason: outreach.HoldRep, At: batch.At, Actor: actor, Rule: ruleRepWrote,
			Detail: "a rep wrote to the lead by hand; drumbeat lead resume lets the sequence go on",
		}); err != nil {
			return 0, err
		}
		held += len(open)
	}
	return held, nil
}
