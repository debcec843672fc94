package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// Resolution is a person's word for a mail that was in doubt.
type Resolution string

// The resolutions.
const (
	ResolvedSent    Resolution = "sent"     // it went
	ResolvedNotSent Resolution = "not_sent" // it did not go, and the sequence goes on without it
	ResolvedResend  Resolution = "resend"   // send it once more, with the same Message-ID
)

// ResolveSend takes a person's word for a mail that was in doubt. An enrolment that
// waited for it goes on.
func (db *DB) ResolveSend(ctx context.Context, id outreach.SendID, as Resolution, act Act) error {
	return db.InTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockLeadsOf(ctx, tx, []outreach.SendID{id}); err != nil {
			return err
		}
		err := fmt.Errorf("%w: resolution %q", outreach.ErrInvalid, as)
		switch as {
		case ResolvedSent:
			err = resolve(ctx, tx, id, outreach.SendSent, act)
		case ResolvedNotSent:
			err = resolve(ctx, tx, id, outreach.SendFailed, act)
		case ResolvedResend:
			if err = mayResend(ctx, tx, id); err == nil {
				err = planAgain(ctx, tx, id, act)
			}
		}
		if err != nil {
			return fmt.Errorf("mail %d that is in doubt: %w", id, err)
		}
		return letGoOn(ctx, tx, []outreach.SendID{id}, act.At)
	})
}

func resolve(ctx context.Context, tx *sqlx.Tx, id outreach.SendID, to outreach.SendState, act Act) error {
	if err := mustChange(tx.ExecContext(ctx, `
		WITH doubted AS (
			SELECT id, state FROM sends WHERE id = $1 AND state IN ('unknown', 'assumed_sent') FOR UPDATE
		), resolved AS (
			UPDATE sends s SET state = $2, settled_at = $3, resolved_by = $4 FROM doubted d WHERE s.id = d.id
			RETURNING s.id, d.state AS from_state, s.fence
		)
		INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
		SELECT id, $3, from_state, $2, fence, '', $4 FROM resolved`, id, to, act.At, act.Actor)); err != nil {
		return err
	}
	return dropDoubts(ctx, tx, []outreach.SendID{id})
}

// assume takes unknown sends for sent.
func assume(ctx context.Context, tx *sqlx.Tx, ids []outreach.SendID, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		WITH assumed AS (
			UPDATE sends SET state = 'assumed_sent', settled_at = $2, resolved_by = 'policy'
			WHERE id = ANY($1) AND state = 'unknown' RETURNING id, fence, process_id
		)
		INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
		SELECT id, $2, 'unknown', 'assumed_sent', fence, process_id, 'policy' FROM assumed`, int64s(ids), now)
	return err
}

// mayResend refuses to send again what must not go, or would go as another mail.
func mayResend(ctx context.Context, tx *sqlx.Tx, id outreach.SendID) error {
	row := struct {
		State     outreach.SendState      `db:"state"`
		Stopped   string                  `db:"stopped"`
		Enrolment outreach.EnrolmentState `db:"enrolment"`
		Passed    bool                    `db:"passed"`
		Kept      bool                    `db:"kept"`
	}{}
	if err := tx.GetContext(ctx, &row, `
		SELECT s.state, COALESCE(l.stopped, '') AS stopped, COALESCE(e.state, '') AS enrolment, COALESCE(e.step > s.step_index, false) AS passed,
			EXISTS (SELECT 1 FROM send_bytes b WHERE b.send_id = s.id) AS kept
		FROM sends s LEFT JOIN leads l ON l.id = s.lead_id LEFT JOIN enrolments e ON e.id = s.enrolment_id
		WHERE s.id = $1`, id); err != nil {
		return outreach.ErrNotFound
	}
	problem := func(code, detail string) error {
		return &outreach.Problem{Code: code, Detail: detail, Fix: "Say --as sent or --as not_sent.", Err: outreach.ErrInvalid}
	}
	switch {
	case row.State != outreach.SendUnknown:
		return outreach.ErrNotFound
	case row.Stopped != "" || row.Enrolment == outreach.EnrolmentStopped:
		return problem("LEAD_STOPPED", "the lead takes no more mail")
	case row.Passed || row.Enrolment == outreach.EnrolmentFinished:
		return problem("STEP_PASSED", "the sequence has gone on behind this step")
	case !row.Kept:
		return problem("BYTES_NOT_KEPT", "the mail as it was is not kept any more (send: {unknown: hold} and resend_once keep it), and another must not go under its name")
	}
	return nil
}

// planAgain lets an unknown send go once more under a higher fence, as a mail that
// has been tried: with the bytes that were kept.
func planAgain(ctx context.Context, tx *sqlx.Tx, id outreach.SendID, act Act) error {
	err := mustChange(tx.ExecContext(ctx, `
		WITH again AS (
			UPDATE sends SET state = 'planned', fence = fence + 1, attempts = GREATEST(attempts, 1)
			WHERE id = $1 AND state = 'unknown' RETURNING id, fence, mailbox_id, enrolment_id
		), counted AS (
			UPDATE doubts d SET resends = d.resends + 1 FROM again WHERE d.send_id = again.id
		), waiting AS (
			INSERT INTO outbox (send_id, mailbox_id, due_at) SELECT id, mailbox_id, $2 FROM again WHERE enrolment_id IS NULL
		)
		INSERT INTO send_events (send_id, at, from_state, to_state, fence, process_id, detail)
		SELECT id, $2, 'unknown', 'planned', fence, '', 'sent once more: ' || $3 FROM again`, id, act.At, act.Actor))
	if err != nil {
		return fmt.Errorf("plan again: %w", err)
	}
	return nil
}
