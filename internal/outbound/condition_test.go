package outbound_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

const conditional = `version: 1
id: founders
owner: dana
send: {gap: 5m-5m, holidays: lead_country}
steps:
  - id: intro
    email: intro.md
  - id: connect
    wait: 1d
    when: lead.linkedin_url != ""
    task: {kind: linkedin}
  - id: bump
    wait: 2 business days
    when: not done("connect") and not got("out_of_office")
    email: bump.md
`

func TestAStepWhoseConditionIsFalseIsSkippedAndTheNextKeepsItsDay(t *testing.T) {
	d := decider(conditional)
	monday := tuesday.AddDate(0, 0, -1)
	step := due(1, 1, func(d *outreach.DueStep) { d.Enrolment.DueAt = &monday })
	if d.WantsHistory(step) {
		t.Error("a condition about the lead alone reads the history")
	}
	got := d.Decide(t.Context(), tuesday)(mailbox(), []outreach.DueStep{step}).Decisions[0]
	next := tuesday.AddDate(0, 0, 1) // two business days from Monday, when it was due
	want := outreach.ClaimDecision{
		Action: outreach.ClaimSkip, Reason: outreach.ReasonConditionFalse, StepID: "connect",
		Next: outreach.Progress{Step: 2, DueAt: &next, State: outreach.EnrolmentActive},
		Note: `The step "connect" is skipped: lead.linkedin_url != "" is not so.`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	step.Lead.LinkedInURL = "https://in.example/ana"
	if got := d.Decide(t.Context(), tuesday)(mailbox(), []outreach.DueStep{step}).Decisions[0]; got.Action != outreach.ClaimTask {
		t.Errorf("with a profile the step is %s", got.Action)
	}
}

func TestAConditionAsksWhatHasHappened(t *testing.T) {
	d := decider(conditional)
	for name, test := range map[string]struct {
		history outreach.History
		want    outreach.ClaimAction
	}{
		"nothing":          {outreach.History{}, outreach.ClaimSend},
		"the task done":    {outreach.History{Steps: map[outreach.StepID]outreach.StepPast{"connect": {State: outreach.StepDone}}}, outreach.ClaimSkip},
		"an absence":       {outreach.History{Labels: []outreach.Label{outreach.LabelOutOfOffice}}, outreach.ClaimSkip},
		"the task is open": {outreach.History{Steps: map[outreach.StepID]outreach.StepPast{"connect": {State: outreach.StepOpen}}}, outreach.ClaimSend},
	} {
		step := due(1, 2, func(d *outreach.DueStep) { d.History = test.history })
		if !d.WantsHistory(step) {
			t.Error("the history is not read")
		}
		got := d.Decide(t.Context(), tuesday)(mailbox(), []outreach.DueStep{step}).Decisions[0]
		if got.Action != test.want {
			t.Errorf("%s: %s, want %s", name, got.Action, test.want)
		}
		if test.want == outreach.ClaimSkip && got.Next.State != outreach.EnrolmentFinished {
			t.Errorf("%s: behind the last step the enrolment is %s", name, got.Next.State)
		}
	}
}

func TestAMailThatWasTriedIsNotSkipped(t *testing.T) {
	step := due(1, 2, func(d *outreach.DueStep) {
		d.Earlier = &outreach.Send{State: outreach.SendPlanned, Attempts: 1}
		d.History.Labels = []outreach.Label{outreach.LabelOutOfOffice}
	})
	if got := decider(conditional).Decide(t.Context(), tuesday)(mailbox(), []outreach.DueStep{step}).Decisions[0]; got.Action != outreach.ClaimSend {
		t.Errorf("a second attempt is %s", got.Action)
	}
}

func TestNothingGoesOnAHolidayOfTheLeadsCountry(t *testing.T) {
	d := decider(conditional)
	goodFriday := time.Date(2031, 4, 11, 9, 0, 0, 0, time.UTC)
	for country, want := range map[string]outreach.ClaimDecision{
		"Germany": {Action: outreach.ClaimWait, Reason: outreach.ReasonOutsideWindow, Until: time.Date(2031, 4, 15, 7, 0, 0, 0, time.UTC)}, // Easter Monday too
		"FR":      {Action: outreach.ClaimSend},
		"":        {Action: outreach.ClaimSend},
	} {
		day := mailbox()
		day.Day = outreach.DayOf(goodFriday)
		got := d.Decide(t.Context(), goodFriday)(day, []outreach.DueStep{due(1, 0, func(d *outreach.DueStep) { d.Lead.Country = country })}).Decisions[0]
		if got.Action != want.Action || got.Reason != want.Reason || !got.Until.Equal(want.Until) {
			t.Errorf("%q: %s %s until %v", country, got.Action, got.Reason, got.Until)
		}
	}
}
