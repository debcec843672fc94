package inbound_test

import (
	"fmt"
	"strings"
	"testing"
)

// hostileAnswers are answers of a lead that are built to hurt: HEAD stands for the
// fields that name our mail.
func hostileAnswers() map[string]string {
	var parts, nested strings.Builder
	parts.WriteString("HEADContent-Type: multipart/mixed; boundary=b\n\n")
	for i := range 100_000 {
		fmt.Fprintf(&parts, "--b\n\n%d\n", i)
	}
	nested.WriteString("HEAD")
	for i := range 2_000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	return map[string]string{
		"a line of a million quote marks":  "HEAD\n" + strings.Repeat(">", 1<<20),
		"a quote of five megabytes":        "HEAD\nHm.\n\n" + strings.Repeat("> all work and no play\n", 5<<20/23),
		"a hundred thousand parts":         parts.String(),
		"multiparts nested 2,000 deep":     nested.String(),
		"a field of a megabyte":            "HEADX-Long: " + strings.Repeat("x", 1<<20) + "\n\nHm.",
		"our ids behind 200 KiB of fields": strings.Repeat("X-A: b\n", 200<<10/7) + "HEAD\nHm.",
		"more header than is ever read":    "HEAD" + strings.Repeat("X-A: b\n", 5<<20/7) + "\nHm.",
		"NUL in every place":               "HEADX-\x00: \x00\nContent-Type: text/\x00; charset=\x00\n\n\x00H\x00m\x00",
		"a charset that nobody knows":      "HEADContent-Type: text/plain; charset=\"x-\xff\"\n\n\xff\xfe\x80",
		"half of UTF-16":                   "HEADContent-Type: text/plain; charset=utf-16\n\n\xd8",
		"a date in the year 99999":         "HEADDate: Mon, 3 Mar 99999 09:00:00 +9999\n\nHm.",
		"html without end":                 "HEADContent-Type: text/html\n\n" + strings.Repeat("<div><blockquote><a href=x>", 40_000),
		"base64 that is none":              "HEADContent-Transfer-Encoding: base64\n\n" + strings.Repeat("*", 1<<20),
		"a header and nothing else":        "HEAD",
	}
}

func TestHostileMailIsStoredAndItsLeadHeldAndTheNextMailIsRead(t *testing.T) {
	w := newWorld(t)
	for name, mail := range hostileAnswers() {
		t.Run(name, func(t *testing.T) {
			w.begin(t)
			ana, ben, p := w.write("ana@acme.example"), w.write("ben@beta.example"), w.processor()
			head := "From: x@else.example\nMessage-ID: <h@else.example>\nReferences: " + ana.introID + "\n"
			w.mail.add(strings.Replace(mail, "HEAD", head, 1))
			w.mail.add(reply("ben@beta.example", ben.introID, "No thanks, not interested."))
			if n := w.read(w.reader(), w.mail); n != 2 {
				t.Fatalf("%d mails stored, want both", n)
			}
			if got := w.state(ana); got != "held/reply bump planned" {
				t.Errorf("before the mail is understood its lead is %q", got)
			}
			for range 6 { // in case a parser fails on it: every attempt there is
				w.sweep(p)
				w.exec(`UPDATE messages SET retry_ms = 0 WHERE state = 'pending'`)
			}
			if got := w.text(`SELECT string_agg(state, ',' ORDER BY id) FROM messages`); got != "done,done" && got != "quarantined,done" {
				t.Errorf("the messages are %s", got)
			}
			if got := w.state(ana); !strings.HasPrefix(got, "held/triage") && !strings.HasPrefix(got, "stopped/") {
				t.Errorf("its lead is %q: mail may go on to somebody who answered", got)
			}
			if got := w.state(ben); got != stoppedBump {
				t.Errorf("the mail behind it left its lead %q", got)
			}
			if got := w.text(`SELECT last_uid FROM inbox_cursors WHERE folder = 'INBOX'`); got != "2" {
				t.Errorf("the cursor stands at %s", got)
			}
		})
	}
}
