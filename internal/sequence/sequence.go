// Package sequence is the language in which a team writes its sequences: it turns
// a file into a Sequence, or into all the faults the file has. Files come in as
// bytes or as an fs.FS; the package opens nothing itself. When a step is due is
// package schedule's to say; what it looks like, package render's.
package sequence

import (
	"slices"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
)

// Sequence is one valid file, its defaults filled in.
type Sequence struct {
	ID       outreach.SequenceID                 `json:"id"`
	Name     string                              `json:"name"` // default: the id
	Owner    outreach.RepID                      `json:"owner"`
	Goal     Goal                                `json:"goal"`
	Audience Audience                            `json:"audience,omitzero"`
	Send     Send                                `json:"send"`
	Steps    []Step                              `json:"steps"` // at least one, at least one of them an email
	Stop     Stop                                `json:"stop"`
	Guard    Guard                               `json:"guard,omitzero"`
	OnReply  map[outreach.Label]Reaction         `json:"on_reply,omitempty"`
	Moved    map[outreach.StepID]outreach.StepID `json:"moved,omitempty"` // steps of earlier revisions that are gone, and where their leads go on
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
	Holidays         Holidays             `json:"holidays"`
	Gap              schedule.Gap         `json:"gap"`
	DailyNewLeads    int                  `json:"daily_new_leads"`
	DailyPerDomain   int                  `json:"daily_per_domain,omitempty"` // mails a mailbox and day to one recipient domain; 0: any number
	ReplyTo          string               `json:"reply_to,omitempty"`
	BCC              string               `json:"bcc,omitempty"` // gets a blind copy of each mail; empty: nobody
	Format           Format               `json:"format"`
	Unknown          Unknown              `json:"unknown"`
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

// Unknown says what happens to a mail that may or may not have gone, when no
// evidence has shown which.
type Unknown string

// The policies. By default nobody gets a mail twice: the sequence goes on as if it
// had gone.
const (
	UnknownAssumedSent Unknown = "assumed_sent"
	UnknownHold        Unknown = "hold"        // the rep decides
	UnknownResendOnce  Unknown = "resend_once" // once more, with the same Message-ID and the same bytes
)

// DefaultDailyNewLeads is how many leads a sequence begins with on a day.
const DefaultDailyNewLeads = 25

// Holidays says on which days besides those of the window nothing goes out: the
// public holidays of a country.
type Holidays string

// The two values that are no country code.
const (
	HolidaysNone        Holidays = "none"         // the default
	HolidaysLeadCountry Holidays = "lead_country" // of a lead without a known country: none
)

// Step is one thing to do: an email, a task or a webhook. Exactly one is set.
type Step struct {
	ID      outreach.StepID `json:"id"`
	Wait    schedule.Wait   `json:"wait"`           // from the actual send of the step before; of the first step, from the enrolment
	When    string          `json:"when,omitempty"` // an expression; the step is skipped when it is false
	Email   *Email          `json:"email,omitempty"`
	Task    *Task           `json:"task,omitempty"`
	Webhook *Webhook        `json:"webhook,omitempty"`
}

// Email is a mail to the lead.
type Email struct {
	Template  string    `json:"template"` // path below the templates, with slashes
	Thread    Thread    `json:"thread"`
	Subject   string    `json:"subject,omitempty"`    // in place of the template's; Liquid
	Variants  []Variant `json:"variants,omitempty"`   // none or at least two
	Require   []string  `json:"require,omitempty"`    // fields without which the lead waits in "needs data"
	CaseStudy CaseStudy `json:"case_study,omitempty"` // empty: none
}

// CaseStudy is how a mail's {{ case_study }} is chosen.
type CaseStudy string

// CaseStudyMatch takes the one that fits the lead best; a lead whom none fits waits
// in "needs data", unless the template does without.
const CaseStudyMatch CaseStudy = "match"

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

// Reaction changes what a label does by default. Zero fields change nothing.
type Reaction struct {
	Draft  string         `json:"draft,omitempty"`   // playbook template of the answer
	Resume *schedule.Wait `json:"resume,omitempty"`  // out_of_office: after the day of return
	NoDate *schedule.Wait `json:"no_date,omitempty"` // out_of_office: from the message, when it names no day
}

// Opens tells whether an email step may be the first mail that a lead gets: no
// email before it is sure to have gone.
func (s *Sequence) Opens(step int) bool {
	for _, earlier := range s.Steps[:step] {
		if earlier.Email != nil && earlier.When == "" {
			return false
		}
	}
	return s.Steps[step].Email != nil
}

// Templates lists the templates of the emails and their variants, each once.
func (s *Sequence) Templates() []string {
	var names []string
	for _, step := range s.Steps {
		if step.Email == nil {
			continue
		}
		used := len(step.Email.Variants) == 0
		for _, variant := range step.Email.Variants {
			used = used || variant.Template == ""
			names = append(names, variant.Template)
		}
		if used {
			names = append(names, step.Email.Template)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

// MatchesCaseStudies tells whether a mail says something about a case study.
func (s *Sequence) MatchesCaseStudies() bool {
	return slices.ContainsFunc(s.Steps, func(step Step) bool { return step.Email != nil && step.Email.CaseStudy == CaseStudyMatch })
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
