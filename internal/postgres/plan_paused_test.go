package postgres_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

func TestDueStepsOfAPausedSequenceRestUntilItIsResumed(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	s.exec(`UPDATE enrolments SET step = 1 WHERE lead_id = $1`, s.leads[0])
	due := func() (n int) {
		s.get(&n, `SELECT count(*) FROM enrolments WHERE due_at <= $1`, s.now)
		return n
	}
	plan := func() int {
		bells, err := s.db.PlanBells(s.Context(), s.now)
		s.must(err)
		return len(bells)
	}
	s.must(s.db.PauseSequence(s.Context(), "founders", postgres.Act{At: s.now}))
	if rung := plan(); rung != 0 || due() != 0 {
		t.Fatalf("paused: %d bells, %d due", rung, due())
	}
	s.now = s.now.Add(time.Hour)
	s.must(s.db.ResumeSequence(s.Context(), "founders", postgres.Act{At: s.now}))
	if rung := plan(); rung != 1 || due() != 3 {
		t.Errorf("resumed: %d bells, %d due", rung, due())
	}
	if claimed := s.claim(s.take(process)); len(claimed) != 3 || claimed[0].LeadID != s.leads[0] {
		t.Errorf("claimed %d, first the one of lead %d: want 3, the follow-up first", len(claimed), claimed[0].LeadID)
	}
}

func TestARestingStepThatIsMovedIsDueWhenItsSequenceIsResumed(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.must(s.db.PauseSequence(s.Context(), "founders", postgres.Act{At: s.now}))
	_, err := s.db.PlanBells(s.Context(), s.now)
	s.must(err)
	var from, to outreach.RevisionID
	s.get(&from, `SELECT revision_id FROM sequences`)
	s.get(&to, `INSERT INTO revisions (sequence_id, number, source, templates, sha256, created_at) VALUES ('founders', 2, '', '{}', 'x', $1) RETURNING id`, s.now)
	moved, err := s.db.MoveStanding(s.Context(), outreach.StepMove{From: from, To: to, Step: 0, ToStep: 1, At: s.now, Actor: "dana"})
	s.must(err)
	s.must(s.db.ResumeSequence(s.Context(), "founders", postgres.Act{At: s.now}))
	var due int
	if s.get(&due, `SELECT count(*) FROM enrolments WHERE due_at <= $1 AND step = 1`, s.now); moved != 1 || due != 1 {
		t.Errorf("%d moved, %d due", moved, due)
	}
}
