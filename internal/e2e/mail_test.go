package e2e

import (
	"bytes"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"

	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
	"drumbeat/internal/token"
)

func threadsRight(t *testing.T, r *run) {
	earlier := map[int64][]stepMail{} // by enrolment
	replies := 0
	for _, m := range r.steps {
		before := earlier[m.EnrolmentID]
		earlier[m.EnrolmentID] = append(before, m)
		header := headerOf(t, m)
		answers, references := header.Get("In-Reply-To"), strings.Fields(header.Get("References"))
		if r.sequenceOf(t, m).Steps[m.StepIndex].Email.Thread != sequence.ThreadReply {
			if answers != "" || len(references) > 0 || strings.HasPrefix(m.Subject, "Re:") {
				t.Errorf("mail %d begins a thread, but says In-Reply-To %q, References %v, Subject %q", m.Seq, answers, references, m.Subject)
			}
			continue
		}
		replies++
		if len(before) == 0 {
			t.Errorf("mail %d goes on with a thread that has no mail", m.Seq)
			continue
		}
		last := before[len(before)-1]
		if answers != last.MessageID || len(references) == 0 || references[len(references)-1] != answers {
			t.Errorf("mail %d answers %q (References %v), want mail %d %s", m.Seq, answers, references, last.Seq, last.MessageID)
		}
		for _, id := range references {
			if !slices.ContainsFunc(before, func(b stepMail) bool { return b.MessageID == id }) {
				t.Errorf("mail %d refers to %s, which is no earlier mail of the enrolment", m.Seq, id)
			}
		}
		if want := "Re: " + strings.TrimPrefix(last.Subject, "Re: "); m.Subject != want {
			t.Errorf("mail %d has the subject %q, want %q", m.Seq, m.Subject, want)
		}
	}
	if replies < 100 {
		t.Errorf("only %d mails go on with a thread", replies)
	}
}

func headerOf(t *testing.T, m stepMail) mail.Header {
	t.Helper()
	message, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Fatalf("mail %d: %v", m.Seq, err)
	}
	return message.Header
}

func headersRight(t *testing.T, r *run) {
	keys := token.NewKeys(r.Secret)
	for _, m := range r.steps {
		header := headerOf(t, m)
		for _, name := range []string{"From", "To", "Subject", "Date", "Message-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Mime-Version"} {
			if n := len(header[name]); n != 1 {
				t.Errorf("mail %d has %d fields %s, want one", m.Seq, n, name)
			}
		}
		for _, name := range []string{"X-Mailer", "User-Agent", "Bcc", "Return-Path", "Received", "X-Priority", "Precedence"} {
			if header.Get(name) != "" {
				t.Errorf("mail %d has a field %s: %q", m.Seq, name, header.Get(name))
			}
		}
		if date, err := header.Date(); err != nil || !date.Equal(m.At) {
			t.Errorf("mail %d is dated %q (%v), want sales time %s", m.Seq, header.Get("Date"), err, m.At)
		}
		from, err := mail.ParseAddress(header.Get("From"))
		if err != nil || outreach.AddressKey(from.Address) != outreach.AddressKey(m.From) || from.Name == "" {
			t.Errorf("mail %d is from %q (%v), its envelope from %s", m.Seq, header.Get("From"), err, m.From)
		}
		if to, err := mail.ParseAddress(header.Get("To")); err != nil || outreach.AddressKey(to.Address) != outreach.AddressKey(m.To) {
			t.Errorf("mail %d is to %q (%v), its envelope to %s", m.Seq, header.Get("To"), err, m.To)
		}
		if _, ok := keys.Verify(m.MessageID); !ok || !strings.HasSuffix(m.MessageID, "@"+outreach.Domain(m.From)+">") {
			t.Errorf("mail %d has the Message-ID %s, which does not verify", m.Seq, m.MessageID)
		}
		ways := header.Get("List-Unsubscribe")
		mark := token.Of(m.MessageID)
		if !strings.Contains(ways, "<https://demo.ours.example/u/"+mark+">") || !strings.Contains(ways, "<mailto:") {
			t.Errorf("mail %d offers %q", m.Seq, ways)
		}
		if got := header.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" { // RFC 8058, section 3.1
			t.Errorf("mail %d: List-Unsubscribe-Post %q", m.Seq, got)
		}
		linesRight(t, m)
	}
}

// linesRight: RFC 5321, sections 2.3.8 and 4.5.3.1.6.
func linesRight(t *testing.T, m stepMail) {
	t.Helper()
	whole := bytes.ReplaceAll(m.Raw, []byte("\r\n"), nil)
	if bytes.ContainsAny(whole, "\r\n\x00") || !bytes.HasSuffix(m.Raw, []byte("\r\n")) {
		t.Errorf("mail %d holds a line end that is not CRLF, or does not end in one", m.Seq)
	}
	for line := range bytes.SplitSeq(m.Raw, []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("mail %d has a line of %d octets", m.Seq, len(line))
		}
	}
	if at := bytes.IndexFunc(m.Raw, func(c rune) bool { return c > 126 }); at >= 0 {
		t.Errorf("mail %d is not seven-bit at octet %d", m.Seq, at)
	}
}

var (
	blankGreeting = regexp.MustCompile(`(?im)^(hi|hello|hey|dear|good (morning|day))\s*[,!]\s*$`)
	unfilled      = regexp.MustCompile(`<no value>|ZgotmplZ|\{\{|\}\}|\{%|%\}|%!|\bnil\b|\[object|undefined`)
	postalAddress = "1 Example St, 10115 Berlin"
)

func bodiesRight(t *testing.T, r *run) {
	for _, m := range r.steps {
		envelope, err := enmime.ReadEnvelope(bytes.NewReader(m.Raw))
		if err != nil || len(envelope.Errors) > 0 {
			t.Errorf("mail %d: %v %v", m.Seq, err, envelope.Errors)
			continue
		}
		parts := map[string]string{"text": envelope.Text}
		if wantsHTML := r.sequenceOf(t, m).Send.Format == sequence.FormatHTML; wantsHTML != (envelope.HTML != "") {
			t.Errorf("mail %d: an HTML part is there: %v, wanted: %v", m.Seq, envelope.HTML != "", wantsHTML)
		} else if wantsHTML {
			parts["html"] = envelope.HTML
		}
		link := "https://demo.ours.example/u/" + token.Of(m.MessageID)
		for name, body := range parts {
			if !strings.Contains(body, postalAddress) || !strings.Contains(body, link) {
				t.Errorf("mail %d: the %s part lacks the postal address or the way out:\n%s", m.Seq, name, body)
			}
		}
		for name, text := range map[string]string{"subject": m.Subject, "text": envelope.Text, "html": envelope.HTML} {
			if found := unfilled.FindString(text); found != "" {
				t.Errorf("mail %d: the %s holds %q:\n%s", m.Seq, name, found, text)
			}
		}
		if blankGreeting.MatchString(envelope.Text) || strings.Contains(envelope.Text, " ,") {
			t.Errorf("mail %d greets nobody:\n%s", m.Seq, envelope.Text)
		}
		if strings.TrimSpace(m.Subject) == "" {
			t.Errorf("mail %d has no subject", m.Seq)
		}
	}
}
