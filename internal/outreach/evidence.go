package outreach

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Accepted is a mail that a server took, as the spool keeps it until the ledger
// has it. It holds no address: a spool must forget nobody.
type Accepted struct {
	SendID       SendID
	Fence        int64
	RFCMessageID string
	DedupeKey    string
	StepIndex    int
	Recipient    string    // RecipientMark of the address
	At           time.Time // sales time
	Code         int
}

// RecipientMark lets a mail and an address be compared without keeping the
// address: 16 hexadecimal digits that differ from mail to mail.
func RecipientMark(rfcMessageID, address string) string {
	sum := sha256.Sum256([]byte(rfcMessageID + " " + AddressKey(address)))
	return hex.EncodeToString(sum[:8])
}

// Evidence is what showed that a mail in doubt had gone. It is stored with the
// send.
type Evidence string

// The kinds of evidence, the surest first.
const (
	EvidenceSpool      Evidence = "spool"       // this machine's own note of the server's 250
	EvidenceSentFolder Evidence = "sent_folder" // the mail lies in the mailbox's Sent folder
	EvidenceReport     Evidence = "report"      // a delivery report names it
	EvidenceReply      Evidence = "reply"       // a reply names it
)

// Replayed is what came of the notes of a dead process.
type Replayed struct {
	Settled int // sends that were in doubt, or about to be, and are sent now
	Known   int // notes that tell nothing new
	Ahead   int // notes of sends that the database has forgotten: it was restored
}

// Mark says how far a ledger has come. It only rises, so a database whose mark is
// below one that was seen before has been restored from a backup, and has
// forgotten mails.
type Mark struct {
	Epoch int64 // how many restores have been confirmed
	Seq   int64 // the last number of a commit point
}

// Behind tells whether a ledger at m has forgotten what one at other knew.
func (m Mark) Behind(other Mark) bool {
	return m.Epoch < other.Epoch || m.Epoch == other.Epoch && m.Seq < other.Seq
}

// Hold is a stop of all sending, of the whole installation. The zero value: none.
type Hold struct {
	Since  time.Time // sales time
	Reason string    // a sentence for people
}

// Held tells whether nothing may be sent.
func (h Hold) Held() bool { return !h.Since.IsZero() }

// Forgotten is a mail of a step that went and that a restored database does not
// know.
type Forgotten struct {
	RFCMessageID string
	DedupeKey    string
	EnrolmentID  EnrolmentID
	StepID       StepID
	StepIndex    int
	Recipient    string // RecipientMark of the address
	At           time.Time
	By           Evidence
}

// Restored is what was found again after a restore.
type Restored struct {
	Marked int // sends that are known to have gone again
	Held   int // enrolments that wait for a person, because it is not clear which step went
}

// Standing is an enrolment that goes on, and where.
type Standing struct {
	EnrolmentID EnrolmentID
	LeadID      LeadID
	RevisionID  RevisionID
	Step        int
	Email       string
}

// Doubtful is a mail in doubt that is to be looked for.
type Doubtful struct {
	SendID       SendID
	MailboxID    MailboxID
	RFCMessageID string
	Looks        int // before this one
}

// Filing is what is known of a mail server: whether it files what it accepts in the
// Sent folder.
type Filing string

// The filings.
const (
	FilingUnknown Filing = ""
	FilesItself   Filing = "yes"
	FilesNothing  Filing = "no"
)
