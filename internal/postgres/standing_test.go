package postgres_test

import (
	"testing"

	"drumbeat/internal/outreach"
)

// A mail that a server put off is cancelled when its step is taken out of the
// sequence. Whoever is brought back to the step gets it, from its new place.
func TestAStepThatIsTakenOutAndComesBackIsSentFromItsNewPlace(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	c := s.committer()
	lease := s.take(process)
	first := s.claim(lease)[0]
	if !s.commit(c, first) || !s.settle(c, first, outreach.SendPlanned, nil) {
		t.Fatal("the mail was not put off")
	}
	s.exec(`INSERT INTO revisions (sequence_id, number, source, templates, sha256, created_at) VALUES ('founders', 2, '', '{}', '2', $1)`, morning)
	for _, move := range []outreach.StepMove{{From: 1, Step: 0, To: 2, ToStep: 0}, {From: 2, Step: 0, To: 1, ToStep: 2}} {
		move.At, move.Actor = s.now, "dana"
		if moved, err := s.db.MoveStanding(t.Context(), move); moved != 1 || err != nil {
			t.Fatalf("%d moved: %v", moved, err)
		}
		s.wantState(first.ID, outreach.SendCancelled)
	}
	names := func(outreach.DueStep) outreach.StepID { return "intro" } // which stands last by now
	decide := func(m outreach.MailboxDay, due []outreach.DueStep) outreach.ClaimPlan {
		if due[0].Earlier == nil || due[0].Earlier.ID != first.ID {
			t.Errorf("the step's row is not found again: %+v", due[0].Earlier)
		}
		plan := sendAll(m, due)
		plan.Decisions[0].StepID, plan.Decisions[0].DedupeKey = "intro", first.DedupeKey
		return plan
	}
	again, _, err := s.db.ClaimSteps(t.Context(), outreach.ClaimRequest{Lease: lease, Now: s.now, Limit: 10, StepOf: names, Decide: decide})
	if err != nil || len(again) != 1 || again[0].ID != first.ID || again[0].RFCMessageID != first.RFCMessageID || again[0].Fence <= first.Fence {
		t.Fatalf("claimed %+v, %v", again, err)
	}
	if rest := s.claim(lease); len(rest) != 0 {
		t.Errorf("claimed once more while it is under way: %+v", rest)
	}
	if !s.commit(c, again[0]) {
		t.Error("it does not pass the commit point")
	}
	s.wantState(first.ID, outreach.SendCommitting)
}
