package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// BeginPass gives what a reader needs for one pass over a mailbox.
func (db *DB) BeginPass(ctx context.Context, mailbox outreach.MailboxID) (outreach.InboxPass, error) {
	var row struct {
		BeganMS int64          `db:"began_ms"`
		Since   *time.Time     `db:"read_since"`
		Own     pq.StringArray `db:"own"`
	}
	err := db.GetContext(ctx, &row, `
		SELECT machine_ms() AS began_ms, read_since, ARRAY(SELECT lower(address) FROM mailboxes ORDER BY id) AS own
		FROM mailboxes WHERE id = $1`, mailbox)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.InboxPass{}, fmt.Errorf("mailbox %q: %w", mailbox, outreach.ErrNotFound)
	}
	return outreach.InboxPass{BeganMS: row.BeganMS, Since: row.Since, Own: row.Own}, err
}

// FinishPass says that what lay in the mailbox when the pass began was read:
// follow-ups may leave for a while. It is the begin that counts, for what came
// in behind the reader's back was not seen.
func (db *DB) FinishPass(ctx context.Context, mailbox outreach.MailboxID, pass outreach.InboxPass) error {
	_, err := db.ExecContext(ctx, `UPDATE mailboxes SET read_ms = GREATEST(read_ms, $2) WHERE id = $1`, mailbox, pass.BeganMS)
	return err
}

// Cursor tells how far a folder was read; a folder never read has UIDVALIDITY 0.
func (db *DB) Cursor(ctx context.Context, mailbox outreach.MailboxID, folder string) (outreach.InboxCursor, error) {
	cursor := outreach.InboxCursor{MailboxID: mailbox, Folder: folder}
	err := db.QueryRowxContext(ctx, `SELECT uid_validity, last_uid FROM inbox_cursors WHERE mailbox_id = $1 AND folder = $2`,
		mailbox, folder).Scan(&cursor.UIDValidity, &cursor.LastUID)
	if errors.Is(err, sql.ErrNoRows) {
		return cursor, nil
	}
	return cursor, err
}

// KnownContent gives those of the keys that the mailbox has already stored.
func (db *DB) KnownContent(ctx context.Context, mailbox outreach.MailboxID, keys []string) (map[string]bool, error) {
	var stored []string
	err := db.SelectContext(ctx, &stored, `SELECT content_key FROM messages WHERE mailbox_id = $1 AND content_key = ANY($2)`,
		mailbox, pq.Array(keys))
	known := make(map[string]bool, len(stored))
	for _, key := range stored {
		known[key] = true
	}
	return known, err
}

// Ingest takes a batch in. A message is stored once; whatever was planned for
// the leads that it may be about is held in the same transaction, before the
// cursor moves behind it. So neither a crash nor a backlog of messages that nobody
// has understood yet can let a follow-up out. The error wraps outreach.ErrInvalid
// when Postgres refuses a value of the batch, which no new try would change.
func (db *DB) Ingest(ctx context.Context, batch outreach.InboxBatch) (outreach.Taken, error) {
	var taken outreach.Taken
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		taken = outreach.Taken{}
		if batch.Arrival != nil {
			var err error
			if taken, err = storeArrival(ctx, tx, batch); err != nil {
				return fmt.Errorf("store message: %w", err)
			}
		}
		if err := storeNotOurs(ctx, tx, batch); err != nil {
			return fmt.Errorf("note other mail: %w", err)
		}
		return moveCursor(ctx, tx, batch.Cursor)
	})
	if refusedData(err) {
		err = fmt.Errorf("%w: %w", outreach.ErrInvalid, err)
	}
	return taken, err
}

// refusedData tells whether Postgres refused a value, which no new try will
// change: SQLSTATE classes 22 (data exception) and 54 (program limit exceeded).
func refusedData(err error) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && (refused.Code.Class() == "22" || refused.Code.Class() == "54")
}

func storeArrival(ctx context.Context, tx *sqlx.Tx, batch outreach.InboxBatch) (outreach.Taken, error) {
	a := batch.Arrival
	leads := matchedLeads(a.Match)
	if err := lockLeads(ctx, tx, leads); err != nil { // before anything else is locked
		return outreach.Taken{}, fmt.Errorf("lock leads: %w", err)
	}
	if err := completeMatch(ctx, tx, &a.Match); err != nil {
		return outreach.Taken{}, fmt.Errorf("find enrolment: %w", err)
	}
	var id outreach.MessageID
	err := tx.GetContext(ctx, &id, `
		INSERT INTO messages (mailbox_id, content_key, folder, uid_validity, uid, received_at, from_address, from_name, subject,
			rfc_message_id, raw, truncated, lead_id, enrolment_id, send_id, match_method, rep_id)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
			NULLIF($13, 0::bigint), NULLIF($14, 0::bigint), NULLIF($15, 0::bigint), $16,
			COALESCE((SELECT q.owner FROM enrolments e JOIN sequences q ON q.id = e.sequence_id WHERE e.id = $14), m.rep_id)
		FROM mailboxes m
		-- Somebody who writes to two of our mailboxes has written once. The lead's lock makes the copies come one by one.
		WHERE m.id = $1 AND NOT EXISTS (
			SELECT 1 FROM mailboxes o JOIN messages c ON c.mailbox_id = o.id AND c.content_key = $2 WHERE o.id <> $1)
		ON CONFLICT (mailbox_id, content_key) DO NOTHING
		RETURNING id`,
		batch.Cursor.MailboxID, a.ContentKey, batch.Cursor.Folder, batch.Cursor.UIDValidity, a.UID, a.ReceivedAt,
		a.From.Email, a.From.Name, a.Subject, a.RFCMessageID, a.Raw, a.Truncated,
		a.Match.LeadID, a.Match.EnrolmentID, a.Match.SendID, a.Match.Method)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.Taken{}, nil // a copy of one that is stored
	}
	if err != nil {
		return outreach.Taken{}, err
	}
	held, err := holdForMessage(ctx, tx, id, leads, batch.At)
	return outreach.Taken{MessageID: id, Held: len(held)}, err
}

// matchedLeads lists all leads that a match may be about.
func matchedLeads(m outreach.Match) []outreach.LeadID {
	if m.LeadID == 0 {
		return nil
	}
	return append([]outreach.LeadID{m.LeadID}, m.Others...)
}

// completeMatch fills in the enrolment whose mail is most likely answered: the
// one that wrote last.
func completeMatch(ctx context.Context, q sqlx.QueryerContext, m *outreach.Match) error {
	if m.LeadID == 0 || m.EnrolmentID != 0 {
		return nil
	}
	err := sqlx.GetContext(ctx, q, &m.EnrolmentID, `
		SELECT id FROM enrolments WHERE lead_id = $1 ORDER BY last_sent_at DESC NULLS LAST, id DESC LIMIT 1`, m.LeadID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

func storeNotOurs(ctx context.Context, tx *sqlx.Tx, batch outreach.InboxBatch) error {
	if len(batch.NotOurs) == 0 {
		return nil
	}
	var uids []int64
	var at, domains, companies []string
	for _, mail := range batch.NotOurs {
		uids = append(uids, int64(mail.UID))
		at = append(at, string(pq.FormatTimestamp(mail.ReceivedAt)))
		domains = append(domains, mail.SenderDomain)
		companies = append(companies, mail.Company)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO not_ours (mailbox_id, folder, uid_validity, uid, received_at, sender_domain, from_company)
		SELECT $1, $2, $3, t.uid, t.at, t.domain, `+weWriteTo("t.company")+`
		FROM unnest($4::bigint[], $5::timestamptz[], $6::text[], $7::text[]) AS t (uid, at, domain, company)
		ON CONFLICT DO NOTHING`,
		batch.Cursor.MailboxID, batch.Cursor.Folder, batch.Cursor.UIDValidity, pq.Array(uids), pq.Array(at), pq.Array(domains), pq.Array(companies))
	return err
}

// weWriteTo is the condition that a registrable domain, given as an SQL
// expression, is that of a lead who was written to.
func weWriteTo(domain string) string {
	return `(` + domain + ` <> '' AND EXISTS (SELECT 1 FROM leads l
		WHERE ` + atOrBelow("l.domain", domain) + `
			AND EXISTS (SELECT 1 FROM sends s WHERE s.lead_id = l.id AND s.purpose = 'step' AND s.committed_at IS NOT NULL)))`
}

// moveCursor never moves back: two readers of one mailbox may overlap.
func moveCursor(ctx context.Context, tx *sqlx.Tx, c outreach.InboxCursor) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO inbox_cursors (mailbox_id, folder, uid_validity, last_uid) VALUES ($1, $2, $3, $4)
		ON CONFLICT (mailbox_id, folder) DO UPDATE SET
			last_uid = CASE WHEN inbox_cursors.uid_validity = excluded.uid_validity
				THEN GREATEST(inbox_cursors.last_uid, excluded.last_uid) ELSE excluded.last_uid END,
			uid_validity = excluded.uid_validity`, c.MailboxID, c.Folder, c.UIDValidity, c.LastUID)
	if err != nil {
		return fmt.Errorf("move cursor: %w", err)
	}
	return nil
}

// holdForMessage holds the open enrolments of leads until a message is
// understood, and notes them with the message. A pause keeps its end in
// paused_until, so that it can be taken up again.
func holdForMessage(ctx context.Context, tx *sqlx.Tx, id outreach.MessageID, leads []outreach.LeadID, at time.Time) ([]outreach.EnrolmentID, error) {
	var open []openEnrolment
	if err := tx.SelectContext(ctx, &open, `
		SELECT id, lead_id, state, state_reason, paused_until FROM enrolments
		WHERE lead_id = ANY($1) AND state IN ('active', 'paused', 'held') ORDER BY lead_id, id`, int64s(leads)); err != nil {
		return nil, err
	}
	var held []outreach.EnrolmentID
	fresh := make(map[outreach.LeadID][]outreach.EnrolmentID)
	for _, e := range open {
		// One held already for something else stays so; one held for an earlier
		// message now waits for this one too.
		isHeld := e.State == string(outreach.EnrolmentHeld)
		if isHeld && e.Reason != string(outreach.HoldReply) {
			continue
		}
		held = append(held, e.ID)
		if !isHeld {
			fresh[e.LeadID] = append(fresh[e.LeadID], e.ID)
		}
	}
	for _, lead := range slices.Sorted(maps.Keys(fresh)) {
		if err := holdEnrolments(ctx, tx, enrolmentMove{
			LeadID: lead, IDs: fresh[lead], Reason: outreach.HoldReply, At: at, Actor: actor,
			Rule: "message_came_in", Detail: "a message came in and is not yet understood", MessageID: id,
		}); err != nil {
			return nil, fmt.Errorf("hold: %w", err)
		}
	}
	if err := keepPauses(ctx, tx, open); err != nil {
		return nil, fmt.Errorf("keep the pauses: %w", err)
	}
	_, err := tx.ExecContext(ctx, `UPDATE messages SET holds = $2 WHERE id = $1`, id, int64s(held))
	return held, err
}

// openEnrolment is an enrolment as it was before a message held it.
type openEnrolment struct {
	ID          outreach.EnrolmentID `db:"id"`
	LeadID      outreach.LeadID      `db:"lead_id"`
	State       string               `db:"state"`
	Reason      string               `db:"state_reason"`
	PausedUntil *time.Time           `db:"paused_until"`
}

func keepPauses(ctx context.Context, tx *sqlx.Tx, open []openEnrolment) error {
	for _, e := range open {
		if e.PausedUntil == nil {
			continue
		}
		if _, err := tx.ExecContext(ctx, `UPDATE enrolments SET paused_until = $2 WHERE id = $1 AND state = 'held'`,
			e.ID, *e.PausedUntil); err != nil {
			return err
		}
	}
	return nil
}

// actor is who acts when no person does.
const actor = "drumbeat"
