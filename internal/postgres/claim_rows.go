package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"drumbeat/internal/outreach"
)

// lockMailboxDay locks the mailbox's row, which makes caps and gaps exact, and
// reads what policy asks about its day.
func lockMailboxDay(ctx context.Context, tx hotTx, lease outreach.Lease, now time.Time) (outreach.MailboxDay, error) {
	row := struct {
		Paused     bool       `db:"paused"`
		NextSendAt *time.Time `db:"next_send_at"`
		WaitReason string     `db:"wait_reason"`
		FirstDay   *time.Time `db:"first_day"`
		Timezone   string     `db:"timezone"`
		Unread     bool       `db:"unread"`
	}{}
	err := tx.GetContext(ctx, &row, `
		SELECT paused, next_send_at, wait_reason, first_day, timezone, read_ms <= machine_ms() - $3 AS unread FROM mailboxes
		WHERE id = $1 AND lease_fence = $2 AND leased_until_ms > machine_ms() FOR UPDATE`, lease.MailboxID, lease.Fence, inboxFresh)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.MailboxDay{}, outreach.ErrLeaseLost
	}
	if err != nil {
		return outreach.MailboxDay{}, fmt.Errorf("lock mailbox: %w", err)
	}
	zone, err := time.LoadLocation(row.Timezone)
	if err != nil {
		return outreach.MailboxDay{}, fmt.Errorf("mailbox %s: %w", lease.MailboxID, err)
	}
	m := outreach.MailboxDay{
		ID: lease.MailboxID, Paused: row.Paused, NextSendAt: row.NextSendAt, WaitReason: outreach.Reason(row.WaitReason),
		Day: outreach.DayOf(now.In(zone)), Unread: row.Unread,
	}
	if row.FirstDay != nil {
		first := outreach.DayOf(*row.FirstDay)
		m.FirstDay = &first
	}
	err = tx.GetContext(ctx, &m.Reserved, `SELECT reserved FROM mailbox_days WHERE mailbox_id = $1 AND day = $2`, m.ID, m.Day.String())
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return outreach.MailboxDay{}, fmt.Errorf("cap: %w", err)
	}
	return m, lookAtDomains(ctx, tx, &m, now)
}

// lookAtDomains reads the recipient domains that wait, and how many mails those
// with a limit have had today.
func lookAtDomains(ctx context.Context, tx hotTx, m *outreach.MailboxDay, now time.Time) error {
	rows := []struct {
		Domain   string     `db:"domain"`
		Until    *time.Time `db:"until"`
		Reserved int        `db:"reserved"`
	}{}
	if err := tx.SelectContext(ctx, &rows, `
		SELECT domain, until, 0 AS reserved FROM mailbox_domain_pauses WHERE mailbox_id = $1 AND until > $2
		UNION ALL SELECT domain, NULL, reserved FROM mailbox_domain_days WHERE mailbox_id = $1 AND day = $3`,
		m.ID, now, m.Day.String()); err != nil {
		return fmt.Errorf("recipient domains: %w", err)
	}
	m.DomainPauses, m.DomainMails = make(map[string]time.Time), make(map[string]int)
	for _, row := range rows {
		if row.Until != nil {
			m.DomainPauses[row.Domain] = *row.Until
			continue
		}
		m.DomainMails[row.Domain] = row.Reserved
	}
	return nil
}

// dueRow is a due enrolment with its lead.
type dueRow struct {
	EnrolmentID outreach.EnrolmentID `db:"enrolment_id"`
	SequenceID  outreach.SequenceID  `db:"sequence_id"`
	RevisionID  outreach.RevisionID  `db:"revision_id"`
	MailboxID   outreach.MailboxID   `db:"mailbox_id"`
	Zone        string               `db:"zone"`
	State       string               `db:"state"`
	Step        int                  `db:"step"`
	DueAt       *time.Time           `db:"due_at"`
	LastSentAt  *time.Time           `db:"last_sent_at"`
	leadRow
}

func (r dueRow) dueStep() outreach.DueStep {
	lead := r.lead()
	return outreach.DueStep{Lead: lead, Enrolment: outreach.Enrolment{
		ID: r.EnrolmentID, LeadID: lead.ID, SequenceID: r.SequenceID, RevisionID: r.RevisionID, MailboxID: r.MailboxID,
		Timezone: r.Zone, State: outreach.EnrolmentState(r.State), Step: r.Step, DueAt: r.DueAt, LastSentAt: r.LastSentAt,
	}}
}

// leadRow is the part of a lead that policy and rendering ask about.
type leadRow struct {
	ID          outreach.LeadID `db:"id"`
	Email       string          `db:"email"`
	FirstName   string          `db:"first_name"`
	LastName    string          `db:"last_name"`
	Company     string          `db:"company"`
	Title       string          `db:"title"`
	Country     string          `db:"country"`
	Region      string          `db:"region"`
	Timezone    string          `db:"timezone"`
	Language    string          `db:"language"`
	LinkedInURL string          `db:"linkedin_url"`
	Phone       string          `db:"phone"`
	Industry    string          `db:"industry"`
	Employees   string          `db:"employees"`
	Source      string          `db:"source"`
	Custom      []byte          `db:"custom"`
	Stage       string          `db:"stage"`
	Stopped     string          `db:"stopped"`
	PausedUntil *time.Time      `db:"paused_until"`
}

// leadColumns are the columns of leadRow, of a table named l.
const leadColumns = `l.id, l.email, l.first_name, l.last_name, l.company, l.title, l.country, l.region, l.timezone, l.language,
	l.linkedin_url, l.phone, l.industry, l.employees, l.source, l.custom, l.stage, l.stopped, l.paused_until`

func (r leadRow) lead() outreach.Lead {
	lead := outreach.Lead{
		ID: r.ID, Email: r.Email, FirstName: r.FirstName, LastName: r.LastName, Company: r.Company, Title: r.Title,
		Country: r.Country, Region: r.Region, Timezone: r.Timezone, Language: r.Language, LinkedInURL: r.LinkedInURL,
		Phone: r.Phone, Industry: r.Industry, Employees: r.Employees, Source: r.Source,
		Stage: outreach.Stage(r.Stage), Stopped: outreach.StopReason(r.Stopped), PausedTill: r.PausedUntil,
	}
	// The column is written by us as an object of strings; anything else is read as no custom fields.
	_ = json.Unmarshal(r.Custom, &lead.Custom)
	return lead
}

// The two parts of the index of due enrolments, follow-ups and new leads, as
// LEAST(step, 1) has them.
const (
	followUps = 1
	newLeads  = 0
)

// pausedSequences is read once a statement: a join would look it up for every row.
const pausedSequences = `ARRAY(SELECT id FROM sequences WHERE paused)`

// lockDueSteps locks due enrolments and their leads, follow-ups first. What
// another transaction holds is skipped: a claim never waits for a stop.
func lockDueSteps(ctx context.Context, tx hotTx, req outreach.ClaimRequest) ([]outreach.DueStep, error) {
	var due []outreach.DueStep
	for _, part := range []int{followUps, newLeads} {
		if len(due) >= req.Limit {
			break
		}
		var rows []dueRow
		if err := tx.SelectContext(ctx, &rows, `
			WITH d AS MATERIALIZED (
				SELECT e.* FROM enrolments e
				WHERE e.mailbox_id = $1 AND e.state = 'active' AND LEAST(e.step, 1) = $2 AND e.due_at <= $3
					AND e.sequence_id <> ALL (`+pausedSequences+`) AND `+notUnderWay+`
				ORDER BY e.due_at, e.id LIMIT $4
				FOR UPDATE OF e SKIP LOCKED
			)
			SELECT d.id AS enrolment_id, d.sequence_id, d.revision_id, d.mailbox_id, d.timezone AS zone, d.state, d.step,
				d.due_at, d.last_sent_at, `+leadColumns+`
			FROM d JOIN leads l ON l.id = d.lead_id
			ORDER BY d.due_at, d.id
			FOR NO KEY UPDATE OF l SKIP LOCKED`,
			req.Lease.MailboxID, part, req.Now, req.Limit-len(due)); err != nil {
			return nil, fmt.Errorf("lock due steps: %w", err)
		}
		for _, row := range rows {
			due = append(due, row.dueStep())
		}
	}
	return due, nil
}

// countNewLeads reads the day's counters of the sequences at hand; locked, in one
// order, they stay as they are until the transaction ends.
func countNewLeads(ctx context.Context, tx hotTx, due []outreach.DueStep, day outreach.Day, lock bool) (map[outreach.SequenceID]int, error) {
	var ids []outreach.SequenceID
	for _, d := range due {
		if !slices.Contains(ids, d.Enrolment.SequenceID) {
			ids = append(ids, d.Enrolment.SequenceID)
		}
	}
	counts := make(map[outreach.SequenceID]int, len(ids))
	query := `SELECT sequence_id, new_leads FROM sequence_days WHERE sequence_id = ANY($1) AND day = $2`
	if lock {
		query += ` ORDER BY sequence_id FOR UPDATE`
	}
	rows := []struct {
		ID       outreach.SequenceID `db:"sequence_id"`
		NewLeads int                 `db:"new_leads"`
	}{}
	if err := tx.SelectContext(ctx, &rows, query, texts(ids), day.String()); err != nil {
		return nil, err
	}
	for _, row := range rows {
		counts[row.ID] = row.NewLeads
	}
	return counts, nil
}

// lookAround reads, in statements after the one that locked the leads, what
// else is under way to them: only so does it see every claim made before.
func lookAround(ctx context.Context, tx hotTx, due []outreach.DueStep, stepOf func(outreach.DueStep) outreach.StepID, day outreach.Day) error {
	leads, keys, hosts := make([]outreach.LeadID, len(due)), make([]string, len(due)), make([][]string, len(due))
	for i, d := range due {
		leads[i], keys[i], hosts[i] = d.Lead.ID, outreach.AddressKey(d.Lead.Email), outreach.HostAndAbove(outreach.Domain(d.Lead.Email))
	}
	rows := []struct {
		ID          outreach.SendID      `db:"id"`
		EnrolmentID outreach.EnrolmentID `db:"enrolment_id"`
		LeadID      outreach.LeadID      `db:"lead_id"`
		Purpose     string               `db:"purpose"`
		StepID      outreach.StepID      `db:"step_id"`
		StepIndex   int                  `db:"step_index"`
		State       string               `db:"state"`
		Attempts    int                  `db:"attempts"`
		CommittedAt *time.Time           `db:"committed_at"`
		HasPlace    bool                 `db:"has_place"`
		Counted     bool                 `db:"counted"`
	}{}
	if err := tx.SelectContext(ctx, &rows, `
		SELECT id, COALESCE(enrolment_id, 0) AS enrolment_id, lead_id, purpose, step_id, step_index, state, attempts, committed_at,
			cap_day IS NOT DISTINCT FROM $2::date AS has_place, new_lead_day IS NOT NULL AS counted
		FROM sends WHERE lead_id = ANY($1)`, int64s(leads), day.String()); err != nil {
		return err
	}
	var suppressed []string
	if err := tx.SelectContext(ctx, &suppressed, `
		SELECT kind || ':' || value FROM suppressions
		WHERE (kind = 'address' AND value = ANY($1)) OR (kind = 'domain' AND value = ANY($2))`,
		pq.Array(keys), pq.Array(slices.Concat(hosts...))); err != nil {
		return err
	}
	for i := range due {
		d := &due[i]
		step := stepOf(*d)
		d.Suppressed = slices.Contains(suppressed, "address:"+keys[i]) ||
			slices.ContainsFunc(hosts[i], func(host string) bool { return slices.Contains(suppressed, "domain:"+host) })
		for _, row := range rows {
			if row.LeadID != d.Lead.ID {
				continue
			}
			state := outreach.SendState(row.State)
			d.InFlight = d.InFlight || state == outreach.SendClaimed || state == outreach.SendCommitting
			if row.EnrolmentID == d.Enrolment.ID && row.StepID == step && row.Purpose == string(outreach.PurposeStep) {
				d.Earlier = &outreach.Send{ID: row.ID, State: state, Attempts: row.Attempts, StepID: row.StepID, StepIndex: row.StepIndex}
				if row.CommittedAt != nil {
					d.Earlier.ClaimedAt = *row.CommittedAt
				}
				d.HasPlace, d.Counted = row.HasPlace, row.Counted
			}
		}
	}
	return addDoubts(ctx, tx, due)
}

// insertTask writes a manual step; a second time changes nothing.
func insertTask(ctx context.Context, tx *sqlx.Tx, t outreach.Task, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO tasks (lead_id, enrolment_id, step_id, rep_id, kind, title, due_at, skip_at, resume_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (enrolment_id, step_id) DO NOTHING`,
		t.LeadID, t.EnrolmentID, t.StepID, t.RepID, t.Kind, t.Title, t.DueAt, t.SkipAt, t.ResumeAt, now)
	if err != nil {
		return err
	}
	return addEvent(ctx, tx, leadEvent{
		LeadID: t.LeadID, EnrolmentID: t.EnrolmentID, At: now, Kind: "task", Reason: t.Kind, Actor: "drumbeat", Detail: t.Title,
	})
}
