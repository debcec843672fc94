package outreach

import "time"

// Lease is the right of one process to send from one mailbox for a while. A
// newer lease has a higher fence, and sends claimed under an older one cannot
// pass the commit point.
type Lease struct {
	MailboxID MailboxID
	Process   string
	Fence     int64
	Ledger    Mark // how far the ledger had come when it was taken
}

// Bell says "look at this mailbox". Two bells of one epoch are the same bell.
type Bell struct {
	MailboxID MailboxID
	Epoch     int64
}

// MailboxDay is what policy asks about a mailbox on its own day.
type MailboxDay struct {
	ID           MailboxID
	Paused       bool
	NextSendAt   *time.Time // no step before this; nil: free
	WaitReason   Reason
	FirstDay     *Day                 // day of the first step mail, nil: none yet
	Day          Day                  // today in the mailbox's zone
	Reserved     int                  // mails reserved or sent today
	Unread       bool                 // its inbox was not read lately: the commit point would let no follow-up pass
	NewLeads     map[SequenceID]int   // leads started today, by sequence
	DomainPauses map[string]time.Time // recipient domains that wait, and until when
	DomainMails  map[string]int       // mails reserved or sent today, by recipient domain, of sequences that limit them
}

// DueStep is an enrolment whose next step is due, with all that policy and
// rendering ask about it. Its lead and its enrolment are locked while a decision
// is made.
type DueStep struct {
	Enrolment  Enrolment
	Lead       Lead
	Suppressed bool
	History    History // empty unless ClaimRequest.WantsHistory asked for it
	InFlight   bool    // another mail to this lead is claimed or committing
	Earlier    *Send   // the ledger row of this very step, whatever its place was then; nil: none
	HasPlace   bool    // that row still holds its place under today's cap
	Counted    bool    // that row was counted as a new lead already
}

// ClaimAction says what becomes of a due step.
type ClaimAction string

// The actions.
const (
	ClaimSend     ClaimAction = "send"     // write its row as claimed
	ClaimWait     ClaimAction = "wait"     // look again at Until
	ClaimTask     ClaimAction = "task"     // a manual step: create the task and go on
	ClaimSkip     ClaimAction = "skip"     // its condition is false: go on, and remember why
	ClaimWebhook  ClaimAction = "webhook"  // put the event into the outbox; its delivery moves the enrolment on
	ClaimAdvance  ClaimAction = "advance"  // the step is behind it already: go on
	ClaimHold     ClaimAction = "hold"     // a person decides
	ClaimCancel   ClaimAction = "cancel"   // stop the enrolment, Stop says why
	ClaimNothing  ClaimAction = "nothing"  // leave it as it is
	ClaimComplete ClaimAction = "complete" // no step is left
	ClaimResend   ClaimAction = "resend"   // plan its unknown send again, as it is
)

// ClaimDecision is what was decided about one due step. The fields that an
// action does not name are not read.
type ClaimDecision struct {
	Action ClaimAction
	Reason Reason

	// send, skip, webhook
	StepID StepID

	// send
	DedupeKey    string
	RFCMessageID string
	NotAfter     time.Time
	CountDomain  bool   // it takes a place under the limit of its recipient domain
	NewLead      bool   // the first mail of the enrolment: it counts as a new lead
	Variant      string // which of the mail's variants; empty: it has none

	Until time.Time // wait

	Task    Task         // task
	Webhook WebhookEvent // webhook

	// task, skip, advance: where the enrolment goes on; webhook: where it does when its event is behind it already
	Next Progress

	Hold HoldReason // hold
	Stop StopReason // cancel
	Note string     // a sentence for people, stored with send, hold, cancel and skip
}

// Progress is where an enrolment stands after a step.
type Progress struct {
	Step  int
	DueAt *time.Time // nil with State finished
	State EnrolmentState
}

// Task is a manual step for a rep.
type Task struct {
	ID          TaskID
	LeadID      LeadID
	EnrolmentID EnrolmentID
	StepID      StepID
	RepID       RepID
	Kind        string
	Title       string
	DueAt       *time.Time
	SkipAt      *time.Time // the sequence waits for the task until then; nil: it does not wait
	ResumeAt    *time.Time // when it goes on at the earliest, if the task is done before SkipAt
}

// MailboxWait keeps a mailbox, or the new leads of one sequence in it, waiting.
type MailboxWait struct {
	SequenceID SequenceID // empty: the whole mailbox
	Until      time.Time
	Reason     Reason
}

// ClaimPlan is what was decided about a batch of due steps, one decision each.
type ClaimPlan struct {
	Decisions   []ClaimDecision
	Waits       []MailboxWait
	NewLeadCaps map[SequenceID]int // of the sequences with new leads among the claims: how many may begin on the day
}

// Claimed is a send that this process may bring to the commit point.
type Claimed struct {
	Send
	Due    DueStep // the zero value for sends that no enrolment drives
	Thread []Sent  // earlier mails of the enrolment, oldest first
	Frozen *Frozen // bytes to send exactly as they are; nil: render
}

// Sent is an earlier mail of a thread.
type Sent struct {
	RFCMessageID string
	Subject      string
	StepID       StepID
	StepIndex    int
}

// Frozen is a mail that must go out byte for byte as it was.
type Frozen struct {
	Subject string
	Raw     []byte
	Since   *time.Time // sales time of its first attempt; nil: not known
}

// Settlement is the outcome of one attempt as the ledger records it.
type Settlement struct {
	SendID   SendID
	Fence    int64
	State    SendState // sent, planned (again), failed, unknown
	Result   DeliveryResult
	At       time.Time // sales time
	Next     *Progress // where the enrolment goes on; nil: it stays where it is
	RetryAt  *time.Time
	Attempts int // how many attempts this was: 0 for one that never reached the recipient's server
}

// MailEnding is what became of a step mail, as far as a guard asks.
type MailEnding struct {
	State   SendState
	Result  DeliveryResult
	Labels  []Label    // of what the lead sent after it and before the next one
	Stopped StopReason // of the lead, if this was the last mail to it
	Stage   Stage
}

// Notice is a mail that no enrolment drives: a digest, an alert, an answer, a
// test. Its bytes are complete when it is written to the ledger.
type Notice struct {
	Purpose      Purpose
	DedupeKey    string
	RFCMessageID string
	MailboxID    MailboxID
	To           string
	DueAt        time.Time
	Frozen       Frozen
}

// ClaimRequest asks for due steps of a leased mailbox.
type ClaimRequest struct {
	Lease Lease
	Now   time.Time // sales time
	Limit int
	// StepOf names the step that is due; empty: not known yet. The ledger knows a step by its
	// name: its place changes with the revision.
	StepOf func(DueStep) StepID
	// WantsHistory tells whether deciding about a step needs its History; nil: never.
	WantsHistory func(DueStep) bool
	// Decide says what becomes of each due step, one decision each. It runs while
	// their rows are locked, and again when the database breaks the transaction
	// off: it must be quick and have no effect.
	Decide func(MailboxDay, []DueStep) ClaimPlan
}

// CommitRequest asks to pass the commit point: after a yes, and only then, the
// final dot may go.
type CommitRequest struct {
	SendID  SendID
	Fence   int64
	Subject string // what the thread's next mail answers to
}

// Swept counts what one sweep of the ledger did.
type Swept struct {
	GivenBack int // claims of dead processes, planned again
	Unknown   int // commits of dead processes
	Cancelled int // deferred sends of stopped leads
}

// Revision is one immutable version of a sequence: its file and every template
// that it uses, as they were when it was applied.
type Revision struct {
	ID         RevisionID
	SequenceID SequenceID
	Number     int
	Source     string
	Templates  map[string]string // by name
}

// Refusal is a mail that a server refused for good, and what follows from it.
// Exactly the parts that are set happen, in one transaction.
type Refusal struct {
	SendID    SendID
	LeadID    LeadID
	MailboxID MailboxID
	At        time.Time
	Detail    string // the server's words

	SuppressAddress string     // the address does not exist
	StopEnrolment   bool       // no word of why: only this lead's enrolments end
	PauseDomain     string     // the recipient domain refuses this mailbox ...
	PauseUntil      *time.Time // ... and is asked again then
	Slow            bool       // it only defers what we send: no word against the mailbox
	StopMailbox     bool       // the mailbox itself is at fault
}
