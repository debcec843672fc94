package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	netmail "net/mail"
	"strings"

	"github.com/wneessen/go-mail"

	"drumbeat/internal/address"
	"drumbeat/internal/outreach"
)

// Build writes a mail as it goes over the wire: CRLF lines of at most 998
// octets, quoted-printable, seven-bit. Equal mails give equal bytes, so that a
// retry sends what the first attempt sent. Anything that could start a header
// of its own is refused with outreach.ErrInvalid.
func Build(m outreach.Mail) ([]byte, error) {
	if err := checkMail(m); err != nil {
		return nil, err
	}
	message := mail.NewMsg(
		mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP), mail.WithCharset(mail.CharsetUTF8),
		mail.WithBoundary(boundary(m.RFCMessageID)),
	)
	if err := setAddresses(message, m); err != nil {
		return nil, err
	}
	setHeaders(message, m)
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		message.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	var out bytes.Buffer
	if _, err := message.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write mail: %w", err)
	}
	if err := checkLines(out.Bytes()); err != nil {
		return nil, fmt.Errorf("%w: %w", outreach.ErrInvalid, err)
	}
	return out.Bytes(), nil
}

// boundary separates the parts. It comes from the Message-ID instead of chance,
// so that the bytes of a mail can be written again.
func boundary(messageID string) string {
	sum := sha256.Sum256([]byte(messageID))
	return "part-" + hex.EncodeToString(sum[:16])
}

func setAddresses(message *mail.Msg, m outreach.Mail) error {
	from, err := headerAddress(m.From)
	if err != nil {
		return fmt.Errorf("from: %w", err)
	}
	to, err := headerAddress(m.To)
	if err != nil {
		return fmt.Errorf("to: %w", err)
	}
	message.FromMailAddress(from)
	message.ToMailAddress(to)
	if m.ReplyTo == "" {
		return nil
	}
	replyTo, err := headerAddress(outreach.Address{Email: m.ReplyTo})
	if err != nil {
		return fmt.Errorf("reply-to: %w", err)
	}
	message.ReplyToMailAddress(replyTo)
	return nil
}

func headerAddress(a outreach.Address) (*netmail.Address, error) {
	plain, _, err := address.ForSMTP(a.Email)
	if err != nil {
		return nil, err
	}
	return &netmail.Address{Name: a.Name, Address: plain}, nil
}

func setHeaders(message *mail.Msg, m outreach.Mail) {
	message.SetDateWithValue(m.Date)
	message.SetMessageIDWithValue(strings.Trim(m.RFCMessageID, "<>"))
	message.SetGenHeader(mail.HeaderSubject, m.Subject)
	if m.InReplyTo != "" {
		message.SetGenHeader(mail.HeaderInReplyTo, m.InReplyTo)
	}
	if len(m.References) > 0 {
		message.SetGenHeader(mail.HeaderReferences, strings.Join(m.References, " "))
	}
	if m.AutoSubmitted {
		message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	}
	var ways []string
	if m.UnsubscribeURL != "" {
		ways = append(ways, "<"+m.UnsubscribeURL+">")
		message.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click") // RFC 8058, section 3.1
	}
	if m.UnsubscribeMailto != "" {
		ways = append(ways, "<"+m.UnsubscribeMailto+">")
	}
	if len(ways) > 0 {
		message.SetGenHeader(mail.HeaderListUnsubscribe, strings.Join(ways, ", "))
	}
}
