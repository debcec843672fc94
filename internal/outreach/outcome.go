package outreach

import "time"

// InboxMessage is a stored message that waits to be understood.
type InboxMessage struct {
	ID         MessageID
	MailboxID  MailboxID
	ReceivedAt time.Time // sales time: the server's time of arrival
	From       Address
	Subject    string
	Raw        []byte
	Truncated  bool
	Attempts   int // this one included
	Match      Match
}

// Situation is what a decision about a message asks about the lead and the
// sequence it is about.
type Situation struct {
	Lead         Lead
	Enrolment    Enrolment  // ID 0: the lead is in no sequence
	SequenceName string     // empty without an enrolment
	Source       string     // the revision's file, with its on_reply; empty without an enrolment
	RepID        RepID      // who gets the reply
	Mailbox      MailboxRef // that received the message
	SoftBounces  int        // soft bounces of the lead's address within the last 14 days
	LastMail     string     // subject of the mail that is answered, or of the last one
}

// MailboxRef is one of our mailboxes as other things name it.
type MailboxRef struct {
	ID       MailboxID
	Address  string
	Timezone string
	RepID    RepID
}

// Move is what happens to the enrolments of a lead.
type Move string

// The moves. A stop is for the lead: it ends all enrolments.
const (
	MoveNone    Move = ""        // what the message held goes on as before
	MoveStop    Move = "stop"    // no further mail to the lead
	MoveHold    Move = "hold"    // a person decides
	MovePause   Move = "pause"   // on again by itself at Until
	MoveForward Move = "forward" // what the message held goes on, and is not a reply
)

// Outcome is everything that follows from one understood message. It is applied
// in one transaction; what is zero changes nothing.
type Outcome struct {
	MessageID    MessageID
	At           time.Time // sales time
	Match        Match
	RepID        RepID
	Read         Reading
	Decided      Decided
	Move         Move
	Stop         StopReason
	Hold         HoldReason
	Until        time.Time // of a pause
	Stage        Stage     // empty: stays
	NoEnrolUntil time.Time // after a plain no; zero: not set
	Facts        []Fact
	Objection    Label    // the objection to open; empty: none
	Suppress     []string // addresses
	SuppressWhy  StopReason
	Candidate    *Candidate
	Draft        *Draft
	Reminder     *Reminder
	Company      string // registrable domain: all leads there are stopped too; empty: none
	Block        *Block
	Proves       SendID // an unknown send that this message proves to have arrived; 0: none
	Alert        bool   // a rep is told at once
}

// Reading is what was understood of a message, as the message's row keeps it.
type Reading struct {
	Kind       Kind
	Label      Label
	Confidence float64
	Abstained  bool
	Secondary  []Label
	Language   string
	Text       string // the new words
	Detail     any    // everything else, stored as JSON
}

// Decided says why an outcome is what it is and what comes next.
type Decided struct {
	Rule string `json:"rule"`         // the row of the decision table
	Act  string `json:"act"`          // what was done, in a sentence
	Next string `json:"next"`         // what happens next, and when
	By   string `json:"by,omitempty"` // a person's name when a person corrected it
}

// Draft is an answer that a rep may send.
type Draft struct {
	Playbook string
	Subject  string
	Body     string
}

// Block says that a server refused our mail by policy: the lead is untouched.
type Block struct {
	Domain string // of the recipient
	Until  time.Time
	Reason string
	Whole  bool // the mailbox itself is at fault: it stops writing to anybody
}
