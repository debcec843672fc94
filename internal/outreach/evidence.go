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
