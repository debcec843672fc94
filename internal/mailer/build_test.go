package mailer_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/mailer"
	"drumbeat/internal/outreach"
)

var update = flag.Bool("update", false, "write the golden files")

func firstMail() outreach.Mail {
	return outreach.Mail{
		Content: outreach.Content{
			Subject: "Nordwind GmbH and churn",
			Text:    "Hello Jürgen,\n\n.a line that starts with a dot\n\nDana",
			HTML:    "<p>Hello Jürgen,</p>\n<p>.a line that starts with a dot</p>\n<p>Dana</p>\n",
		},
		From:              outreach.Address{Name: "Dana \"D\" Reyes", Email: "dana@ours.example"},
		To:                outreach.Address{Name: "Jürgen Groß", Email: "j.gross@nordwind.example"},
		RFCMessageID:      "<01jq8w.9f8e7d@ours.example>",
		Date:              time.Date(2031, 3, 3, 9, 4, 5, 0, time.UTC),
		UnsubscribeURL:    "https://u.ours.example/u/01jq8w.9f8e7d",
		UnsubscribeMailto: "mailto:dana@ours.example?subject=unsubscribe%2001jq8w.9f8e7d",
	}
}

func followUp() outreach.Mail {
	m := firstMail()
	m.HTML, m.ReplyTo = "", "replies@ours.example"
	m.Subject, m.RFCMessageID = "Re: Überblick für Nordwind", "<01jqb2.1a2b3c@ours.example>"
	m.InReplyTo = "<01jq8w.9f8e7d@ours.example>"
	m.References = []string{"<01jq8w.9f8e7d@ours.example>", "<CAF=x+1@mail.nordwind.example>"}
	m.UnsubscribeURL = ""
	return m
}

func digest() outreach.Mail {
	m := firstMail()
	m.To, m.UnsubscribeURL, m.UnsubscribeMailto, m.AutoSubmitted = m.From, "", "", true
	return m
}

func TestBuildWritesTheGoldenMails(t *testing.T) {
	for name, m := range map[string]outreach.Mail{"first": firstMail(), "follow-up": followUp(), "digest": digest()} {
		t.Run(name, func(t *testing.T) {
			got, err := mailer.Build(m)
			if err != nil {
				t.Fatal(err)
			}
			again, err := mailer.Build(m)
			if err != nil || !bytes.Equal(got, again) {
				t.Fatalf("a second Build differs (%v)", err)
			}
			file := filepath.Join("testdata", name+".eml")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("mail (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBuildRefusesWhatWouldLeaveItsHeader(t *testing.T) {
	cases := map[string]func(*outreach.Mail){
		"CR LF in the subject":       func(m *outreach.Mail) { m.Subject = "a\r\nBcc: x@y.example" },
		"LF in a name":               func(m *outreach.Mail) { m.To.Name = "a\nBcc: x@y.example" },
		"NEL in the subject":         func(m *outreach.Mail) { m.Subject = "a\u0085b" },
		"line separator in a name":   func(m *outreach.Mail) { m.From.Name = "a\u2028b" },
		"NUL in the subject":         func(m *outreach.Mail) { m.Subject = "a\x00b" },
		"an encoded word":            func(m *outreach.Mail) { m.Subject = "=?utf-8?q?a=0D=0ABcc:x?=" },
		"bad UTF-8":                  func(m *outreach.Mail) { m.Subject = "a\xff" },
		"an address with a bracket":  func(m *outreach.Mail) { m.To.Email = "a@b.example>, <c@d.example" },
		"LF in Reply-To":             func(m *outreach.Mail) { m.ReplyTo = "a@b.example\nBcc: x@y.example" },
		"a bare message id":          func(m *outreach.Mail) { m.RFCMessageID = "id@ours.example" },
		"no message id":              func(m *outreach.Mail) { m.RFCMessageID = "" },
		"a space in references":      func(m *outreach.Mail) { m.References = []string{"<a b@c>"} },
		"LF in In-Reply-To":          func(m *outreach.Mail) { m.InReplyTo = "<a@c>\n<d@e>" },
		"http unsubscribe":           func(m *outreach.Mail) { m.UnsubscribeURL = "http://u.ours.example/" },
		"CR LF in unsubscribe":       func(m *outreach.Mail) { m.UnsubscribeURL = "https://u.ours.example/\r\nBcc: x@y.example" },
		"mailto with a bracket":      func(m *outreach.Mail) { m.UnsubscribeMailto = "mailto:a@b.example>, <c@d.example" },
		"a URL too long for a line":  func(m *outreach.Mail) { m.UnsubscribeURL = "https://u.ours.example/" + strings.Repeat("a", 990) },
		"a word too long for a line": func(m *outreach.Mail) { m.Subject = strings.Repeat("a", 1200) },
		"no date":                    func(m *outreach.Mail) { m.Date = time.Time{} },
	}
	for name, spoil := range cases {
		m := firstMail()
		spoil(&m)
		if raw, err := mailer.Build(m); !errors.Is(err, outreach.ErrInvalid) {
			t.Errorf("%s: err = %v, want ErrInvalid; mail:\n%s", name, err, raw)
		}
	}
}

func TestBuildPutsAnInternationalDomainIntoASCII(t *testing.T) {
	m := firstMail()
	m.To.Email = "info@münchen.example"
	raw, err := mailer.Build(m)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte("<info@xn--mnchen-3ya.example>")) {
		t.Errorf("To is not in ASCII:\n%s", raw)
	}
}

// intended lists the headers that a mail should have, and no others.
func intended(m outreach.Mail) []string {
	names := []string{"Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}
	if m.HTML == "" {
		names = append(names, "Content-Transfer-Encoding")
	}
	if m.ReplyTo != "" {
		names = append(names, "Reply-To")
	}
	slices.Sort(names)
	return names
}

// FuzzBuild holds that what comes out are the headers that went in.
func FuzzBuild(f *testing.F) {
	f.Add("hello", "Dana", "body", "<p>body</p>", "")
	f.Add("a\r\nBcc: x@y.example", "D\nana", ".\r\n.", "", "r@ours.example")
	f.Add("Grüße =?", "\"Q\" \\", "a\rb\nc\r\n.\r\nMAIL FROM:<>", "--=_\r\n", "r@ours.example\r\n")
	f.Add(strings.Repeat("ä ", 300), strings.Repeat("x", 80), strings.Repeat("x", 5000), "", "")
	f.Fuzz(func(t *testing.T, subject, name, text, html, replyTo string) {
		m := outreach.Mail{
			Content: outreach.Content{Subject: subject, Text: text, HTML: html},
			From:    outreach.Address{Name: name, Email: "dana@ours.example"}, To: outreach.Address{Name: name, Email: "a@lead.example"},
			ReplyTo: replyTo, RFCMessageID: "<1@ours.example>", Date: time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC),
		}
		raw, err := mailer.Build(m)
		if err != nil {
			return
		}
		checkWire(t, raw)
		parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("unreadable: %v\n%q", err, raw)
		}
		got := make([]string, 0, len(parsed.Header))
		for header, values := range parsed.Header {
			if len(values) != 1 {
				t.Errorf("%s stands there %d times", header, len(values))
			}
			got = append(got, header)
		}
		slices.Sort(got)
		if diff := cmp.Diff(intended(m), got); diff != "" {
			t.Errorf("headers (-intended +got):\n%s\n%q", diff, raw)
		}
		decoded, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
		if want := strings.TrimSpace(subject); err != nil || strings.TrimSpace(decoded) != want {
			t.Errorf("Subject = %q (%v), want %q", decoded, err, want)
		}
		from, err := parsed.Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Address != "dana@ours.example" {
			t.Errorf("From = %v, %v\n%q", from, err, raw)
		}
		if got := plainText(t, parsed, html != ""); got != crlf(text) {
			t.Errorf("text = %q, want %q", got, crlf(text))
		}
	})
}

func checkWire(t *testing.T, raw []byte) {
	t.Helper()
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
			t.Errorf("a line that SMTP does not allow: %q", line)
		}
	}
	for _, b := range raw {
		if b > 127 {
			t.Fatalf("not seven-bit: %q", raw)
		}
	}
}

func plainText(t *testing.T, parsed *netmail.Message, alternative bool) string {
	t.Helper()
	body := parsed.Body
	if alternative {
		_, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		part, err := multipart.NewReader(parsed.Body, params["boundary"]).NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body = part
	}
	text, err := io.ReadAll(quotedprintable.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// crlf is the text as quoted-printable carries it: every line end is CRLF.
func crlf(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.ReplaceAll(s, "\n", "\r\n")
}
