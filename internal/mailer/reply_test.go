package mailer_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"drumbeat/internal/mailer"
)

func TestAServersWordsAreTidiedForTheLedger(t *testing.T) {
	for _, c := range []struct{ text, enhanced, line string }{
		{"2.0.0 Ok: queued as 4F1", "2.0.0", "Ok: queued as 4F1"},
		{"5.1.1 <jo@lead.example>: Recipient\n5.1.1 address rejected", "5.1.1", "<[address]>: Recipient address rejected"},
		{"mailbox JO@LEAD.EXAMPLE, unknown", "", "mailbox [address], unknown"},
		{"rfc822;jo@lead.example", "", "rfc822;[address]"},
		{"a\x1b[31m\u202ered\x00 \t text\r", "", "a[31mred text"},
		{"5.7.1234 is no status", "", "5.7.1234 is no status"},
		{strings.Repeat("ä", 400), "", strings.Repeat("ä", 250)},
		{"", "", ""},
	} {
		if enhanced, line := mailer.Tidy(c.text); enhanced != c.enhanced || line != c.line {
			t.Errorf("%q: got %q, %q, want %q, %q", c.text, enhanced, line, c.enhanced, c.line)
		}
	}
}

func FuzzTidy(f *testing.F) {
	f.Add("5.1.1 <jo@lead.example>: no\n5.1.1 more")
	f.Add("a\x00\u2028b@c.d\xff")
	address := regexp.MustCompile(`\w@\w`)
	f.Fuzz(func(t *testing.T, text string) {
		_, line := mailer.Tidy(text)
		if !utf8.ValidString(line) || len(line) > 500 || address.MatchString(line) || strings.ContainsFunc(line, unicode.IsControl) {
			t.Errorf("Tidy(%q) = %q", text, line)
		}
	})
}
