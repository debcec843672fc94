// Package sequence is the language in which a team writes its sequences: it turns
// a file into a Sequence, or into all the faults the file has. Files come in as
// bytes or as an fs.FS; the package opens nothing itself. When a step is due is
// package schedule's to say; what it looks like, package render's.
package sequence

import (
	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
)

// Sequence is one valid file, its defaults filled in.
type Sequence struct {
	ID      outreach.SequenceID         `json:"id"`
	Name    string                      `json:"name"` // default: the id
	Owner   outreach.RepID              `json:"owner"`
	Goal    Goal                        `json:"goal"`
	Send    Send                        `json:"send"`
	Steps   []Step                      `json:"steps"` // at least one, at least one of them an email
	Stop    Stop                        `json:"stop"`
	OnReply map[outreach.Label]Reaction `json:"on_reply,omitempty"`
}

// Goal is the reply by which a sequence is judged.
type Goal string

// The goals.
const (
	GoalPositive Goal = "positive" // interested or meeting; the default
	GoalMeeting  Goal = "meeting"
)

// Send says from where, when and how fast a sequence goes out.
type Send struct {
	Mailboxes        []outreach.MailboxID `json:"mailboxes,omitempty"` // empty: the owner's
	Rotation         Rotation             `json:"rotation"`
	Window           schedule.Window      `json:"window"`
	Timezone         string               `json:"timezone"`                    // TimezoneLead, TimezoneMailbox or an IANA name
	TimezoneFallback string               `json:"timezone_fallback,omitempty"` // IANA name; empty: the mailbox's
	Gap              schedule.Gap         `json:"gap"`
	DailyNewLeads    int                  `json:"daily_new_leads"`
	ReplyTo          string               `json:"reply_to,omitempty"`
	Format           Format               `json:"format"`
}

// Rotation is how a lead's mailbox is chosen; it stays the lead's.
type Rotation string

// RotationLeastLoaded takes the mailbox with the fewest leads.
const RotationLeastLoaded Rotation = "least_loaded"

// The two values of Send.Timezone that are no zone.
const (
	TimezoneLead    = "lead"
	TimezoneMailbox = "mailbox"
)

// Format is how a mail is written.
type Format string

// The formats.
const (
	FormatHTML Format = "html" // with a text part
	FormatText Format = "text"
)

// DefaultDailyNewLeads is how many leads a sequence begins with on a day.
const DefaultDailyNewLeads = 25

// Step is one thing to do: an email or a task. Exactly one is set.
type Step struct {
	ID    outreach.StepID `json:"id"`
	Wait  schedule.Wait   `json:"wait"` // from the actual send of the step before; of the first step, from the enrolment
	Email *Email          `json:"email,omitempty"`
	Task  *Task           `json:"task,omitempty"`
}

// Email is a mail to the lead.
type Email struct {
	Template string   `json:"template"` // path below the templates, with slashes
	Thread   Thread   `json:"thread"`
	Subject  string   `json:"subject,omitempty"` // in place of the template's; Liquid
	Require  []string `json:"require,omitempty"` // fields without which the lead waits in "needs data"
}

// Thread tells whether a mail begins a conversation or goes on with it.
type Thread string

// The threads. By default the first email is new and all others reply.
const (
	ThreadNew   Thread = "new"
	ThreadReply Thread = "reply"
)

// Task is something a rep does by hand.
type Task struct {
	Kind               string        `json:"kind"`  // linkedin, call ...
	Title              string        `json:"title"` // Liquid; default: the kind
	Due                schedule.Wait `json:"due"`   // from its creation; zero: at once
	SkipIfNotDoneAfter schedule.Wait `json:"skip_if_not_done_after"`
}

// Blocks tells whether the sequence waits until the task is done or its time is
// up; otherwise it goes on as soon as the task is created.
func (t Task) Blocks() bool { return !t.SkipIfNotDoneAfter.IsZero() }

// Stop says what ends more than the enrolment of the lead who replied.
type Stop struct {
	WholeCompanyOn []outreach.Label `json:"whole_company_on,omitempty"`
}

// Reaction changes what a label does by default. Zero fields change nothing.
type Reaction struct {
	Draft  string         `json:"draft,omitempty"`   // playbook template of the answer
	Resume *schedule.Wait `json:"resume,omitempty"`  // out_of_office: after the day of return
	NoDate *schedule.Wait `json:"no_date,omitempty"` // out_of_office: from the message, when it names no day
}

// FirstEmail is the index of the step that opens the conversation.
func (s *Sequence) FirstEmail() int {
	for i, step := range s.Steps {
		if step.Email != nil {
			return i
		}
	}
	return -1
}
