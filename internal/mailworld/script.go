package mailworld

import (
	"time"

	"drumbeat/internal/outreach"
)

// Kind is what a lead, or the mail system on their behalf, does about a mail.
type Kind string

// The kinds of reactions.
const (
	Human        Kind = "human"        // a person answers
	OutOfOffice  Kind = "absence"      // a vacation notice (RFC 3834)
	AutoReply    Kind = "auto_reply"   // a ticket number, a challenge
	HardBounce   Kind = "bounce_hard"  // a DSN (RFC 3464): no such mailbox
	SoftBounce   Kind = "bounce_soft"  // a DSN: mailbox full
	BlockBounce  Kind = "bounce_block" // a DSN: refused as spam
	Complaint    Kind = "complaint"    // an abuse report (RFC 5965)
	OneClick     Kind = "one_click"    // a POST to List-Unsubscribe (RFC 8058)
	MailtoUnsub  Kind = "mailto"       // a mail to List-Unsubscribe's mailto
	RefuseAtSMTP Kind = "refuse"       // 550 5.1.1 to RCPT, from the first mail on
)

// Style is how the mail program of a lead quotes.
type Style string

// The styles.
const (
	Gmail   Style = "gmail"
	Outlook Style = "outlook"
	Apple   Style = "apple"
	NoQuote Style = "none"
)

// Reaction is what happens after the nth mail to a lead was accepted. What a
// Human would do on a weekend waits for Monday.
type Reaction struct {
	To    int           // the number of the mail that it answers: 1, 2, 3 ...
	After time.Duration // sales time from the mail to the reaction
	Kind  Kind
	Text  string // the words of Human, OutOfOffice and AutoReply, with placeholders as replies.yaml has them
	// Return is how long after the reaction an absence ends: {{return_date}}, moved on to a Monday if need be.
	Return time.Duration

	Style    Style          // how Human quotes; empty: Gmail
	NoThread bool           // without In-Reply-To and References
	From     string         // another address, when a colleague or a second account answers
	FromName string         // the display name; empty: from LeadName
	HTMLOnly bool           // no plain text part
	ToJunk   bool           // lands in Junk instead of INBOX
	Label    outreach.Label // what the words mean, for whoever checks the reading; not used by the world
	Language string         // ISO 639-1 of the words; decides the quote line of Gmail and Apple
}

// Script is a table: what each address does. An address that is not in it
// stays silent, as most do.
type Script map[string]ScriptedLead

// ScriptedLead is one lead's part of a script.
type ScriptedLead struct {
	Name      string // as the lead signs
	Reactions []Reaction
}

// SetScript replaces what leads do; what they already mean to do, they do.
func (w *World) SetScript(script Script) {
	w.mu.Lock()
	w.options.Script = script
	w.mu.Unlock()
	for lead, part := range script {
		for _, reaction := range part.Reactions {
			if reaction.Kind == RefuseAtSMTP {
				w.Fault(lead, Fault{At: AtRcpt, Code: 550, Text: "5.1.1 no such user here"})
			}
		}
	}
}
