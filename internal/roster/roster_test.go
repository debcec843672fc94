package roster_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
	"drumbeat/internal/roster"
	"drumbeat/internal/schedule"
)

const full = `version: 1
mailboxes:
  - id: dana
    address: dana@ours.example
    smtp: {host: smtp.ours.example, port: 587, user: dana@ours.example, password: "${DANA_PASSWORD}", tls: starttls}
    imap: {host: imap.ours.example, port: 993, user: dana@ours.example, password: "${DANA_PASSWORD}", tls: tls}
    cap: {per_day: 50, ramp: {start: 5, add_per_day: 3}}
    signature: signatures/dana.md
  - id: dana-2
    address: dana@ours2.example
    name: Dana R.
    rep: dana
    timezone: America/New_York
    smtp: {host: 127.0.0.1, port: 2525, tls: none}
    sent_copy: none
reps:
  - {id: dana, name: Dana Reyes, email: dana@ours.example, timezone: Europe/Berlin, digest: "07:30 mon-fri", away: [2031-03-10 to 2031-03-14, 2031-05-01], cover: mary}
  - {id: mary, name: Mary Ode, email: mary@ours.example, timezone: Europe/Madrid}
sender: {company: Ours GmbH, postal_address: "1 Example St, 10115 Berlin"}
`

func TestAMailboxTakesItsDefaultsFromItsRep(t *testing.T) {
	got, diagnostics := roster.Parse("mailboxes.yaml", []byte(full))
	if len(diagnostics) > 0 {
		t.Fatalf("diagnostics: %+v", diagnostics)
	}
	want := &roster.Roster{
		Mailboxes: []roster.Mailbox{
			{
				ID: "dana", Address: "dana@ours.example", Name: "Dana Reyes", Rep: "dana", Timezone: "Europe/Berlin",
				SMTP: roster.Server{Host: "smtp.ours.example", Port: 587, User: "dana@ours.example", Password: "${DANA_PASSWORD}", TLS: roster.StartTLS},
				IMAP: &roster.Server{
					Host: "imap.ours.example", Port: 993, User: "dana@ours.example", Password: "${DANA_PASSWORD}",
					TLS: roster.ImplicitTLS, Folders: []string{"INBOX", "Junk"},
				},
				Cap:      schedule.Cap{PerDay: 50, Ramp: schedule.Ramp{Start: 5, AddPerDay: 3}},
				SentCopy: roster.SentCopyAuto, Signature: "signatures/dana.md",
			},
			{
				ID: "dana-2", Address: "dana@ours2.example", Name: "Dana R.", Rep: "dana", Timezone: "America/New_York",
				SMTP: roster.Server{Host: "127.0.0.1", Port: 2525, TLS: roster.NoTLS},
				Cap:  schedule.Cap{PerDay: 50}, SentCopy: roster.SentCopyNone,
			},
		},
		Reps: []roster.Rep{
			{
				ID: "dana", Name: "Dana Reyes", Email: "dana@ours.example", Timezone: "Europe/Berlin", Cover: "mary",
				Digest: roster.Digest{At: 7*60 + 30, Days: schedule.Workdays},
				Away: []roster.Leave{
					{From: outreach.NewDay(2031, 3, 10), To: outreach.NewDay(2031, 3, 14)},
					{From: outreach.NewDay(2031, 5, 1), To: outreach.NewDay(2031, 5, 1)},
				},
			},
			{
				ID: "mary", Name: "Mary Ode", Email: "mary@ours.example", Timezone: "Europe/Madrid",
				Digest: roster.Digest{At: 8 * 60, Days: schedule.Workdays},
			},
		},
		Sender: roster.Sender{Company: "Ours GmbH", PostalAddress: "1 Example St, 10115 Berlin"},
		Notify: "dana",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]outreach.MailboxID{"dana", "dana-2"}, got.MailboxesOf("dana")); diff != "" {
		t.Errorf("MailboxesOf (-want +got):\n%s", diff)
	}
}

func TestEachMistakeHasItsCode(t *testing.T) {
	for name, test := range map[string]struct{ old, new, code string }{
		"plain text to elsewhere":   {"host: 127.0.0.1", "host: smtp.else.example", roster.CodePlainPassword},
		"password in the file":      {`"${DANA_PASSWORD}", tls: starttls`, `hunter2, tls: starttls`, roster.CodePasswordInFile},
		"reference left open":       {`"${DANA_PASSWORD}", tls: starttls`, `"${DANA", tls: starttls`, roster.CodeBadSecret},
		"user without password":     {"port: 2525,", "port: 2525, user: dana,", roster.CodeHalfLogin},
		"ramp above the cap":        {"start: 5", "start: 51", roster.CodeRampBeyondCap},
		"ramp that stands still":    {"add_per_day: 3", "add_per_day: 0", roster.CodeRampStandsStill},
		"the same mailbox twice":    {"id: dana-2", "id: dana", roster.CodeDuplicateMailbox},
		"the same address twice":    {"dana@ours2.example", "DANA@ours.example", roster.CodeDuplicateAddress},
		"the same rep twice":        {"- {id: mary", "- {id: mary, name: Mary, email: m@ours.example, timezone: UTC}\n  - {id: mary", roster.CodeDuplicateRep},
		"a rep nobody knows":        {"rep: dana", "rep: dona", roster.CodeUnknownRep},
		"a cover nobody knows":      {"cover: mary", "cover: marry", roster.CodeUnknownRep},
		"a zone that is none":       {"America/New_York", "America/Gotham", roster.CodeBadZone},
		"a digest without a time":   {`"07:30 mon-fri"`, `"mon-fri"`, roster.CodeBadDigest},
		"a leave without days":      {"[2031-03-10 to 2031-03-14", "[in spring", roster.CodeBadAway},
		"a leave that ends first":   {"to 2031-03-14", "to 2031-03-09", roster.CodeBadAway},
		"a signature from outside":  {"signatures/dana.md", "../dana.md", roster.CodeBadPath},
		"an address with two signs": {"email: mary@ours.example", "email: mary@@ours.example", roster.CodeBadAddress},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(full, test.old) {
				t.Fatalf("the file has no %q to replace", test.old)
			}
			_, diagnostics := roster.Parse("mailboxes.yaml", []byte(strings.Replace(full, test.old, test.new, 1)))
			var codes []string
			for _, d := range diagnostics {
				codes = append(codes, d.Code)
			}
			if diff := cmp.Diff([]string{test.code}, codes); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASecretIsLookedUpWhenNeededAndNeverKept(t *testing.T) {
	lookup := func(name string) (string, bool) { return "s3cret", name == "DANA_PASSWORD" }
	if got, err := roster.Secret("${DANA_PASSWORD}").Resolve(lookup); got != "s3cret" || err != nil {
		t.Errorf("Resolve = %q, %v", got, err)
	}
	_, err := roster.Secret("${OTHER}").Resolve(lookup)
	var problem *outreach.Problem
	if !errors.As(err, &problem) || !strings.Contains(problem.Detail, "OTHER") {
		t.Errorf("an unset secret gives %v, want a problem that names it", err)
	}
}

func TestALeaveHoldsItsFirstAndItsLastDay(t *testing.T) {
	rep := roster.Rep{Away: []roster.Leave{{From: outreach.NewDay(2031, 3, 10), To: outreach.NewDay(2031, 3, 12)}}}
	for dom, want := range map[int]bool{9: false, 10: true, 11: true, 12: true, 13: false} {
		if got := rep.AwayOn(outreach.NewDay(2031, 3, dom)); got != want {
			t.Errorf("on the %dth: %t", dom, got)
		}
	}
}
