package reply

import (
	"time"

	"drumbeat/internal/outreach"
)

// Message is one inbound mail, understood by its structure.
type Message struct {
	Kind      outreach.Kind
	KindRules []string // every rule that fired, "bounce: ...", "automatic: ..."
	Challenge bool     // the sender's filter wants proof of a human; automatic
	Automatic []string // header evidence of a machine, "Name: value"

	From         outreach.Address
	ReplyTo      outreach.Address
	To, Cc       []outreach.Address
	Subject      string
	SubjectBare  string    // without Re:, AW:, [External] and the like
	Date         time.Time // the moment given to Parse, else the Date header
	RFCMessageID string    // with angle brackets
	InReplyTo    string    // the first ID of the header, with angle brackets
	References   []string  // every ID of References and In-Reply-To, oldest first
	Header       Header

	Text      string   // the new words: no quotes, closing formula, name, disclaimer
	Quoted    string   // what was answered, without quote marks
	Answers   []Answer // the pieces of Text, where it stands between quoted lines; nil for one piece
	Forwarded string   // a mail that the sender passed on
	Signature string   // closing, name, contact lines; the source of titles and phones

	Recipients      []Recipient   // of a bounce or a complaint
	InnerMessageIDs []string      // IDs in enclosed originals, reports and quoted text
	ReturnOn        *outreach.Day // from a header such as X-Apple-Criteria

	Truncated bool // a limit cut something off

	machinePoints int // how much speaks for a machine, where it was too little
}

// Recipient is an address that a bounce or a complaint speaks of.
type Recipient struct {
	Address string         // lower case; empty when the report hides it
	Label   outreach.Label // bounce_hard, bounce_soft, bounce_block, complaint
	Status  string         // RFC 3463: 5.1.1; empty when none is given
	Code    int            // SMTP reply code; 0 when none is given
	Reason  string         // userunknown, mailboxfull, expired ...
	Text    string         // the diagnostic in the server's words
	Pending bool           // nothing has failed yet: the server still tries, or has delivered
}

// Label is the label that a message carries by its structure alone: the
// gravest of its recipients. Empty for mail that must be read.
func (m *Message) Label() outreach.Label {
	if m.Kind == outreach.KindComplaint {
		return outreach.LabelComplaint
	}
	if m.Kind != outreach.KindBounce {
		return ""
	}
	order := []outreach.Label{outreach.LabelBounceHard, outreach.LabelBounceBlock, outreach.LabelBounceSoft}
	for _, label := range order {
		for _, r := range m.Recipients {
			if r.Label == label {
				return label
			}
		}
	}
	return outreach.LabelBounceSoft
}
