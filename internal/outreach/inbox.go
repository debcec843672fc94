package outreach

import "time"

// MatchMethod says how a message was tied to a lead, the surest first.
type MatchMethod string

// The ways to tie a message to a lead.
const (
	MatchReferences MatchMethod = "references" // it names one of our Message-IDs as what it answers
	MatchToken      MatchMethod = "token"      // one of our tokens stands somewhere in it
	MatchSender     MatchMethod = "sender"     // the lead's own address wrote it
	MatchRecipient  MatchMethod = "recipient"  // a report about the lead's address, without proof that it is about our mail
	MatchAmbiguous  MatchMethod = "ambiguous"  // it names our mails to several leads, and none of them wrote it
	MatchColleague  MatchMethod = "colleague"  // somebody of a company we wrote to
	MatchNone       MatchMethod = "none"
)

// Proven tells whether only somebody who had our mail could have made the match.
func (m MatchMethod) Proven() bool { return m == MatchReferences || m == MatchToken }

// Tentative tells whether the match is a guess that a person confirms.
func (m MatchMethod) Tentative() bool {
	return m == MatchColleague || m == MatchRecipient || m == MatchAmbiguous
}

// Confidence is how far the match is to be trusted, 0 to 1: an address can be
// written by anybody, a company has many people.
func (m MatchMethod) Confidence() float64 {
	switch m {
	case MatchReferences, MatchToken:
		return 1
	case MatchSender:
		return 0.9
	case MatchRecipient, MatchAmbiguous, MatchColleague:
		return 0.5
	}
	return 0
}

// Match ties a message to a lead. The zero IDs mean that none is known.
type Match struct {
	Method      MatchMethod
	LeadID      LeadID
	EnrolmentID EnrolmentID
	SendID      SendID
	// Others are further leads of the company whom a colleague may have meant:
	// no mail goes to them either until a person has looked.
	Others []LeadID
}

// InboxPass is what a reader needs for one pass over a mailbox.
type InboxPass struct {
	BeganMS int64      // machine time
	Since   *time.Time // mail older than this is none of ours; nil: nothing was ever sent
	Own     []string   // addresses of all our mailboxes, folded by AddressKey
}

// InboxCursor is how far a folder was read. A UID means something only under
// its UIDVALIDITY (RFC 3501, section 2.3.1.1).
type InboxCursor struct {
	MailboxID   MailboxID
	Folder      string
	UIDValidity uint32
	LastUID     uint32
}

// NotOurs is all that is kept of mail that has nothing to do with a lead.
type NotOurs struct {
	UID          uint32
	ReceivedAt   time.Time
	SenderDomain string
	Company      string // registrable domain of the sender; empty for free mail
}

// Ending is what became of a message that came in; each has exactly one.
type Ending string

// The endings.
const (
	EndMatched   Ending = "matched"   // a lead wrote it, or it answers our mail
	EndColleague Ending = "colleague" // somebody of a company we wrote to, or about one of several leads: a guess that a person confirms
	EndAutomatic Ending = "automatic" // a machine of a lead's
	EndBounce    Ending = "bounce"    // a report or a complaint
	EndNotOurs   Ending = "not_ours"  // nothing of it is kept
)

// Endings lists them.
func Endings() []Ending {
	return []Ending{EndMatched, EndColleague, EndAutomatic, EndBounce, EndNotOurs}
}

// Handwritten is a mail that a rep wrote to leads from the mailbox itself.
type Handwritten struct {
	ContentKey string
	WrittenAt  time.Time
	Leads      []LeadID
}

// SentBatch is what was seen of a Sent folder, and the cursor behind it.
type SentBatch struct {
	Cursor InboxCursor
	Mails  []Handwritten
	At     time.Time // sales time
}

// Arrival is a message as it is stored when it comes in.
type Arrival struct {
	UID          uint32
	ContentKey   string // the same for every copy of the message
	ReceivedAt   time.Time
	From         Address
	Subject      string
	RFCMessageID string
	Raw          []byte
	Truncated    bool // Raw is only the beginning
	Match        Match
}

// InboxBatch is what one transaction takes in: at most one message, the mail
// before it that is not ours, and the cursor behind both.
type InboxBatch struct {
	Cursor  InboxCursor
	NotOurs []NotOurs
	Arrival *Arrival
	At      time.Time // sales time
}

// Taken is what became of a batch's message.
type Taken struct {
	MessageID MessageID // 0: there was none, or it was known already
	Held      int       // enrolments that wait for it to be understood
}

// SentRef is a mail of the ledger as an answer names it.
type SentRef struct {
	SendID       SendID
	RFCMessageID string
	EnrolmentID  EnrolmentID
	LeadID       LeadID
	MailboxID    MailboxID
	State        SendState
}

// WrittenLead is a lead of a company to whom a mailbox has written.
type WrittenLead struct {
	LeadID  LeadID
	Domain  string // the domain that was asked for, not the lead's own host
	Subject string // of the last mail
	At      time.Time
}
