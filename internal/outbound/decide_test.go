package outbound_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/sequence"
)

// tuesday is 10:00 in Berlin on a Tuesday.
var tuesday = time.Date(2031, 3, 4, 9, 0, 0, 0, time.UTC)

const founders = `version: 1
id: founders
owner: dana
send: {gap: 5m-5m, daily_new_leads: 2, window: {days: mon-fri, from: "09:00", to: "17:00"}}
steps:
  - id: intro
    email: intro.md
  - id: connect
    wait: 1d
    task: {kind: linkedin, title: "Connect with {{ first_name }}", due: 2d}
  - id: bump
    wait: 3 business days
    email: bump.md
`

// files is a store of one revision.
type files struct{ source string }

func (f files) Revision(context.Context, outreach.RevisionID) (outreach.Revision, error) {
	return outreach.Revision{ID: 1, SequenceID: "founders", Number: 1, Source: f.source, Templates: map[string]string{
		"intro.md": "---\nsubject: A question, {{ first_name }}\n---\nHi {{ first_name }}, hello.\n",
		"bump.md":  "Hi {{ first_name }}, again.\n",
	}}, nil
}

func decider(source string) *outbound.Decider {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	scripts := &outbound.Scripts{Revisions: files{source}}
	if err := scripts.Load(context.Background(), 1); err != nil {
		panic(err)
	}
	return &outbound.Decider{
		Scripts:   scripts,
		Mailboxes: map[outreach.MailboxID]outbound.MailboxRules{"dana": {Cap: schedule.Cap{PerDay: 3}, Zone: berlin}},
		MessageID: func(_ outreach.MailboxID, key string, _ time.Time) string { return "<" + key + "@ours.example>" },
		TaskTitle: func(_ context.Context, due outreach.DueStep, step sequence.Step) string {
			return step.Task.Kind + " " + due.Lead.FirstName
		},
	}
}

// due is a lead in Berlin whose step is due.
func due(id int64, step int, change ...func(*outreach.DueStep)) outreach.DueStep {
	d := outreach.DueStep{
		Lead:      outreach.Lead{ID: outreach.LeadID(id), Email: fmt.Sprintf("lead%d@acme.example", id), FirstName: "Ana"},
		Enrolment: outreach.Enrolment{ID: outreach.EnrolmentID(id), LeadID: outreach.LeadID(id), RevisionID: 1, Timezone: "Europe/Berlin", Step: step},
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

func mailbox() outreach.MailboxDay {
	return outreach.MailboxDay{ID: "dana", Day: outreach.NewDay(2031, time.March, 4), NewLeads: map[outreach.SequenceID]int{}}
}

func TestWhatBecomesOfADueStep(t *testing.T) {
	till := tuesday.Add(50 * time.Hour)
	for name, test := range map[string]struct {
		step   outreach.DueStep
		unread bool // the mailbox was not read lately
		now    time.Time
		action outreach.ClaimAction
		reason outreach.Reason
		until  time.Time
	}{
		"a good one goes":                      {step: due(1, 0), action: outreach.ClaimSend},
		"before the window":                    {step: due(1, 0), now: tuesday.Add(-2 * time.Hour), action: outreach.ClaimWait, reason: outreach.ReasonOutsideWindow, until: tuesday.Add(-time.Hour)},
		"on a Saturday":                        {step: due(1, 0), now: tuesday.AddDate(0, 0, 4), action: outreach.ClaimWait, reason: outreach.ReasonOutsideWindow, until: tuesday.AddDate(0, 0, 6).Add(-time.Hour)},
		"a stopped lead":                       {step: due(1, 0, func(d *outreach.DueStep) { d.Lead.Stopped = outreach.StopReplied }), action: outreach.ClaimCancel, reason: outreach.ReasonLeadStopped},
		"a suppressed address":                 {step: due(1, 0, func(d *outreach.DueStep) { d.Suppressed = true }), action: outreach.ClaimCancel, reason: outreach.ReasonSuppressed},
		"a paused lead":                        {step: due(1, 0, func(d *outreach.DueStep) { d.Lead.PausedTill = &till }), action: outreach.ClaimWait, reason: outreach.ReasonLeadPaused, until: till},
		"another mail on its way":              {step: due(1, 0, func(d *outreach.DueStep) { d.InFlight = true }), action: outreach.ClaimWait, reason: outreach.ReasonInFlight, until: tuesday.Add(time.Minute)},
		"a follow-up whose inbox was not read": {step: due(1, 2), unread: true, action: outreach.ClaimWait, reason: outreach.ReasonInboxStale, until: tuesday.Add(5 * time.Minute)},
		"a first mail does not wait for that":  {step: due(1, 0), unread: true, action: outreach.ClaimSend},
		"nor does a manual step":               {step: due(1, 1), unread: true, action: outreach.ClaimTask},
		"a manual step":                        {step: due(1, 1), action: outreach.ClaimTask},
		"no step left":                         {step: due(1, 3), action: outreach.ClaimComplete},
		"an unknown is passed": {step: due(1, 0, func(d *outreach.DueStep) {
			d.Earlier = &outreach.Send{State: outreach.SendUnknown, ClaimedAt: tuesday.Add(-time.Hour)}
		}), action: outreach.ClaimAdvance, reason: "already_unknown"},
		"a step that was taken out while it waited, and is back, goes": {step: due(1, 0, func(d *outreach.DueStep) {
			d.Earlier = &outreach.Send{State: outreach.SendCancelled}
		}), action: outreach.ClaimSend},
		"a retry goes":     {step: due(1, 0, func(d *outreach.DueStep) { d.Earlier = &outreach.Send{State: outreach.SendPlanned} }), action: outreach.ClaimSend},
		"a zone of nobody": {step: due(1, 0, func(d *outreach.DueStep) { d.Enrolment.Timezone = "Nowhere/City" }), action: outreach.ClaimHold, reason: "zone_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			now := test.now
			if now.IsZero() {
				now = tuesday
			}
			box := mailbox()
			box.Unread = test.unread
			plan := decider(founders).Decide(t.Context(), now)(box, []outreach.DueStep{test.step})
			got := plan.Decisions[0]
			if got.Action != test.action || got.Reason != test.reason || !got.Until.Equal(test.until) {
				t.Errorf("got %s %q until %v, want %s %q until %v", got.Action, got.Reason, got.Until, test.action, test.reason, test.until)
			}
		})
	}
}

func TestAManualStepIsCreatedAndTheSequenceGoesOn(t *testing.T) {
	plan := decider(founders).Decide(t.Context(), tuesday)(mailbox(), []outreach.DueStep{due(1, 1)})
	got := plan.Decisions[0]
	deadline, next := tuesday.Add(48*time.Hour), time.Date(2031, 3, 7, 9, 0, 0, 0, time.UTC)
	want := outreach.ClaimDecision{
		Action: outreach.ClaimTask,
		Task:   outreach.Task{LeadID: 1, EnrolmentID: 1, StepID: "connect", RepID: "dana", Kind: "linkedin", Title: "linkedin Ana", DueAt: &deadline},
		Next:   outreach.Progress{Step: 2, DueAt: &next, State: outreach.EnrolmentActive},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAGapShutsTheMailboxBehindOneMail(t *testing.T) {
	plan := decider(founders).Decide(t.Context(), tuesday)(mailbox(), []outreach.DueStep{due(1, 2), due(2, 2)})
	if plan.Decisions[0].Action != outreach.ClaimSend || plan.Decisions[1].Action != outreach.ClaimNothing {
		t.Errorf("decisions %v", plan.Decisions)
	}
	want := []outreach.MailboxWait{{Until: tuesday.Add(5 * time.Minute), Reason: outreach.ReasonGap}}
	if diff := cmp.Diff(want, plan.Waits); diff != "" {
		t.Error(diff)
	}
}

func TestCapsAreExact(t *testing.T) {
	const noGap = "version: 1\nid: founders\nowner: dana\nsend: {gap: 0m-0m, daily_new_leads: 2}\nsteps: [{id: intro, email: intro.md}, {wait: 1d, id: bump, email: bump.md}]\n"
	midnight := time.Date(2031, 3, 4, 23, 0, 0, 0, time.UTC) // in Berlin
	for name, test := range map[string]struct {
		reserved int
		steps    []outreach.DueStep
		sends    int
		waits    []outreach.MailboxWait
	}{
		"room for all":                {steps: []outreach.DueStep{due(1, 1), due(2, 1), due(3, 1)}, sends: 3},
		"the mailbox's cap":           {reserved: 1, steps: []outreach.DueStep{due(1, 1), due(2, 1), due(3, 1)}, sends: 2, waits: []outreach.MailboxWait{{Until: midnight, Reason: outreach.ReasonMailboxCap}}},
		"the cap of new leads":        {steps: []outreach.DueStep{due(1, 0), due(2, 0), due(3, 0)}, sends: 2, waits: []outreach.MailboxWait{{SequenceID: "founders", Until: midnight, Reason: outreach.ReasonNewLeadCap}}},
		"a retry keeps its place":     {reserved: 3, steps: []outreach.DueStep{due(1, 1, func(d *outreach.DueStep) { d.HasPlace = true })}, sends: 1},
		"follow-ups are no new leads": {steps: []outreach.DueStep{due(1, 1), due(2, 0), due(3, 0)}, sends: 3},
	} {
		t.Run(name, func(t *testing.T) {
			m := mailbox()
			m.Reserved = test.reserved
			plan := decider(noGap).Decide(t.Context(), tuesday)(m, test.steps)
			sends := 0
			for _, d := range plan.Decisions {
				if d.Action == outreach.ClaimSend {
					sends++
				}
			}
			if sends != test.sends {
				t.Errorf("%d sends, want %d", sends, test.sends)
			}
			if diff := cmp.Diff(test.waits, plan.Waits); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADecisionNeverReadsARevisionItAsksForItAndComesBack(t *testing.T) {
	d := decider(founders)
	d.Scripts = &outbound.Scripts{Revisions: files{founders}}
	decide := func() outreach.ClaimAction {
		return d.Decide(t.Context(), tuesday)(mailbox(), []outreach.DueStep{due(1, 0)}).Decisions[0].Action
	}
	if got := decide(); got != outreach.ClaimNothing {
		t.Errorf("an unread revision: %s", got)
	}
	if n, err := d.Scripts.LoadWanted(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d revisions read, %v; want 1", n, err)
	}
	if got := decide(); got != outreach.ClaimSend {
		t.Errorf("a read revision: %s", got)
	}
}

func TestARecipientDomainHasALimitOfItsOwn(t *testing.T) {
	limited := strings.Replace(founders, "daily_new_leads: 2", "daily_per_domain: 2, gap: 0s", 1)
	limited = strings.Replace(limited, "gap: 5m-5m, ", "", 1)
	day := mailbox()
	day.DomainMails = map[string]int{"acme.example": 1, "globex.example": 5}
	at := func(domain string, id int64) outreach.DueStep {
		return due(id, 0, func(d *outreach.DueStep) { d.Lead.Email = "p@" + domain })
	}
	retry := at("globex.example", 4)
	retry.HasPlace, retry.Earlier = true, &outreach.Send{State: outreach.SendPlanned}
	plan := decider(limited).Decide(t.Context(), tuesday)(day, []outreach.DueStep{at("acme.example", 1), at("acme.example", 2), at("other.example", 3), retry})
	var got []string
	for _, d := range plan.Decisions {
		got = append(got, fmt.Sprintf("%s %s %t", d.Action, d.Reason, d.CountDomain))
	}
	want := []string{"send  true", "wait domain_cap false", "send  true", "wait domain_cap false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if until := plan.Decisions[1].Until; !until.Equal(time.Date(2031, 3, 4, 23, 0, 0, 0, time.UTC)) { // midnight in Berlin
		t.Errorf("waits until %v", until)
	}
}
