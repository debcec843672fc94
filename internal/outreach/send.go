package outreach

import "time"

// Purpose says what a send is for. Caps, gaps and windows bind PurposeStep only.
type Purpose string

// The purposes.
const (
	PurposeStep   Purpose = "step"
	PurposeAnswer Purpose = "answer"
	PurposeDigest Purpose = "digest"
	PurposeAlert  Purpose = "alert"
	PurposeTest   Purpose = "test"
)

// SendState is the state of a row of the send ledger. docs/ARCHITECTURE.md has
// the picture of who may move a row from which state to which.
type SendState string

// The send states.
const (
	SendPlanned     SendState = "planned"
	SendClaimed     SendState = "claimed"
	SendCommitting  SendState = "committing" // the commit point is behind it, the answer to the dot is not yet known
	SendSent        SendState = "sent"
	SendFailed      SendState = "failed"
	SendCancelled   SendState = "cancelled"
	SendUnknown     SendState = "unknown"      // it may or may not have gone; never sent again blindly
	SendAssumedSent SendState = "assumed_sent" // unknown, and policy says: take it for sent
)

// SendStates lists all states in the order in which a mail may come to them.
func SendStates() []SendState {
	return []SendState{SendPlanned, SendClaimed, SendCommitting, SendSent, SendFailed, SendCancelled, SendUnknown, SendAssumedSent}
}

// Terminal tells whether no automatic move leaves the state.
func (s SendState) Terminal() bool {
	switch s {
	case SendSent, SendFailed, SendCancelled, SendAssumedSent:
		return true
	}
	return false
}

// Send is one row of the ledger: one mail that should leave at most once.
type Send struct {
	ID           SendID
	Purpose      Purpose
	DedupeKey    string // UNIQUE: step:<enrolment>:<step>, digest:<rep>:<day>, answer:<draft>, alert:<message>
	RFCMessageID string // UNIQUE, with angle brackets; fixed when the row is written
	EnrolmentID  EnrolmentID
	LeadID       LeadID
	MailboxID    MailboxID
	StepID       StepID
	StepIndex    int
	To           string
	State        SendState
	Fence        int64     // raised by every claim; an update with an older fence changes nothing
	ClaimedAt    time.Time // sales time of the claim: the Date header
	NotAfter     time.Time // sales time: end of the lead's window
	Attempts     int
	Doubt        *Doubt // of an unknown send, where it was asked for
}

// Doubt is what is known about a send that may or may not have gone.
type Doubt struct {
	Since    time.Time
	LookedAt *time.Time // the last look into the Sent folder; nil: none yet
	Resends  int        // how often the policy has sent it again
}
