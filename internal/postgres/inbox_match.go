package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// sentRow is a mail of the ledger as an answer names it.
type sentRow struct {
	ID           outreach.SendID      `db:"id"`
	RFCMessageID string               `db:"message_id"`
	EnrolmentID  outreach.EnrolmentID `db:"enrolment_id"`
	LeadID       outreach.LeadID      `db:"lead_id"`
	MailboxID    outreach.MailboxID   `db:"mailbox_id"`
	State        outreach.SendState   `db:"state"`
}

// SentByMessageID gives those of the Message-IDs that are ours.
func (db *DB) SentByMessageID(ctx context.Context, ids []string) ([]outreach.SentRef, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []sentRow
	if err := db.SelectContext(ctx, &rows, `
		SELECT id, message_id, COALESCE(enrolment_id, 0) AS enrolment_id, COALESCE(lead_id, 0) AS lead_id, mailbox_id, state
		FROM sends WHERE message_id = ANY($1)`, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("sends by message id: %w", err)
	}
	refs := make([]outreach.SentRef, len(rows))
	for i, row := range rows {
		refs[i] = outreach.SentRef{
			SendID: row.ID, RFCMessageID: row.RFCMessageID, EnrolmentID: row.EnrolmentID,
			LeadID: row.LeadID, MailboxID: row.MailboxID, State: row.State,
		}
	}
	return refs, nil
}

// SentByToken gives the mails of tokens. A token is the part of our Message-ID
// before the @, so the row is found through the unique Message-ID, whichever of
// our few domains it was written with.
func (db *DB) SentByToken(ctx context.Context, tokens []string) (map[string]outreach.SentRef, error) {
	found := make(map[string]outreach.SentRef)
	if len(tokens) == 0 {
		return found, nil
	}
	var domains []string
	if err := db.SelectContext(ctx, &domains, `SELECT DISTINCT lower(split_part(address, '@', 2)) FROM mailboxes`); err != nil {
		return nil, fmt.Errorf("our domains: %w", err)
	}
	byID := make(map[string]string)
	var ids []string
	for _, token := range tokens {
		for _, domain := range domains {
			id := "<" + token + "@" + domain + ">"
			byID[id] = token
			ids = append(ids, id)
		}
	}
	refs, err := db.SentByMessageID(ctx, ids)
	for _, ref := range refs {
		found[byID[ref.RFCMessageID]] = ref
	}
	return found, err
}

// LeadsByAddress gives those of the addresses that are leads.
func (db *DB) LeadsByAddress(ctx context.Context, keys []string) (map[string]outreach.LeadID, error) {
	found := make(map[string]outreach.LeadID)
	if len(keys) == 0 {
		return found, nil
	}
	var rows []struct {
		ID  outreach.LeadID `db:"id"`
		Key string          `db:"email_key"`
	}
	if err := db.SelectContext(ctx, &rows, `SELECT id, email_key FROM leads WHERE email_key = ANY($1)`, pq.Array(keys)); err != nil {
		return nil, fmt.Errorf("leads by address: %w", err)
	}
	for _, row := range rows {
		found[row.Key] = row.ID
	}
	return found, nil
}

// maxColleagues bounds how many leads of one company a message may be about.
const maxColleagues = 50

// WrittenLeads gives the leads of companies to whom the mailbox has written
// since then, the last written to first. The domains are registrable ones; a
// lead may have its address at any host below.
func (db *DB) WrittenLeads(ctx context.Context, mailbox outreach.MailboxID, domains []string, since time.Time) ([]outreach.WrittenLead, error) {
	if len(domains) == 0 {
		return nil, nil
	}
	var rows []struct {
		LeadID  outreach.LeadID `db:"lead_id"`
		Domain  string          `db:"domain"`
		Subject string          `db:"subject"`
		At      time.Time       `db:"at"`
	}
	if err := db.SelectContext(ctx, &rows, `
		SELECT w.lead_id, d.domain, w.subject, w.at
		FROM unnest($2::text[]) AS d (domain)
		CROSS JOIN LATERAL (
			SELECT l.id AS lead_id, s.subject, s.committed_at AS at
			FROM (SELECT id FROM leads WHERE `+atOrBelow("leads.domain", "d.domain")+`) l
			CROSS JOIN LATERAL (
				SELECT subject, committed_at FROM sends
				WHERE lead_id = l.id AND mailbox_id = $1 AND purpose = 'step' AND committed_at >= $3
					AND state IN ('committing', 'sent', 'unknown', 'assumed_sent')
				ORDER BY committed_at DESC LIMIT 1
			) s
			ORDER BY s.committed_at DESC LIMIT $4
		) w
		ORDER BY d.domain, w.at DESC`, mailbox, pq.Array(domains), since, maxColleagues); err != nil {
		return nil, fmt.Errorf("leads of companies: %w", err)
	}
	leads := make([]outreach.WrittenLead, len(rows))
	for i, row := range rows {
		leads[i] = outreach.WrittenLead{LeadID: row.LeadID, Domain: row.Domain, Subject: row.Subject, At: row.At}
	}
	return leads, nil
}
