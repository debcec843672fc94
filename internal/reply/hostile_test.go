package reply

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// plainHead is a header that makes the body below it plain text.
const plainHead = "From: Ana <ana@lead.example>\nTo: dana@ours.example\nSubject: Re: a question\nMessage-ID: <a@lead.example>\nContent-Type: text/plain; charset=utf-8\n\n"

// hostileMails are mails built to hurt a parser.
func hostileMails() map[string][]byte {
	mails := map[string][]byte{
		"a hundred thousand parts":        manyParts(100_000),
		"multiparts nested 2,000 deep":    nestedParts(2_000),
		"enclosed mails nested 500 deep":  []byte(strings.Repeat("Content-Type: message/rfc822\n\n", 500) + "Stop writing.\n"),
		"a report about many recipients":  manyRecipients(50_000),
		"a bounce that names many":        []byte(bounceHead + strings.Repeat("<a@b.example>: 550 5.7.1 x said: 452 4.2.2 y said: 421 4.3.2 z\n<c@d.example>: 550 no\n", 10_000)),
		"a bounce of one endless reply":   []byte(bounceHead + "<a@b.example>: " + strings.Repeat("550 user account address mailbox recipient ", 30_000)),
		"a report folded without end":     deliveryReport("X-A: b\n" + strings.Repeat(" c\n", 300_000)),
		"a report of one endless address": deliveryReport("Final-Recipient: rfc822; " + strings.Repeat("a", 4<<20) + "\n"),
		"reports in hundreds of parts":    manyReports(490, 30),
		"a report in JSON of brackets":    []byte("From: no-reply@sns.example\n\n{" + strings.Repeat("[", 1<<20)),
		"a part header of a megabyte":     []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nX-Long: " + strings.Repeat("y", 1<<20) + "\n\nStop writing.\n--b--\n"),
		"base64 without end":              []byte("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat("AAAA", 1<<18)),
		"quoted-printable of equal signs": []byte("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=", 1<<20)),
		"a charset that nobody knows":     []byte("Content-Type: text/plain; charset=x-\xff\n\n" + strings.Repeat("\xff\xfe\x00 Stop. ", 1<<17)),
		"escapes of ISO-2022-JP":          []byte("Content-Type: text/plain; charset=iso-2022-jp\n\n" + strings.Repeat("\x1b$B\x1b(B", 1<<17)),
		"UTF-16 that is cut off":          []byte("Content-Type: text/plain; charset=utf-16\n\n" + strings.Repeat("\xd8\x00", 1<<19) + "\xd8"),
	}
	for name, body := range hostileBodies() {
		mails[name] = []byte(plainHead + body)
	}
	for name, head := range hostileHeads() {
		mails[name] = []byte(head + "\n\nStop writing.\n")
	}
	for name, html := range hostileHTML() {
		mails[name] = htmlMail(html)
	}
	return mails
}

// hostileBodies are plain texts.
func hostileBodies() map[string]string {
	return map[string]string{
		"one line of a million quote marks":  "Stop writing.\n" + strings.Repeat(">", 1<<20),
		"a quote of five megabytes":          "Stop writing.\n\nOn Mon, 2 Jun 2025 Dana <dana@ours.example> wrote:\n" + strings.Repeat("> all work and no play\n", 5<<20/23),
		"lines that each begin a quote":      "Stop writing.\n" + strings.Repeat("On Mon, 2 Jun 2025 at 10:00 <a@b.example\n", 50_000),
		"lines that each begin a header":     "Stop writing.\n" + strings.Repeat("From: a\n\n", 100_000),
		"rules that each announce a quote":   "Stop writing.\n" + strings.Repeat("________________\n\n", 60_000),
		"signature marks":                    "Stop writing.\n" + strings.Repeat("-- \n> x\n", 120_000),
		"closings and names":                 "Stop writing.\n" + strings.Repeat("Best regards\nAna\n\n", 60_000),
		"a megabyte of prose":                strings.Repeat("We are quite happy with what we have, thank you, and the contract runs until May.\n", 1<<20/83),
		"a megabyte of disclaimers":          "Stop writing.\n" + strings.Repeat("This e-mail and any attachment may be monitored, scanned, and so on and so forth, without end.\n", 1<<20/98),
		"addresses on one line":              strings.Repeat("a@b.example ", 1<<20/12),
		"bars":                               "On Mon, 2 Jun 2025 Dana <d@o.example> wrote:\n" + strings.Repeat("| x\ny\n", 150_000),
		"blank lines":                        strings.Repeat("\n", 4<<20),
		"blank lines that hold spaces":       strings.Repeat(" \t \n", 1<<18),
		"carriage returns":                   strings.Repeat("\r", 4<<20),
		"nothing but NUL":                    strings.Repeat("\x00", 1<<20),
		"marks that join what is not joined": "Stop" + strings.Repeat("\u200b\u0301", 1<<18),
	}
}

// hostileHeads are header blocks without their end.
func hostileHeads() map[string]string {
	return map[string]string{
		"a header of fifty megabytes":  "From: ana@lead.example\nSubject: " + strings.Repeat("x", 50<<20),
		"a million header lines":       strings.Repeat("X-A: b\n", 1_000_000) + "X-B: c",
		"a header folded without end":  "From: ana@lead.example\nSubject: x" + strings.Repeat("\n x", 1<<18),
		"addresses without end":        "From: ana@lead.example\nTo: " + strings.Repeat("a@b.example, ", 20_000),
		"comments nested in addresses": "From: " + strings.Repeat("(", 50_000) + "ana@lead.example",
		"quotes open in addresses":     "From: ana@lead.example\nTo: " + strings.Repeat(`"a" <`, 40_000),
		"a subject of prefixes":        "Subject: " + strings.Repeat("Re: ", 60_000) + "x",
		"a subject of encoded words":   "Subject: " + strings.Repeat("=?utf-8?q?a?= ", 15_000),
		"broken encoded words":         "Subject: " + strings.Repeat("=?x?b?", 40_000),
		"references without end":       "References: " + strings.Repeat("<a@b.example>\n ", 15_000) + "<c@d.example>",
		"references that never close":  "References: " + strings.Repeat("<a@", 80_000),
		"boundaries without end":       "Content-Type: multipart/mixed; " + strings.Repeat("boundary=b; ", 20_000),
		"parameters in pieces":         "Content-Type: text/plain; " + strings.Repeat("name*0*=a; ", 20_000),
	}
}

// hostileHTML are HTML bodies.
func hostileHTML() map[string]string {
	return map[string]string{
		"html nested without end":    strings.Repeat("<div><blockquote>", 60_000) + "Stop writing.",
		"html of unclosed tags":      strings.Repeat("<p><a href=x><b>", 60_000) + "Stop writing.",
		"html of mail links":         strings.Repeat("<a href='mailto:a@b.example'>x</a> ", 30_000),
		"html of other mail links":   otherMailLinks(60_000),
		"html of nested mail links":  strings.Repeat("<a href='mailto:a@b.example'>", 30_000),
		"html of cells":              "<table><tr>" + strings.Repeat("<td>x", 200_000),
		"html of end tags":           strings.Repeat("<div>", 190) + strings.Repeat("</p></td></i>", 80_000),
		"html of entities":           strings.Repeat("&amp;&#62;&nbsp", 80_000),
		"html of one attribute":      "<p style='" + strings.Repeat("display :", 100_000) + "'>Stop writing.",
		"html of many attributes":    "<p " + strings.Repeat("a=b ", 250_000) + ">Stop writing.",
		"html of a comment":          "<!--" + strings.Repeat("-", 1<<20) + "Stop writing.",
		"html of preformatted lines": "<pre>" + strings.Repeat("x\n", 1<<19),
		"html of a script":           "<script>" + strings.Repeat("</scrip", 150_000),
	}
}

// otherMailLinks stand on one line, each to another address.
func otherMailLinks(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<a href='mailto:a%d@b.example'>x</a>", i)
	}
	return b.String()
}

// deliveryReport is a report (RFC 3464) of these fields.
func deliveryReport(fields string) []byte {
	return []byte("From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\nContent-Type: message/delivery-status\n\n" + fields + "\n--b--\n")
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
	var b strings.Builder
	b.WriteString("Reporting-MTA: dns; mx.example\n\n")
	for i := range n {
		fmt.Fprintf(&b, "Final-Recipient: rfc822; a%d@b.example\nAction: failed\nStatus: 5.1.1\n\n", i)
	}
	return deliveryReport(b.String())
}

// manyReports are parts that each report about many recipients, under a letter that
// says nothing of the cause.
func manyReports(parts, recipients int) []byte {
	var one strings.Builder
	one.WriteString("--b\nContent-Type: message/delivery-status\n\n")
	for i := range recipients {
		fmt.Fprintf(&one, "Final-Recipient: rfc822; a%d@b.example\nAction: failed\nStatus: 5.0.0\n\n", i)
	}
	return []byte("From: MAILER-DAEMON@mx.example\nSubject: failure\nContent-Type: multipart/report; boundary=b\n\n--b\n\n" +
		strings.Repeat("nothing to say here about it at all\n", 1800) + strings.Repeat(one.String(), parts) + "--b--\n")
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
	texts := []string{m.Subject, m.SubjectBare, m.Text, m.Quoted, m.Forwarded, m.Signature, m.From.Name, m.From.Email, m.RFCMessageID, m.InReplyTo}
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
		if !storable(text) {
			t.Errorf("not storable: %.80q", text)
		}
	}
}

// BenchmarkHostileMail gives milliseconds for each megabyte of a hostile mail.
func BenchmarkHostileMail(b *testing.B) {
	for name, raw := range hostileMails() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Parse(raw, time.Time{}); err != nil {
					b.Fatal(err)
				}
			}
			megabytes := max(float64(len(raw))/(1<<20), 1)
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/megabytes, "ms/MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}
