package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestASkippedStepIsRememberedAndAHistoryIsReadForWhoeverWantsIt(t *testing.T) {
	s := newStage(t, 2)
	lease := s.take(process)
	c := s.committer()
	first := s.claim(lease)
	for _, claim := range first {
		if !s.commit(c, claim) || !s.settle(c, claim, outreach.SendSent, &outreach.Progress{Step: 1, DueAt: &s.now, State: outreach.EnrolmentActive}) {
			t.Fatal("the first mails did not go")
		}
	}
	wanted := first[0].EnrolmentID
	s.exec(`INSERT INTO messages (mailbox_id, content_key, received_at, raw, state, lead_id, label, corrected_label)
		VALUES ('dana', 'k', $1, '', 'done', $2, 'unclear', 'out_of_office')`, s.now, first[0].LeadID)
	s.exec(`INSERT INTO tasks (lead_id, enrolment_id, step_id, rep_id, kind, title, state, created_at)
		VALUES ($1, $2, 'call', 'dana', 'call', 'Call', 'done', $3)`, first[0].LeadID, wanted, s.now)
	histories := map[outreach.EnrolmentID]outreach.History{}
	decide := func(step int) func(outreach.MailboxDay, []outreach.DueStep) outreach.ClaimPlan {
		return func(_ outreach.MailboxDay, due []outreach.DueStep) outreach.ClaimPlan {
			plan := outreach.ClaimPlan{}
			for _, d := range due {
				histories[d.Enrolment.ID] = d.History
				plan.Decisions = append(plan.Decisions, outreach.ClaimDecision{
					Action: outreach.ClaimSkip, Reason: outreach.ReasonConditionFalse, StepID: "linkedin", Note: "Skipped.",
					Next: outreach.Progress{Step: step, DueAt: &s.now, State: outreach.EnrolmentActive},
				})
			}
			return plan
		}
	}
	for step := 2; step <= 3; step++ {
		_, moved, err := s.db.ClaimSteps(s.Context(), outreach.ClaimRequest{Lease: lease, Now: s.now, Limit: 10, StepOf: stepOf, Decide: decide(step),
			WantsHistory: func(d outreach.DueStep) bool { return d.Enrolment.ID == wanted && d.Enrolment.Step == 2 }})
		if err != nil || moved != 2 {
			t.Fatalf("%d moved, %v", moved, err)
		}
	}
	want := outreach.History{
		Steps: map[outreach.StepID]outreach.StepPast{
			"intro": {State: outreach.StepSent}, "call": {State: outreach.StepDone}, "linkedin": {State: outreach.StepSkipped},
		},
		Labels: []outreach.Label{outreach.LabelOutOfOffice},
	}
	if diff := cmp.Diff(want, histories[wanted]); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if got := histories[first[1].EnrolmentID]; len(got.Steps)+len(got.Labels) > 0 {
		t.Errorf("the other lead, whose history nobody wants: %+v", got)
	}
}
