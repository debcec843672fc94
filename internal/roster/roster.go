// Package roster is the file mailboxes.yaml: from where a team sends and reads,
// and who its reps are. Secrets are kept as the references the file holds
// (${NAME}) and looked up when they are needed; they are never part of a Roster.
package roster

import (
	"slices"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
)

// FileName is the roster's name, beside the sequences.
const FileName = "mailboxes.yaml"

// Roster is one valid file, its defaults filled in.
type Roster struct {
	Mailboxes []Mailbox
	Reps      []Rep
	Sender    Sender
	Notify    outreach.MailboxID // digests and alerts leave from here; default: the first mailbox
}

// Mailbox is an address to send from and to read.
type Mailbox struct {
	ID        outreach.MailboxID
	Address   string
	Name      string         // the display name; default: the rep's
	Rep       outreach.RepID // default: the rep of the mailbox's own id
	Timezone  string         // IANA name; default: the rep's. Its days are the days that caps count
	SMTP      Server
	IMAP      *Server // nil: replies are not read from here
	Cap       schedule.Cap
	SentCopy  SentCopy
	Signature string // path beside the file; empty: none
}

// Server is where and how a mailbox reaches its provider.
type Server struct {
	Host     string
	Port     int
	User     Secret // empty: the server asks for none
	Password Secret
	TLS      TLS
	Folders  []string // IMAP alone
}

// TLS is how a connection is encrypted.
type TLS string

// The modes. None is allowed on the loopback interface alone.
const (
	StartTLS    TLS = "starttls"
	ImplicitTLS TLS = "tls"
	NoTLS       TLS = "none"
)

// SentCopy says whether a sent mail is put into the mailbox's Sent folder.
type SentCopy string

// The ways. Auto appends unless the provider does it by itself.
const (
	SentCopyAuto   SentCopy = "auto"
	SentCopyAppend SentCopy = "append"
	SentCopyNone   SentCopy = "none"
)

// Rep is a person of the team.
type Rep struct {
	ID       outreach.RepID
	Name     string
	Email    string
	Timezone string // IANA name
	Digest   Digest
	Away     []Leave
	Cover    outreach.RepID // who gets the rep's digests and alerts while the rep is away; empty: nobody
}

// Leave is a time in which a rep is away, its last day included.
type Leave struct{ From, To outreach.Day }

// AwayOn tells whether the rep is away on a day of their zone.
func (r Rep) AwayOn(day outreach.Day) bool {
	return slices.ContainsFunc(r.Away, func(l Leave) bool { return !day.Before(l.From) && !l.To.Before(day) })
}

// Digest is when a rep gets the mail of the day, in the rep's zone.
type Digest struct {
	At   schedule.TimeOfDay
	Days schedule.Days
}

// Sender is who the mails are from by law.
type Sender struct {
	Company       string
	PostalAddress string
}

// Mailbox finds a mailbox by its id.
func (r *Roster) Mailbox(id outreach.MailboxID) (Mailbox, bool) {
	for _, mailbox := range r.Mailboxes {
		if mailbox.ID == id {
			return mailbox, true
		}
	}
	return Mailbox{}, false
}

// Rep finds a rep by their id.
func (r *Roster) Rep(id outreach.RepID) (Rep, bool) {
	for _, rep := range r.Reps {
		if rep.ID == id {
			return rep, true
		}
	}
	return Rep{}, false
}

// MailboxesOf lists the mailboxes of a rep in the order of the file: where a
// sequence sends from that names none.
func (r *Roster) MailboxesOf(rep outreach.RepID) []outreach.MailboxID {
	var ids []outreach.MailboxID
	for _, mailbox := range r.Mailboxes {
		if mailbox.Rep == rep {
			ids = append(ids, mailbox.ID)
		}
	}
	return ids
}
