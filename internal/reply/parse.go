package reply

import (
	"fmt"
	"net/mail"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// Parse understands one raw mail. The moment is IMAP's INTERNALDATE; zero
// means the Date header. It never panics and content never fails it: the only
// error is ErrEmpty.
func Parse(raw []byte, at time.Time) (Message, error) {
	prepared, cut := prepare(raw)
	if len(strings.TrimSpace(string(prepared[:min(len(prepared), 4096)]))) == 0 {
		return Message{}, fmt.Errorf("parse mail of %d bytes: %w", len(raw), ErrEmpty)
	}
	mime := readMIME(prepared)
	m := Message{Kind: outreach.KindHuman, Truncated: cut, Header: decodeHeader(mime.header)}
	m.readHeader(mime, at)
	body := bodyText(mime.leaves)
	m.readBody(body)
	m.decideKind(mime, body)
	return m, nil
}

// readHeader fills what the header tells.
func (m *Message) readHeader(mime envelope, at time.Time) {
	m.From = first(addresses(mime.header, "From"))
	m.ReplyTo = first(addresses(mime.header, "Reply-To"))
	m.To = addresses(mime.header, "To")
	m.Cc = addresses(mime.header, "Cc")
	m.Subject = m.Header.Get("Subject")
	m.SubjectBare = BareSubject(m.Subject)
	m.RFCMessageID = firstID(m.Header, "Message-Id")
	m.InReplyTo = firstID(m.Header, "In-Reply-To")
	m.References = threadIDs(m.Header)
	m.Date = at
	if at.IsZero() {
		m.Date = headerDate(m.Header)
	}
}

// readBody takes the visible text apart.
func (m *Message) readBody(body string) {
	p := split(body, m.From)
	m.Text, m.Quoted, m.Forwarded, m.Signature = p.text, p.quoted, p.forwarded, p.signature
	m.Answers = p.answers
}

// headerDate is the Date header; the zero time when there is none that can be read.
func headerDate(h Header) time.Time {
	date, err := mail.ParseDate(h.Get("Date"))
	if err != nil || date.Year() < 1970 || date.Year() > 9999 {
		return time.Time{}
	}
	return date
}
