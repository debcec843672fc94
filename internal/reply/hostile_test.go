package reply

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// plainHead is a header that makes the body below it plain text.
const plainHead = "From: Ana <ana@lead.example>\nTo: dana@ours.example\nSubject: Re: a question\nMessage-ID: <a@lead.example>\nContent-Type: text/plain; charset=utf-8\n\n"

// hostileMails are mails built to hurt a parser.
func hostileMails() map[string][]byte {
	return map[string][]byte{
		"one line of a million quote marks": []byte(plainHead + "Stop writing.\n" + strings.Repeat(">", 1<<20)),
		"a quote of five megabytes":         []byte(plainHead + "Stop writing.\n\nOn Mon, 2 Jun 2025 Dana <dana@ours.example> wrote:\n" + strings.Repeat("> all work and no play\n", 5<<20/23)),
		"lines that each begin a quote":     []byte(plainHead + "Stop writing.\n" + strings.Repeat("On Mon, 2 Jun 2025 at 10:00 <a@b.example\n", 50_000)),
		"a hundred thousand parts":          manyParts(100_000),
		"multiparts nested 2,000 deep":      nestedParts(2_000),
		"a header of fifty megabytes":       []byte("From: ana@lead.example\nSubject: " + strings.Repeat("x", 50<<20) + "\n\nStop writing.\n"),
		"a million header lines":            []byte(strings.Repeat("X-A: b\n", 1_000_000) + "\nStop writing.\n"),
		"html nested without end":           htmlMail(strings.Repeat("<div><blockquote>", 60_000) + "Stop writing."),
		"html of unclosed tags":             htmlMail(strings.Repeat("<p><a href=x><b>", 60_000) + "Stop writing."),
		"addresses without end":             []byte("From: ana@lead.example\nTo: " + strings.Repeat("a@b.example, ", 20_000) + "\n\nStop writing.\n"),
		"a report about many recipients":    manyRecipients(50_000),
		"a part header of a megabyte":       []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nX-Long: " + strings.Repeat("y", 1<<20) + "\n\nStop writing.\n--b--\n"),
		"base64 without end":                []byte("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat("AAAA", 1<<18)),
		"quoted-printable of equal signs":   []byte("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=", 1<<20)),
		"blank lines":                       []byte(plainHead + strings.Repeat("\n", 4<<20)),
		"carriage returns":                  []byte(plainHead + strings.Repeat("\r", 4<<20)),
		"a subject of prefixes":             []byte("Subject: " + strings.Repeat("Re: ", 60_000) + "x\n\nStop writing.\n"),
		"references without end":            []byte("References: " + strings.Repeat("<a@b.example>\n ", 15_000) + "\n\nStop writing.\n"),
	}
}

func manyParts(n int) []byte {
	var b bytes.Buffer
	b.WriteString("From: ana@lead.example\nContent-Type: multipart/mixed; boundary=b\n\n")
	for i := range n {
		fmt.Fprintf(&b, "--b\nContent-Type: text/plain\n\npart %d\n", i)
	}
	b.WriteString("--b--\n")
	return b.Bytes()
}

func nestedParts(depth int) []byte {
	var b bytes.Buffer
	b.WriteString("From: ana@lead.example\n")
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("Content-Type: text/plain\n\nStop writing.\n")
	for i := depth - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\n", i)
	}
	return b.Bytes()
}

func htmlMail(html string) []byte {
	return []byte("From: ana@lead.example\nContent-Type: text/html; charset=utf-8\n\n" + html)
}

func manyRecipients(n int) []byte {
	var b bytes.Buffer
	b.WriteString("From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n")
	for i := range n {
		fmt.Fprintf(&b, "Final-Recipient: rfc822; a%d@b.example\nAction: failed\nStatus: 5.1.1\n\n", i)
	}
	b.WriteString("--b--\n")
	return b.Bytes()
}

func TestHostileMailIsReadWithoutPanicAndWithBoundedMemory(t *testing.T) {
	const limit = 200 << 20
	for name, raw := range hostileMails() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			m, err := Parse(raw, time.Time{})
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatalf("Parse: %v", err)
			}
			assertStorable(t, &m)
			if used := after.TotalAlloc - before.TotalAlloc; used > limit && !raceDetector {
				t.Errorf("parsing %d MB allocated %d MB, want at most %d", len(raw)>>20, used>>20, limit>>20)
			}
		})
	}
}

// assertStorable checks what Postgres demands of every text.
func assertStorable(t *testing.T, m *Message) {
	t.Helper()
	texts := []string{m.Subject, m.SubjectBare, m.Text, m.Quoted, m.Forwarded, m.Signature, m.From.Name, m.From.Email, m.RFCMessageID, m.InReplyTo, m.ContentKey}
	texts = append(texts, m.References...)
	texts = append(texts, m.InnerMessageIDs...)
	texts = append(texts, m.KindRules...)
	texts = append(texts, m.Automatic...)
	for name, values := range m.Header {
		texts = append(append(texts, name), values...)
	}
	for _, r := range m.Recipients {
		texts = append(texts, r.Address, r.Status, r.Reason, r.Text)
	}
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			t.Errorf("not storable: %.80q", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(plainHead + "Stop.\n\nOn Mon, 2 Jun 2025 Dana wrote:\n> hello\n"))
	f.Add([]byte("\x00\xff\xfe broken"))
	f.Add([]byte("Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nStatus: 5.1.1\n--b--"))
	f.Add([]byte("From: =?utf-8?b?????=\nContent-Type: text/html; charset=x-bad\n\n<p>hi<blockquote>q"))
	f.Add([]byte("Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw, time.Time{})
		if err != nil {
			return
		}
		assertStorable(t, &m)
		if m.Kind == "" || len(m.KindRules) == 0 {
			t.Errorf("kind %q with rules %v: want a kind with a reason", m.Kind, m.KindRules)
		}
	})
}

func FuzzHTMLText(f *testing.F) {
	f.Add("<p>a<p>b</p></div><td>c")
	f.Add("<style>x</style><blockquote>q</blockquote>text")
	f.Fuzz(func(t *testing.T, source string) {
		if text := htmlText(source); !utf8.ValidString(text) {
			t.Errorf("htmlText gave invalid UTF-8: %q", text)
		}
	})
}
