package outreach

import "time"

// Address is a mail address with a display name.
type Address struct {
	Name  string
	Email string
}

// Content is what a reader sees of a mail: one subject, and the same text as
// plain text and as HTML. HTML may be empty (format: text).
type Content struct {
	Subject string
	Text    string
	HTML    string
}

// Mail is one outgoing mail, complete but not yet MIME.
type Mail struct {
	Content
	From         Address
	To           Address
	ReplyTo      string // empty: none
	RFCMessageID string // with angle brackets
	InReplyTo    string // with angle brackets; empty in a first mail
	References   []string
	Date         time.Time // sales time
	// Unsubscribe forms for List-Unsubscribe (RFC 2369) and one-click (RFC 8058);
	// both empty in mails to reps.
	UnsubscribeURL    string // https only
	UnsubscribeMailto string // mailto:address?subject=...
	AutoSubmitted     bool   // RFC 3834: digests and alerts say auto-generated
}

// Envelope is what SMTP is told (RFC 5321): plain addr-specs.
type Envelope struct {
	From string
	To   string
	Copy string // a blind copy; empty: none. That it is refused never keeps the mail back
}

// MailHeader is a message in a mailbox of which only the header was fetched.
type MailHeader struct {
	UID          uint32
	InternalDate time.Time // the server's time of arrival
	Size         int64
	Raw          []byte // the header block, CRLF, without the body
}

// FolderState is what IMAP tells of a folder (RFC 3501, section 2.3.1.1).
type FolderState struct {
	Name        string
	UIDValidity uint32
	UIDNext     uint32
}
