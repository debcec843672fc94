package outreach

import "time"

// The types of this file are what people are shown, on a page or in a table:
// rows that were joined together for reading. Nothing decides on them.

// LeadFilter chooses leads. Zero fields choose all.
type LeadFilter struct {
	Stage  Stage
	List   string
	Search string // in address, name or company
	Before LeadID // newest first: older than this one, for paging
	Limit  int
}

// LeadView is a lead in a list.
type LeadView struct {
	Lead
	SequenceID SequenceID // of the latest enrolment; empty: never enrolled
	State      EnrolmentState
	Step       int
	DueAt      *time.Time
	LastLabel  Label // of the latest reply
	ChangedAt  time.Time
}

// EnrolmentView is an enrolment on its lead's page.
type EnrolmentView struct {
	Enrolment
	SequenceName string
	Revision     int
	WaitReason   Reason
	CreatedAt    time.Time
}

// SendFilter chooses rows of the ledger. Zero fields choose all.
type SendFilter struct {
	State  SendState
	LeadID LeadID
	Since  time.Time // moved at or after
	Limit  int
}

// SendView is a row of the ledger as people see it.
type SendView struct {
	Send
	SequenceID    SequenceID
	LeadName      string
	Subject       string
	CreatedAt     time.Time
	SettledAt     *time.Time
	SMTPCode      int
	SMTPText      string
	UnknownReason string
	ResolvedBy    string
	Variant       string // of the mail; empty: it has none
	Choice        string // why its case study was chosen; empty: it has none
}

// MovedAt is when the row last changed, as far as sales time knows.
func (s SendView) MovedAt() time.Time {
	switch {
	case s.SettledAt != nil:
		return *s.SettledAt
	case !s.ClaimedAt.IsZero():
		return s.ClaimedAt
	}
	return s.CreatedAt
}

// ReplyFilter chooses messages that were understood. Zero fields choose all.
type ReplyFilter struct {
	Label  Label
	Open   bool // nobody has handled it yet
	LeadID LeadID
	Before MessageID // newest first: older than this one, for paging
	Limit  int
}

// ReplyView is a message from a lead as people see it.
type ReplyView struct {
	ID         MessageID
	LeadID     LeadID // 0: it was not matched
	LeadName   string
	Company    string
	From       Address
	Subject    string
	ReceivedAt time.Time
	Kind       Kind
	Label      Label
	Corrected  Label // what a person said it is; empty: nobody did
	Confidence float64
	Abstained  bool
	Secondary  []Label
	Text       string // the lead's own words, without quotes
	RepID      RepID
	HandledAt  *time.Time
	Draft      string // the answer that stands ready; empty: none
}

// MailboxView is a mailbox as people see it.
type MailboxView struct {
	ID           MailboxID
	Address      string
	RepID        RepID
	Timezone     string
	Paused       bool
	PausedReason string
	NextSendAt   *time.Time     // no step before this; nil: free
	WaitReason   Reason         // why NextSendAt
	SentToday    int            // places taken of today's cap, on the mailbox's own day
	Active       int            // enrolments that go on
	Unread       *time.Duration // machine time since its inbox was last read to its end; nil: never
	Blocks       []DomainPause
}

// DomainPause is a recipient domain that a mailbox does not write to for a while.
type DomainPause struct {
	Domain string
	Until  time.Time
	Reason string
}

// SequenceView is a sequence as people see it.
type SequenceView struct {
	ID           SequenceID
	Name         string
	Owner        RepID
	Revision     int
	Paused       bool
	PausedReason string
	Enrolments   map[EnrolmentState]int
	Sent         int
}

// StepResult is what became of the mails of one step in one of its variants. A lead
// counts once for each mail, by what they said after it and before the next one.
type StepResult struct {
	Step     StepID
	Index    int    // of the step, in the latest revision that sent it
	Variant  string // empty: the step has none
	Mails    int    // that were brought to a server, refused ones among them
	Replied  int    // a person wrote back
	Positive int    // a meeting or interest
	Meetings int
	OptOuts  int // asked for no more mail, or reported spam
	Bounced  int // hard, in a report
	Refused  []RefusedMails
}

// RefusedMails are mails that servers refused with the same words.
type RefusedMails struct {
	Result DeliveryResult
	Count  int
}

// Decision is a stored decision about a lead: what happened, by which rule, why.
type Decision struct {
	At         time.Time
	Kind       string
	Reason     string
	Rule       string
	Actor      string
	Detail     string
	SequenceID SequenceID // empty: not about one enrolment
}

// Objection is a reason not to buy, with what became of it.
type Objection struct {
	Label    Label
	State    string // open, answered, overcome, lost
	OpenedAt time.Time
}

// Candidate is a person whom a reply named and whom a rep may make a lead.
type Candidate struct {
	ID    CandidateID
	Kind  string // referral, delegate, successor
	State string // suggested, approved, rejected
	Contact
}

// Reminder is a day on which a rep will hear of a lead.
type Reminder struct {
	On    Day
	Kind  string // follow_up, back
	Note  string
	State string
}

// TaskView is a manual step as people see it.
type TaskView struct {
	Task
	State string // open, done, skipped
}

// Story is everything known about a lead, for its page and for `explain`.
type Story struct {
	Lead         Lead
	NoEnrolUntil *time.Time
	ReferredBy   string // who named the lead; empty: nobody
	CreatedAt    time.Time
	Lists        []string
	Suppressed   string // the suppression that covers the address; empty: none
	Enrolments   []EnrolmentView
	Decisions    []Decision // newest first
	Facts        []Fact     // the latest of each name
	Objections   []Objection
	Replies      []ReplyView // newest first
	Sends        []SendView  // newest first
	Candidates   []Candidate
	Tasks        []TaskView
	Webhooks     []WebhookView // newest first
	Reminders    []Reminder
}

// Status is how the whole installation stands. It is counted over all leads and mails:
// ask it for people, not every few seconds.
type Status struct {
	At        time.Time // sales time
	Rehearsal string    // who gets every mail instead of the leads; empty: it is real
	Census
	Doubts
	Today     map[SendState]int // step mails that moved on this day
	Sent      int               // step mails ever
	Hold      Hold              // of all sending
	NextDue   *time.Time
	Mailboxes []MailboxView
	Sequences []SequenceView
}

// Census is what there is of leads and of what they said, counted over all of them.
type Census struct {
	Leads      map[Stage]int
	Enrolments map[EnrolmentState]int
	Replies    map[Label]int
	Open       int // replies that nobody has handled
	Webhooks   map[WebhookState]int
	Inbox      map[Ending]int // what became of all mail that came in
	Strangers  int            // of that which is not ours: from companies that we have written to
	Suppressed int
}

// Doubts are the mails of which nobody can tell whether they went.
type Doubts struct {
	Unknown  int
	Assumed  int        // those that the policy takes for sent, of the last two weeks
	Doubtful *time.Time // since when the oldest unknown mail is in doubt; nil: none
}

// Vitals are what may be asked every few seconds: however many leads and mails there
// are, it is read from few rows.
type Vitals struct {
	Doubts
	Hold      Hold
	Processes int           // that live
	Notices   int           // digests, alerts and answers that have not gone yet
	Pending   int           // messages that nobody has understood yet
	Mailboxes []MailboxView // without Active and Blocks
}
