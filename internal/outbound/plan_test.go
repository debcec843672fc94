package outbound_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/schedule"
)

const planRoster = "version: 1\nmailboxes:\n  - {id: dana, address: dana@ours.example, smtp: {host: 127.0.0.1, port: 2525, tls: none}, cap: {per_day: 40}}\n" +
	"reps:\n  - {id: dana, name: Dana, email: dana@ours.example, timezone: Europe/Berlin}\n" +
	"sender: {company: Ours, postal_address: 1 Example St}\nnotify: {mailbox: dana}\n"

func planOf(t *testing.T, store *shelf, source string, letFinish bool) (outbound.SequencePlan, outbound.Checked) {
	t.Helper()
	mails := fstest.MapFS{"a.md": text("---\nsubject: Hello\n---\nOne.\n"), "b.md": text("---\nsubject: Again\n---\nTwo.\n")}
	checked, err := outbound.Apply{
		Files:     fstest.MapFS{"mailboxes.yaml": text(planRoster), "intro.yaml": text(source)},
		Templates: []render.Layer{{Name: "shipped", FS: mails}},
	}.Check()
	if err != nil || !checked.Good() {
		t.Fatal(err, checked.Diagnostics)
	}
	plans, err := checked.Plan(context.Background(), store, letFinish)
	if err != nil || len(plans) != 1 {
		t.Fatal(err, plans)
	}
	return plans[0], checked
}

func TestAPlanShowsWhatChangesAndWhatBecomesOfWhoIsUnderWay(t *testing.T) {
	before := "version: 1\nid: intro\nowner: dana\nsteps:\n  - {id: a, email: a.md}\n  - {id: b, wait: 2d, email: b.md}\n"
	after := "version: 1\nid: intro\nowner: dana\nsteps:\n  - {id: a, email: a.md}\n"
	current := outreach.Revision{ID: 7, Number: 3, Source: before, Templates: map[string]string{
		"a.md": "---\nsubject: Hello\n---\nNull.\n", "b.md": "---\nsubject: Again\n---\nTwo.\n",
	}}
	store := &shelf{
		sums: map[outreach.SequenceID]string{"intro": "x"}, revisions: map[outreach.SequenceID]outreach.Revision{"intro": current}, standingOn: current,
		standing: []outreach.StandingAt{{RevisionID: 7, Number: 3, Step: 0, Count: 5}, {RevisionID: 7, Number: 3, Step: 1, Count: 2, Held: 1}},
	}
	plan, checked := planOf(t, store, after, false)
	wantChanges := []outbound.FileChange{
		{File: "intro.yaml", Lines: []string{"...", "  steps:", "    - {id: a, email: a.md}", "-   - {id: b, wait: 2d, email: b.md}"}},
		{File: "a.md", Lines: []string{"...", "  subject: Hello", "  ---", "- Null.", "+ One."}},
		{File: "b.md", Lines: []string{"- ---", "- subject: Again", "- ---", "- Two."}},
	}
	if diff := cmp.Diff(wantChanges, plan.Changes); diff != "" || plan.Next != 4 {
		t.Errorf("revision %d, changes (-want +got):\n%s", plan.Next, diff)
	}
	wantStanding := []outbound.StandingAt{{Revision: 3, Step: "a", Count: 5}, {Revision: 3, Step: "b", Count: 2, Held: 1, Removed: true}}
	if diff := cmp.Diff(wantStanding, plan.Standing); diff != "" {
		t.Errorf("standing (-want +got):\n%s", diff)
	}
	fault := checked.Diagnostics[len(checked.Diagnostics)-1]
	if checked.Good() || fault.Code != outbound.CodeStepRemoved || fault.Line != 4 || !strings.HasPrefix(fault.Message, `2 leads wait at the step "b"`) {
		t.Errorf("the fault is %+v", fault)
	}
	if _, checked := planOf(t, store, after, true); !checked.Good() {
		t.Errorf("letting them finish is a fault: %v", checked.Diagnostics)
	}
	moved, checked := planOf(t, store, after+"moved: {b: a}\n", false)
	if !checked.Good() || moved.Standing[1].MovesTo != "a" {
		t.Errorf("moved: %+v, %v", moved.Standing, checked.Diagnostics)
	}
	same, _ := planOf(t, &shelf{sums: map[outreach.SequenceID]string{"intro": "x"}, revisions: map[outreach.SequenceID]outreach.Revision{"intro": plan.Revision}}, after, false)
	if same.Changed() || same.Changes != nil {
		t.Errorf("the same files change %v", same.Changes)
	}
}

func TestCapacityIsSaidInASentence(t *testing.T) {
	for source, want := range map[string]string{
		"send: {daily_new_leads: 25}\nsteps: [{email: a.md}, {wait: 1d, email: b.md}]": "25 new leads a day in 2 email steps need 50 mails a day; the mailboxes give 40: no more than 20 a day can begin for long.",
		"send: {daily_new_leads: 20}\nsteps: [{email: a.md}, {wait: 1d, email: b.md}]": "20 new leads a day in 2 email steps need 40 mails a day; the mailboxes give 40.",
		"send: {daily_new_leads: 20, gap: 30m}\nsteps: [{email: a.md}]":                "20 new leads a day in 1 email step need 20 mails a day; the mailboxes give 17 (the gaps leave room for no more): no more than 17 a day can begin for long.",
	} {
		plan, _ := planOf(t, &shelf{}, "version: 1\nid: intro\nowner: dana\n"+source+"\n", false)
		if got := plan.Capacity.String(); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", source, got, want)
		}
	}
}

func TestAnAudienceIsCheckedToTheLastLead(t *testing.T) {
	leads := make([]outreach.Lead, 100)
	for i := range leads {
		leads[i] = outreach.Lead{Email: fmt.Sprintf("lead%02d@acme.example", i), FirstName: "Ana", Company: "Acme", Timezone: "Europe/Berlin"}
	}
	leads[3].FirstName = ""
	leads[50].Company = strings.Repeat("very long ", 10)
	leads[99].Email = "info@acme.example"
	leads[98].Timezone = "Pacific/Auckland"
	looked := make(chan int, len(leads))
	report, err := outbound.Audience{
		Revision: outreach.Revision{SequenceID: "intro", Number: 1, Templates: map[string]string{
			"a.md": "---\nsubject: \"{{ company }} and churn\"\n---\nHi {{ first_name }}, hello.\n",
			"b.md": "---\nsubject: Again\n---\nOne text for all.\n", "c.md": "---\nsubject: Last\n---\nOne text for all.\n",
		}, Source: "version: 1\nid: intro\nowner: dana\nsteps: [{id: a, email: a.md}, {id: b, wait: 1d, email: b.md}, {id: c, wait: 1d, email: c.md}]\n"},
		Roster:   &roster.Roster{Mailboxes: []roster.Mailbox{{ID: "dana", Rep: "dana", Address: "dana@ours.example", Timezone: "Europe/Berlin", Cap: schedule.Cap{PerDay: 40}}}},
		Senders:  map[outreach.MailboxID]outbound.SenderIdentity{"dana": {Address: outreach.Address{Email: "dana@ours.example"}, Rep: render.Rep{Name: "Dana"}, Sender: render.Sender{Company: "Ours", PostalAddress: "1 St"}}},
		Now:      time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC),
		Progress: func(int) { looked <- 1 },
	}.Check(t.Context(), leads)
	if err != nil {
		t.Fatal(err)
	}
	type found struct {
		Code  string
		Step  outreach.StepID
		Count int
		First string
	}
	var got []found
	for _, f := range report.Findings {
		got = append(got, found{f.Code, f.Step, f.Count, f.Leads[0]})
	}
	want := []found{
		{outbound.FindingNeedsData, "a", 1, "lead03@acme.example"},
		{outbound.FindingNoCommonHour, "", 1, "lead98@acme.example"},
		{outbound.FindingSharedAddress, "", 1, "info@acme.example"},
		{outbound.FindingLongSubject, "a", 1, "lead50@acme.example"},
		{outbound.FindingNotPersonal, "a", 99, ""},
		{outbound.FindingNotPersonal, "b", 100, ""},
		{outbound.FindingNotPersonal, "c", 100, ""},
		{outbound.FindingSameTwice, "c", 100, ""},
	}
	for i := range got {
		if got[i].Count > shownInTest {
			got[i].First = "" // any of them
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if report.Leads != 100 || report.Mails != 299 || len(looked) != 100 {
		t.Errorf("%d leads, %d mails, %d looked at", report.Leads, report.Mails, len(looked))
	}
}

const shownInTest = 5
