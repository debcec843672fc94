package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// RecordRefusal acts on a permanent refusal: suppresses the address, ends the
// enrolments, or keeps the mailbox from the domain or from sending at all.
// Stopped: the mailbox takes no more mail. Blocks from several domains within an
// hour stop it too: then it is not the domains.
func (db *DB) RecordRefusal(ctx context.Context, r outreach.Refusal) (stopped bool, err error) {
	act := Act{At: r.At, Actor: "drumbeat", Detail: r.Detail}
	err = db.InTx(ctx, func(tx *sqlx.Tx) (err error) {
		stopped = r.StopMailbox
		if r.SuppressAddress != "" {
			entry := Suppression{Kind: "address", Value: r.SuppressAddress, Reason: "bounce_hard", Source: "smtp"}
			if err := suppress(ctx, tx, entry, outreach.StopBounced, act); err != nil {
				return fmt.Errorf("suppress: %w", err)
			}
		}
		if r.StopEnrolment {
			if err := stopLeads(ctx, tx, leadStop{
				IDs: []outreach.LeadID{r.LeadID}, Reason: outreach.StopSendFailed, At: r.At, Actor: act.Actor, Rule: "refused", Detail: r.Detail,
			}); err != nil {
				return fmt.Errorf("stop: %w", err)
			}
		}
		if r.PauseDomain != "" && r.PauseUntil != nil {
			if err := pauseDomain(ctx, tx, r); err != nil {
				return fmt.Errorf("pause domain: %w", err)
			}
			many, err := manyBlocks(ctx, tx, r.MailboxID, r.At)
			if err != nil {
				return fmt.Errorf("count blocks: %w", err)
			}
			stopped = stopped || many
		}
		if stopped {
			return pauseMailbox(ctx, tx, r.MailboxID, act)
		}
		return nil
	})
	return stopped, err
}

// manyBlocks tells whether so many domains have refused the mailbox lately that the
// mailbox itself must be at fault.
func manyBlocks(ctx context.Context, tx *sqlx.Tx, id outreach.MailboxID, now time.Time) (bool, error) {
	var domains int
	err := tx.GetContext(ctx, &domains, `
		SELECT count(DISTINCT domain) FROM mailbox_events WHERE mailbox_id = $1 AND kind = 'block' AND at > $2`, id, now.Add(-blockWindow))
	return domains >= blockDomains, err
}

// pauseDomain keeps a mailbox from writing to a domain for a while.
func pauseDomain(ctx context.Context, tx *sqlx.Tx, r outreach.Refusal) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO mailbox_domain_pauses (mailbox_id, domain, until, reason, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (mailbox_id, domain) DO UPDATE SET until = GREATEST(mailbox_domain_pauses.until, $3), reason = $4, at = $5`,
		r.MailboxID, r.PauseDomain, *r.PauseUntil, r.Detail, r.At); err != nil {
		return err
	}
	kind := "block"
	if r.Slow {
		kind = "deferred"
	}
	return addMailboxEvent(ctx, tx, r.MailboxID, kind, r.PauseDomain, Act{At: r.At, Detail: r.Detail})
}
