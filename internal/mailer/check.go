package mailer

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"drumbeat/internal/outreach"
)

// checkMail refuses a mail whose parts would not stay in their headers.
func checkMail(m outreach.Mail) error {
	if m.Date.IsZero() {
		return invalid("date", "is missing")
	}
	texts := []struct{ name, value string }{
		{"subject", m.Subject}, {"from", m.From.Name}, {"to", m.To.Name},
	}
	for _, text := range texts {
		if err := checkHeaderText(text.name, text.value); err != nil {
			return err
		}
	}
	if err := checkMessageID("message-id", m.RFCMessageID); err != nil {
		return err
	}
	if m.InReplyTo != "" {
		if err := checkMessageID("in-reply-to", m.InReplyTo); err != nil {
			return err
		}
	}
	for _, id := range m.References {
		if err := checkMessageID("references", id); err != nil {
			return err
		}
	}
	if err := checkURI("unsubscribe URL", m.UnsubscribeURL, "https"); err != nil {
		return err
	}
	return checkURI("unsubscribe address", m.UnsubscribeMailto, "mailto")
}

// checkHeaderText refuses control characters, line and paragraph separators,
// and what a reader would decode as an encoded word (RFC 2047) though we did
// not encode it.
func checkHeaderText(name, value string) error {
	if !utf8.ValidString(value) {
		return invalid(name, "is not valid UTF-8")
	}
	if strings.Contains(value, "=?") {
		return invalid(name, `contains "=?"`)
	}
	for _, r := range value {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return invalid(name, fmt.Sprintf("contains the control character %U", r))
		}
	}
	return nil
}

// checkMessageID accepts <left@right> of printable ASCII (RFC 5322, section
// 3.6.4); ids of others, which we repeat in References, are often odd inside.
func checkMessageID(name, id string) error {
	inner, found := strings.CutPrefix(id, "<")
	inner, closed := strings.CutSuffix(inner, ">")
	if !found || !closed || inner == "" || strings.ContainsAny(inner, "<>") || !visible(inner) {
		return invalid(name, "is not <id@domain>")
	}
	return nil
}

// checkURI accepts what fits between angle brackets (RFC 2369, section 2).
func checkURI(name, value, scheme string) error {
	if value == "" {
		return nil
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Scheme != scheme || !visible(value) || strings.ContainsAny(value, "<>,\"") {
		return invalid(name, "is not a plain "+scheme+" URI")
	}
	return nil
}

// visible tells whether s is printable ASCII without a space.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func invalid(name, what string) error {
	return fmt.Errorf("%w: mail: %s %s", outreach.ErrInvalid, name, what)
}
