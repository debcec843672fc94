package simulate_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/schedule"
	"drumbeat/internal/simulate"
)

const hello = `version: 1
id: hello
owner: dana
send: {window: {days: mon-fri, from: "09:00", to: "17:00"}, gap: 5m, daily_new_leads: %d}
steps:
  - {id: intro, email: intro.md}
  - {id: bump, wait: 2 business days, email: bump.md}
stop: {whole_company_on: [meeting]}
`

// input is a sequence over some leads in Berlin, two at each company.
func input(t *testing.T, leads, newLeads int, perDay int, profile simulate.Profile) simulate.Input {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	in := simulate.Input{
		Revision: outreach.Revision{SequenceID: "hello", Number: 1, Source: fmt.Sprintf(hello, newLeads), Templates: map[string]string{
			"intro.md": "---\nsubject: A question\n---\nHi {{ first_name }}, hello.\n", "bump.md": "Hi {{ first_name }}, again.\n",
		}},
		Roster: &roster.Roster{
			Mailboxes: []roster.Mailbox{{ID: "dana", Address: "dana@ours.example", Rep: "dana", Timezone: "Europe/Berlin"}},
			Reps:      []roster.Rep{{ID: "dana", Name: "Dana", Email: "dana@ours.example", Timezone: "Europe/Berlin"}},
		},
		Senders: map[outreach.MailboxID]outbound.SenderIdentity{"dana": {
			Address: outreach.Address{Email: "dana@ours.example"}, Rep: render.Rep{Name: "Dana"},
			Sender: render.Sender{Company: "Ours", PostalAddress: "1 Street"},
		}},
		Rules: map[outreach.MailboxID]outbound.MailboxRules{"dana": {Cap: schedule.Cap{PerDay: perDay}, Zone: berlin}},
		Start: time.Date(2031, 3, 3, 0, 0, 0, 0, berlin), Days: 30, Profile: profile,
	}
	for n := range leads {
		in.Leads = append(in.Leads, outreach.Lead{
			Email: fmt.Sprintf("lead%d@company%d.example", n, n/2), FirstName: "Ana", Company: fmt.Sprint("Company ", n/2), Timezone: "Europe/Berlin",
		})
	}
	return in
}

func run(t *testing.T, in simulate.Input) simulate.Report {
	t.Helper()
	report, err := simulate.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// all is a profile under which every lead answers the first mail like this.
func all(label outreach.Label) simulate.Profile {
	return simulate.Profile{Replies: []simulate.Answers{{Label: label, Rate: 1, After: schedule.Gap{Min: time.Hour, Max: time.Hour}}}}
}

func TestTheBindingLimitOfADayIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		newLeads, perDay int
		want             outreach.Reason
		sent             int // on the first day
	}{
		"new leads a day":                  {10, 50, outreach.ReasonNewLeadCap, 10},
		"the cap of the mailbox":           {100, 20, outreach.ReasonMailboxCap, 20},
		"the gap, eight hours of 5 min":    {1000, 1000, outreach.ReasonGap, 96},
		"nothing: the list ends before it": {1000, 60, outreach.ReasonNewLeadCap, 0},
	} {
		t.Run(name, func(t *testing.T) {
			leads := 200
			if test.sent == 0 {
				leads, test.want, test.sent = 30, simulate.BindingNone, 30
			}
			first := run(t, input(t, leads, test.newLeads, test.perDay, simulate.Silent())).Days[0]
			if first.Binding != test.want || first.New != test.sent || first.FollowUps != 0 {
				t.Errorf("first day: %d new, %d follow-ups, limit %s, held %v; want %d by %s", first.New, first.FollowUps, first.Binding, first.Held, test.sent, test.want)
			}
			if first.New+first.Held[test.want] != leads {
				t.Errorf("%d went and %v were held of %d", first.New, first.Held, leads)
			}
		})
	}
}

func TestTheLimitOfARecipientDomainHolds(t *testing.T) {
	in := input(t, 40, 100, 100, simulate.Silent())
	in.Revision.Source = strings.Replace(in.Revision.Source, "gap: 5m,", "gap: 5m, daily_per_domain: 3,", 1)
	for i := range in.Leads {
		in.Leads[i].Email = fmt.Sprintf("lead%d@acme.example", i)
	}
	first := run(t, in).Days[0]
	if first.Sent() != 3 || first.Binding != outreach.ReasonDomainCap || first.Held[outreach.ReasonDomainCap] != 37 {
		t.Errorf("%d went, limit %s, held %v", first.Sent(), first.Binding, first.Held)
	}
}

func TestAConditionSeesWhichVariantALeadGot(t *testing.T) {
	in := input(t, 40, 100, 100, simulate.Silent())
	in.Revision.Source = strings.NewReplacer("email: intro.md", "email: {template: intro.md, variants: [{id: a, subject: One}, {id: b, subject: Two}]}",
		"{id: bump,", `{id: bump, when: variant("intro") == "a",`).Replace(in.Revision.Source)
	var plan bytes.Buffer
	in.Plan = &plan
	report := run(t, in)
	bumps := strings.Count(plan.String(), `"step":"bump"`)
	if bumps == 0 || bumps == 40 || report.Unsent[simulate.ReasonSkipped] != 40-bumps {
		t.Errorf("%d of 40 leads got the mail for variant a, unsent %v", bumps, report.Unsent)
	}
}

func TestEveryEmailStepIsSentOrAccountedFor(t *testing.T) {
	profile, diagnostics := simulate.ParseProfile("profile.yaml", simulate.ShippedProfile())
	if len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	in := input(t, 600, 40, 60, profile)
	in.Leads[3].FirstName = ""
	in.Leads[4].Stage = outreach.StageDoNotContact
	report := run(t, in)
	total := report.Sent
	for _, n := range report.Unsent {
		total += n
	}
	if total != 2*len(in.Leads) {
		t.Errorf("%d sent and %v unsent of %d email steps", report.Sent, report.Unsent, 2*len(in.Leads))
	}
	byDay := 0
	for _, day := range report.Days {
		byDay += day.Sent()
		if day.Sent() > 60 || day.New > 40 {
			t.Errorf("%s: %d new and %d follow-ups are over the caps", day.Date, day.New, day.FollowUps)
		}
	}
	if byDay != report.Sent || report.Unsent[outreach.ReasonNeedsData] != 2 || report.Unsent["do_not_contact"] != 2 || report.Unsent["replied"] == 0 {
		t.Errorf("%d mails by day, %d in all; unsent %v", byDay, report.Sent, report.Unsent)
	}
}

func TestAnAnswerDoesWhatItDoesInTheEngine(t *testing.T) {
	for label, want := range map[outreach.Label]map[outreach.Reason]int{
		outreach.LabelPrice:       {"replied": 4},
		outreach.LabelUnsubscribe: {"unsubscribed": 4},
		outreach.LabelBounceHard:  {"bounced": 4},
		outreach.LabelUnclear:     {"triage": 4},
		outreach.LabelAutoReply:   {},
		outreach.LabelOutOfOffice: {}, // a week later it goes on
	} {
		report := run(t, input(t, 4, 100, 100, all(label)))
		if diff := cmp.Diff(want, report.Unsent); diff != "" {
			t.Errorf("%s (-want +got):\n%s", label, diff)
		}
		if report.EndsOn == nil && label != outreach.LabelUnclear {
			t.Errorf("%s: the campaign has no end", label)
		}
	}
	// The first of a company answers before the second has its mail.
	in := input(t, 2, 1, 100, all(outreach.LabelMeeting))
	if report := run(t, in); report.Sent != 1 || report.Unsent["replied"] != 3 {
		t.Errorf("a colleague who wants to meet: %d sent, %v", report.Sent, report.Unsent)
	}
}

func TestThePlanIsTheSameTwiceAndItsSumIsThatOfTheFile(t *testing.T) {
	profile, _ := simulate.ParseProfile("profile.yaml", simulate.ShippedProfile())
	var first, second bytes.Buffer
	in := input(t, 100, 20, 30, profile)
	in.Plan = &first
	one := run(t, in)
	in.Plan = &second
	two := run(t, in)
	sum := sha256.Sum256(first.Bytes())
	if one.PlanSHA256 != two.PlanSHA256 || one.PlanSHA256 != hex.EncodeToString(sum[:]) || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("sums %s and %s of a file with %x", one.PlanSHA256, two.PlanSHA256, sum)
	}
	if lines := strings.Count(first.String(), "\n"); lines != one.Sent || lines < 150 {
		t.Errorf("%d lines for %d mails", lines, one.Sent)
	}
}

func TestTheTranscriptFollowsOneLead(t *testing.T) {
	in := input(t, 30, 10, 100, all(outreach.LabelOutOfOffice))
	in.Follow = "LEAD12@company6.example"
	var kinds []string
	for _, event := range run(t, in).Transcript {
		kinds = append(kinds, event.Kind)
	}
	want := []string{"enrolled", "waits", "mail", "answer", "paused", "active", "mail"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheTranscriptOfALeadWhoMayNotEnterSaysWhy(t *testing.T) {
	in := input(t, 4, 10, 100, simulate.Silent())
	in.Revision.Source += "audience: {email_status: [valid], max_per_company: 1}\n"
	for i := range in.Leads {
		in.Leads[i].Custom = map[string]string{"email_status": "deliverable"}
	}
	in.Leads[0].Custom["email_status"] = "disposable"
	for at, want := range map[int]string{0: `email_status: The list says "disposable".`, 3: "company_has_enough"} {
		in.Follow = in.Leads[at].Email
		got := run(t, in).Transcript
		if len(got) != 1 || got[0].Kind != "left out" || got[0].Text != want {
			t.Errorf("lead %d: %v, want %s", at, got, want)
		}
	}
}

func TestTheCalendarIsWellFormedWhateverTheSequenceIsCalled(t *testing.T) {
	in := input(t, 100, 20, 30, simulate.Silent())
	in.Revision.Source = strings.Replace(in.Revision.Source, "owner:", "name: '<script>&\"'\nowner:", 1)
	drawing := xml.NewDecoder(bytes.NewReader(simulate.SVG(run(t, in))))
	for {
		token, err := drawing.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "script" {
			t.Error("the name became an element")
		}
	}
}

func TestFaultsOfAProfileAreTold(t *testing.T) {
	for source, want := range map[string]string{
		"replies: {price: {rate: 7, after: 1h}}":                                                   "BAD_RATE",
		"replies: {price: {rate: 7%, after: soon}}":                                                "BAD_RANGE",
		"replies: {price: {rate: 60%, after: 1h}, meeting: {rate: 41%, after: 1h}}":                "RATES_OVER_100",
		"replies: {price: {rate: 7%, after: 1h, away: 3d}}":                                        "AWAY_NOT_USED",
		"replies: {prise: {rate: 7%, after: 1h}}":                                                  "UNKNOWN_KEY",
		"replies: {price: {rate: 7%}}":                                                             "MISSING_KEY",
		"name: mine\nreplies: {out_of_office: {rate: 7%, mail: [50, 50], after: 1h, away: 3d-9d}}": "",
	} {
		_, diagnostics := simulate.ParseProfile("mine.yaml", []byte("version: 1\n"+source+"\n"))
		got := ""
		if len(diagnostics) > 0 {
			got = diagnostics[0].Code
		}
		if got != want {
			t.Errorf("%s: %q, want %q (%v)", source, got, want, diagnostics)
		}
	}
}

func BenchmarkTenThousandLeadsOverSixtyDays(b *testing.B) {
	profile, _ := simulate.ParseProfile("profile.yaml", simulate.ShippedProfile())
	in := input(&testing.T{}, 10_000, 300, 1000, profile)
	in.Days, in.Revision.Source = 60, strings.Replace(in.Revision.Source, "gap: 5m", "gap: 20s", 1)
	for b.Loop() {
		report, err := simulate.Run(b.Context(), in)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(report.Sent), "mails")
	}
}
