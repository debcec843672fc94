// Package address decides which mail addresses Drumbeat writes to: the plain
// addr-specs that real people have. It is stricter than RFC 5321, which allows
// quoted local parts, address literals and names without a dot; those are never
// leads, and each of them has been used to smuggle a second recipient or a
// local delivery through a mailer. It leaves to others whether an address
// exists, is suppressed or fits a sequence.
package address

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"drumbeat/internal/outreach"
)

// The longest parts, in octets (RFC 5321, section 4.5.3.1, and its erratum 1690).
const (
	maxLocal   = 64
	maxDomain  = 253
	maxAddress = 254
)

// Check tells whether s is an address we would write to: local-part "@" domain,
// nothing around it, the domain with a dot. The error wraps
// outreach.ErrInvalid and says what is wrong, without repeating the address.
func Check(s string) error {
	_, _, err := split(s)
	return err
}

// ForSMTP gives the form in which SMTP wants a checked address: the domain in
// ASCII (RFC 5890). needsUTF8 tells that the local part is not ASCII, so that only a
// server with SMTPUTF8 (RFC 6531) can take it.
func ForSMTP(s string) (smtp string, needsUTF8 bool, err error) {
	local, domain, err := split(s)
	if err != nil {
		return "", false, err
	}
	return local + "@" + domain, !ascii(local), nil
}

// split gives the local part and the domain in ASCII.
func split(s string) (local, domain string, err error) {
	if !utf8.ValidString(s) {
		return "", "", invalid("not valid UTF-8")
	}
	local, domain, found := strings.Cut(s, "@")
	if !found {
		return "", "", invalid("no @")
	}
	if strings.Contains(domain, "@") {
		return "", "", invalid("more than one @")
	}
	if err := checkLocal(local); err != nil {
		return "", "", err
	}
	domain, err = checkDomain(domain)
	if err != nil {
		return "", "", err
	}
	if len(local)+1+len(domain) > maxAddress {
		return "", "", invalid("longer than 254 octets")
	}
	return local, domain, nil
}

// checkLocal accepts a dot-atom (RFC 5322, section 3.2.3) with the letters and
// digits of any script (RFC 6532).
func checkLocal(local string) error {
	switch {
	case local == "":
		return invalid("nothing before the @")
	case len(local) > maxLocal:
		return invalid("the part before the @ is longer than 64 octets")
	case strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, ".."):
		return invalid("a misplaced dot before the @")
	}
	for _, r := range local {
		if !localRune(r) {
			return invalid(fmt.Sprintf("%q before the @", r))
		}
	}
	return nil
}

func localRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return true
	case r < utf8.RuneSelf:
		return strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r)
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// checkDomain gives the domain in ASCII.
func checkDomain(domain string) (string, error) {
	switch {
	case domain == "":
		return "", invalid("nothing behind the @")
	case strings.HasPrefix(domain, "["):
		return "", invalid("an address literal instead of a domain")
	case strings.HasSuffix(domain, "."):
		return "", invalid("a dot at the end")
	}
	name, err := inASCII(domain)
	if err != nil {
		return "", invalid("the part behind the @ is not a domain")
	}
	if len(name) > maxDomain {
		return "", invalid("the domain is longer than 253 octets")
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "", invalid("an IP address instead of a domain")
	}
	return name, checkLabels(strings.Split(name, "."))
}

// inASCII leaves a plain name alone, which most are: IDNA maps upper case and what is
// not ASCII, and looks at nothing else but "--", which may begin a label in Punycode.
// It is asked several times a mail.
func inASCII(domain string) (string, error) {
	plain := !strings.Contains(domain, "--") && strings.IndexFunc(domain, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '.')
	}) < 0
	if plain {
		return domain, nil
	}
	return idna.Lookup.ToASCII(domain)
}

func checkLabels(labels []string) error {
	if len(labels) < 2 {
		return invalid("the domain has no dot")
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return invalid("the part behind the @ is not a domain")
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return invalid("the domain ends in a number")
	}
	return nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func invalid(what string) error { return fmt.Errorf("%w: address: %s", outreach.ErrInvalid, what) }
