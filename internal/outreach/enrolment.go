package outreach

import "time"

// EnrolmentState is the state of a lead in a sequence.
type EnrolmentState string

// The enrolment states. Only an active enrolment can be claimed.
const (
	EnrolmentActive   EnrolmentState = "active"
	EnrolmentPaused   EnrolmentState = "paused"   // until PausedUntil, then active again
	EnrolmentHeld     EnrolmentState = "held"     // a person decides; HoldReason says about what
	EnrolmentStopped  EnrolmentState = "stopped"  // for good; StopReason says why
	EnrolmentFinished EnrolmentState = "finished" // the last step has gone
)

// HoldReason says what a held enrolment waits for.
type HoldReason string

// The reasons to hold.
const (
	HoldReply     HoldReason = "reply"      // a message came in and is not yet understood
	HoldTriage    HoldReason = "triage"     // it was not understood: a person decides
	HoldNeedsData HoldReason = "needs_data" // the next step cannot be rendered for this lead
	HoldMailbox   HoldReason = "mailbox"    // its mailbox was taken out of use
	HoldRep       HoldReason = "rep"        // a rep asked for it
	HoldUnknown   HoldReason = "unknown"    // an unknown send and the policy "hold"
	HoldWebhook   HoldReason = "webhook"    // a webhook was given up: drive it again, or go on without it
)

// StopReason says why no further mail goes to a lead, or why an enrolment ended.
type StopReason string

// The reasons to stop.
const (
	StopReplied      StopReason = "replied"
	StopUnsubscribed StopReason = "unsubscribed"
	StopSuppressed   StopReason = "suppressed"
	StopBounced      StopReason = "bounced"
	StopComplained   StopReason = "complained"
	StopLeftCompany  StopReason = "left_company"
	StopSendFailed   StopReason = "send_failed"
	StopByRep        StopReason = "stopped_by_rep"
	StopMeeting      StopReason = "meeting_booked"    // elsewhere, as a lead-stop hook said
	StopElsewhere    StopReason = "stopped_elsewhere" // by another program, for a reason of its own
)

// Enrolment is a lead in a sequence.
type Enrolment struct {
	ID          EnrolmentID
	LeadID      LeadID
	SequenceID  SequenceID
	RevisionID  RevisionID
	MailboxID   MailboxID // sticky
	Timezone    string    // IANA name, resolved when the lead was enrolled; sticky
	State       EnrolmentState
	StateReason string     // a HoldReason or StopReason, by State
	Step        int        // index of the next step in the revision
	DueAt       *time.Time // sales time of the next step; nil when nothing is due
	PausedUntil *time.Time
	LastSentAt  *time.Time
}
