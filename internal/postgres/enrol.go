package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// EnrolCandidates gives the leads of a list behind a lead, in their order, with
// what an enrolment asks about them.
func (db *DB) EnrolCandidates(ctx context.Context, q outreach.EnrolQuery) ([]outreach.EnrolCandidate, error) {
	var rows []struct {
		leadRow
		NoEnrolUntil *time.Time     `db:"no_enrol_until"`
		Enrolled     bool           `db:"enrolled"`
		Suppressed   bool           `db:"suppressed"`
		Excluded     bool           `db:"excluded"`
		Contacted    bool           `db:"contacted"`
		Elsewhere    bool           `db:"elsewhere"`
		MailboxID    sql.NullString `db:"mailbox_id"`
	}
	err := db.SelectContext(ctx, &rows, `
		SELECT `+leadColumns+`, l.no_enrol_until,
			EXISTS (SELECT FROM enrolments e WHERE e.lead_id = l.id AND e.sequence_id = $2) AS enrolled,
			`+isSuppressed("l")+` AS suppressed,
			EXISTS (SELECT FROM list_leads x JOIN lists n ON n.id = x.list_id WHERE x.lead_id = l.id AND n.name = ANY($5)) AS excluded,
			$6::timestamptz IS NOT NULL AND EXISTS (SELECT FROM sends s WHERE s.lead_id = l.id AND s.purpose = 'step'
				AND s.state IN ('sent', 'assumed_sent', 'unknown') AND s.claimed_at >= $6) AS contacted,
			EXISTS (SELECT FROM enrolments e WHERE e.lead_id = l.id AND e.sequence_id <> $2
				AND e.state NOT IN ('stopped', 'finished')) AS elsewhere,
			(SELECT (array_agg(e.mailbox_id ORDER BY e.id DESC))[1] FROM enrolments e WHERE e.lead_id = l.id) AS mailbox_id
		FROM list_leads ll JOIN leads l ON l.id = ll.lead_id
		WHERE ll.list_id = $1 AND ll.lead_id > $3 ORDER BY ll.lead_id LIMIT $4`,
		q.ListID, q.SequenceID, q.After, q.Limit, texts(q.ExcludedLists), q.ContactedSince)
	if err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	candidates := make([]outreach.EnrolCandidate, len(rows))
	for i, row := range rows {
		candidates[i] = outreach.EnrolCandidate{
			Lead: row.lead(), NoEnrolUntil: row.NoEnrolUntil, Enrolled: row.Enrolled, Suppressed: row.Suppressed,
			Excluded: row.Excluded, Contacted: row.Contacted, Elsewhere: row.Elsewhere,
			MailboxID: outreach.MailboxID(row.MailboxID.String),
		}
	}
	return candidates, nil
}

// MailboxLoads counts the enrolments that a mailbox still has to serve, for each
// mailbox that is not paused.
func (db *DB) MailboxLoads(ctx context.Context, ids []outreach.MailboxID) (map[outreach.MailboxID]int, error) {
	rows := []struct {
		ID   outreach.MailboxID `db:"id"`
		Load int                `db:"load"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT m.id, count(e.id) AS load FROM mailboxes m
		LEFT JOIN enrolments e ON e.mailbox_id = m.id AND e.state NOT IN ('stopped', 'finished')
		WHERE m.id = ANY($1) AND NOT m.paused GROUP BY m.id`, texts(ids)); err != nil {
		return nil, fmt.Errorf("count loads: %w", err)
	}
	loads := make(map[outreach.MailboxID]int, len(rows))
	for _, row := range rows {
		loads[row.ID] = row.Load
	}
	return loads, nil
}

// CompanyLoads counts, for each of the companies, the leads below its registrable
// domain who are under way in a sequence.
func (db *DB) CompanyLoads(ctx context.Context, id outreach.SequenceID, companies []string) (map[string]int, error) {
	rows := []struct {
		Company string `db:"company"`
		Load    int    `db:"load"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT u.company, count(*) AS load FROM unnest($2::text[]) AS u (company)
		JOIN leads l ON `+atOrBelow("l.domain", "u.company")+`
		JOIN enrolments e ON e.lead_id = l.id AND e.sequence_id = $1 AND e.state NOT IN ('stopped', 'finished')
		GROUP BY u.company`, id, pq.Array(companies)); err != nil {
		return nil, fmt.Errorf("count companies: %w", err)
	}
	loads := make(map[string]int, len(rows))
	for _, row := range rows {
		loads[row.Company] = row.Load
	}
	return loads, nil
}

// enrolLock is the advisory lock under which one run enrols at a time.
const enrolLock = 0x656e726f // "enro"

// EnrolAlone calls run while no other run is under way, in whatever process, and
// waits for that. What the audience of a sequence counts over several leads (a
// company's, other sequences') no other run can change behind its back. The lock
// hangs on a connection of its own, so a process that dies gives it back.
func (db *DB) EnrolAlone(ctx context.Context, run func(context.Context) error) (err error) {
	conn, err := db.Connx(ctx)
	if err != nil {
		return fmt.Errorf("wait to enrol: %w", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, enrolLock); err != nil {
		return fmt.Errorf("wait to enrol: %w", err)
	}
	defer func() {
		if _, unlock := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, enrolLock); unlock != nil {
			// Only the end of the connection gives the lock back now: it must not go into the pool.
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		}
	}()
	return run(ctx)
}

// Enrol writes new enrolments with their events and gives how many were new. A
// lead that was stopped since it was read, or enrolled meanwhile, is left out.
func (db *DB) Enrol(ctx context.Context, all []outreach.NewEnrolment, at time.Time) (int, error) {
	columns := columnsOf(all)
	enrolled := 0
	err := db.InTx(ctx, func(tx *sqlx.Tx) error {
		if err := lockLeads(ctx, tx, columns.leads); err != nil {
			return fmt.Errorf("lock leads: %w", err)
		}
		var err error
		enrolled, err = affected(tx.ExecContext(ctx, `
			WITH new AS (
				SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
					AS n (lead_id, sequence_id, revision_id, mailbox_id, timezone, due_at, detail)
			), enrolled AS (
				INSERT INTO enrolments (lead_id, sequence_id, revision_id, mailbox_id, timezone, due_at, created_at)
				SELECT n.lead_id, n.sequence_id, n.revision_id, n.mailbox_id, n.timezone, n.due_at, $8
				FROM new n JOIN leads l ON l.id = n.lead_id AND l.stopped = ''
				ORDER BY n.lead_id
				ON CONFLICT (lead_id, sequence_id) DO NOTHING
				RETURNING id, lead_id, sequence_id
			)
			INSERT INTO lead_events (lead_id, enrolment_id, at, kind, reason, actor, detail)
			SELECT e.lead_id, e.id, $8, 'enrolled', e.sequence_id, 'drumbeat', n.detail
			FROM enrolled e JOIN new n USING (lead_id)`,
			int64s(columns.leads), pq.Array(columns.sequences), pq.Array(columns.revisions), pq.Array(columns.mailboxes),
			pq.Array(columns.zones), pq.Array(columns.due), pq.Array(columns.details), at))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("enrol: %w", err)
	}
	return enrolled, nil
}

// enrolColumns are new enrolments turned on their side, as unnest takes them.
type enrolColumns struct {
	leads                                []outreach.LeadID
	revisions                            []int64
	sequences, mailboxes, zones, details []string
	due                                  []string
}

func columnsOf(all []outreach.NewEnrolment) enrolColumns {
	var c enrolColumns
	for _, e := range all {
		c.leads = append(c.leads, e.LeadID)
		c.revisions = append(c.revisions, int64(e.RevisionID))
		c.sequences = append(c.sequences, string(e.SequenceID))
		c.mailboxes = append(c.mailboxes, string(e.MailboxID))
		c.zones = append(c.zones, e.Timezone)
		c.details = append(c.details, e.Detail)
		c.due = append(c.due, e.DueAt.UTC().Format(time.RFC3339Nano))
	}
	return c
}
