package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"drumbeat/internal/outreach"
)

// Story reads everything about a lead; outreach.ErrNotFound when there is none.
func (db *DB) Story(ctx context.Context, id outreach.LeadID) (outreach.Story, error) {
	story, err := db.storyHead(ctx, id)
	if err != nil {
		return outreach.Story{}, fmt.Errorf("lead %d: %w", id, err)
	}
	for _, read := range []func(context.Context, *outreach.Story) error{
		db.storyLists, db.storyEnrolments, db.storyDecisions, db.storyFacts, db.storyObjections, db.storyCandidates,
		db.storyTasks, db.storyWebhooks, db.storyReminders,
	} {
		if err := read(ctx, &story); err != nil {
			return outreach.Story{}, fmt.Errorf("lead %d: %w", id, err)
		}
	}
	if story.Replies, err = db.Replies(ctx, outreach.ReplyFilter{LeadID: id}); err != nil {
		return outreach.Story{}, err
	}
	story.Sends, err = db.Sends(ctx, outreach.SendFilter{LeadID: id})
	return story, err
}

func (db *DB) storyHead(ctx context.Context, id outreach.LeadID) (outreach.Story, error) {
	row := struct {
		leadRow
		NoEnrolUntil *time.Time `db:"no_enrol_until"`
		ReferredBy   string     `db:"referred_by"`
		CreatedAt    time.Time  `db:"created_at"`
	}{}
	err := db.GetContext(ctx, &row, `
		SELECT `+leadColumns+`, l.no_enrol_until, l.created_at, COALESCE(r.email, '') AS referred_by
		FROM leads l LEFT JOIN leads r ON r.id = l.referred_by WHERE l.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return outreach.Story{}, outreach.ErrNotFound
	}
	if err != nil {
		return outreach.Story{}, err
	}
	story := outreach.Story{Lead: row.lead(), NoEnrolUntil: row.NoEnrolUntil, ReferredBy: row.ReferredBy, CreatedAt: row.CreatedAt}
	story.Suppressed, err = db.coveringSuppression(ctx, story.Lead.Email)
	return story, err
}

func (db *DB) storyLists(ctx context.Context, s *outreach.Story) error {
	return db.SelectContext(ctx, &s.Lists, `
		SELECT name FROM lists JOIN list_leads ON list_id = id WHERE lead_id = $1 ORDER BY name`, s.Lead.ID)
}

func (db *DB) storyEnrolments(ctx context.Context, s *outreach.Story) error {
	rows := []struct {
		ID          outreach.EnrolmentID    `db:"id"`
		SequenceID  outreach.SequenceID     `db:"sequence_id"`
		RevisionID  outreach.RevisionID     `db:"revision_id"`
		MailboxID   outreach.MailboxID      `db:"mailbox_id"`
		Timezone    string                  `db:"timezone"`
		State       outreach.EnrolmentState `db:"state"`
		StateReason string                  `db:"state_reason"`
		Step        int                     `db:"step"`
		DueAt       *time.Time              `db:"due_at"`
		WaitReason  outreach.Reason         `db:"wait_reason"`
		PausedUntil *time.Time              `db:"paused_until"`
		LastSentAt  *time.Time              `db:"last_sent_at"`
		CreatedAt   time.Time               `db:"created_at"`
		Name        string                  `db:"name"`
		Number      int                     `db:"number"`
	}{}
	// A step waits for its own moment and for its mailbox's; what lasts longer is the answer to "why not yet". One
	// without a moment waits for somebody else.
	if err := db.SelectContext(ctx, &rows, `
		SELECT e.id, e.sequence_id, e.revision_id, e.mailbox_id, e.timezone, e.state, e.state_reason, e.step,
			CASE WHEN q.paused AND e.wait_reason = 'sequence_paused' THEN NULL WHEN e.state = 'active' AND e.due_at IS NOT NULL THEN GREATEST(e.due_at, m.next_send_at)
				ELSE e.due_at END AS due_at,
			CASE WHEN e.state <> 'active' THEN e.wait_reason WHEN q.paused THEN 'sequence_paused' WHEN m.paused THEN 'mailbox_paused'
				WHEN m.next_send_at > e.due_at THEN m.wait_reason ELSE e.wait_reason END AS wait_reason,
			e.paused_until, e.last_sent_at, e.created_at, q.name, r.number
		FROM enrolments e JOIN sequences q ON q.id = e.sequence_id JOIN revisions r ON r.id = e.revision_id
			JOIN mailboxes m ON m.id = e.mailbox_id
		WHERE e.lead_id = $1 ORDER BY e.id DESC`, s.Lead.ID); err != nil {
		return fmt.Errorf("enrolments: %w", err)
	}
	for _, row := range rows {
		s.Enrolments = append(s.Enrolments, outreach.EnrolmentView{
			Enrolment: outreach.Enrolment{
				ID: row.ID, LeadID: s.Lead.ID, SequenceID: row.SequenceID, RevisionID: row.RevisionID, MailboxID: row.MailboxID,
				Timezone: row.Timezone, State: row.State, StateReason: row.StateReason, Step: row.Step, DueAt: row.DueAt,
				PausedUntil: row.PausedUntil, LastSentAt: row.LastSentAt,
			},
			SequenceName: row.Name, Revision: row.Number, WaitReason: row.WaitReason, CreatedAt: row.CreatedAt,
		})
	}
	return nil
}

func (db *DB) storyDecisions(ctx context.Context, s *outreach.Story) error {
	rows := []struct {
		At         time.Time           `db:"at"`
		Kind       string              `db:"kind"`
		Reason     string              `db:"reason"`
		Rule       string              `db:"rule"`
		Actor      string              `db:"actor"`
		Detail     string              `db:"detail"`
		SequenceID outreach.SequenceID `db:"sequence_id"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT v.at, v.kind, v.reason, v.rule, v.actor, v.detail, COALESCE(e.sequence_id, '') AS sequence_id
		FROM lead_events v LEFT JOIN enrolments e ON e.id = v.enrolment_id
		WHERE v.lead_id = $1 ORDER BY v.id DESC`, s.Lead.ID); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	for _, row := range rows {
		s.Decisions = append(s.Decisions, outreach.Decision(row))
	}
	return nil
}

// storyFacts reads the latest of each name.
func (db *DB) storyFacts(ctx context.Context, s *outreach.Story) error {
	rows := []struct {
		Name       string              `db:"name"`
		Status     outreach.FactStatus `db:"status"`
		Value      string              `db:"value"`
		Quote      string              `db:"quote"`
		MessageID  outreach.MessageID  `db:"message_id"`
		Source     string              `db:"source"`
		Confidence float64             `db:"confidence"`
		At         time.Time           `db:"at"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT DISTINCT ON (name) name, status, value, quote, COALESCE(message_id, 0) AS message_id, source, confidence, at
		FROM facts WHERE lead_id = $1 ORDER BY name, id DESC`, s.Lead.ID); err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	for _, row := range rows {
		s.Facts = append(s.Facts, outreach.Fact(row))
	}
	return nil
}

func (db *DB) storyObjections(ctx context.Context, s *outreach.Story) error {
	rows := []struct {
		Label    outreach.Label `db:"label"`
		State    string         `db:"state"`
		OpenedAt time.Time      `db:"opened_at"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT label, state, opened_at FROM objections WHERE lead_id = $1 ORDER BY id DESC`, s.Lead.ID); err != nil {
		return fmt.Errorf("objections: %w", err)
	}
	for _, row := range rows {
		s.Objections = append(s.Objections, outreach.Objection(row))
	}
	return nil
}

func (db *DB) storyCandidates(ctx context.Context, s *outreach.Story) error {
	rows := []struct {
		ID    outreach.CandidateID `db:"id"`
		Kind  string               `db:"kind"`
		State string               `db:"state"`
		Name  string               `db:"name"`
		Email string               `db:"email"`
		Phone string               `db:"phone"`
		Title string               `db:"title"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT id, kind, state, name, email, phone, title FROM candidates WHERE lead_id = $1 ORDER BY id DESC`, s.Lead.ID); err != nil {
		return fmt.Errorf("candidates: %w", err)
	}
	for _, row := range rows {
		s.Candidates = append(s.Candidates, outreach.Candidate{
			ID: row.ID, Kind: row.Kind, State: row.State,
			Contact: outreach.Contact{Name: row.Name, Email: row.Email, Phone: row.Phone, Title: row.Title},
		})
	}
	return nil
}

func (db *DB) storyTasks(ctx context.Context, s *outreach.Story) error {
	rows := []struct {
		ID     outreach.TaskID `db:"id"`
		StepID outreach.StepID `db:"step_id"`
		RepID  outreach.RepID  `db:"rep_id"`
		Kind   string          `db:"kind"`
		Title  string          `db:"title"`
		DueAt  *time.Time      `db:"due_at"`
		State  string          `db:"state"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT id, step_id, rep_id, kind, title, due_at, state FROM tasks WHERE lead_id = $1 ORDER BY id DESC`, s.Lead.ID); err != nil {
		return fmt.Errorf("tasks: %w", err)
	}
	for _, row := range rows {
		s.Tasks = append(s.Tasks, outreach.TaskView{State: row.State, Task: outreach.Task{
			ID: row.ID, LeadID: s.Lead.ID, StepID: row.StepID, RepID: row.RepID, Kind: row.Kind, Title: row.Title, DueAt: row.DueAt,
		}})
	}
	return nil
}

func (db *DB) storyReminders(ctx context.Context, s *outreach.Story) error {
	rows := []struct {
		On    time.Time `db:"on_day"`
		Kind  string    `db:"kind"`
		Note  string    `db:"note"`
		State string    `db:"state"`
	}{}
	if err := db.SelectContext(ctx, &rows, `
		SELECT on_day, kind, note, state FROM reminders WHERE lead_id = $1 ORDER BY on_day DESC`, s.Lead.ID); err != nil {
		return fmt.Errorf("reminders: %w", err)
	}
	for _, row := range rows {
		s.Reminders = append(s.Reminders, outreach.Reminder{On: outreach.DayOf(row.On), Kind: row.Kind, Note: row.Note, State: row.State})
	}
	return nil
}
