package postgres_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

// doubted brings the first lead's mail to the commit point and leaves it there,
// as a process does that dies then.
func (s *stage) doubted() outreach.Claimed {
	s.Helper()
	claim := s.claim(s.take(process))[0]
	if !s.commit(s.committer(), claim) {
		s.Fatal("the commit point said no")
	}
	return claim
}

// swept makes the process of the stage dead and its commits unknown.
func (s *stage) swept() {
	s.Helper()
	s.exec(`UPDATE processes SET beat_ms = 0`)
	s.exec(`UPDATE claim_leases SET until_ms = 1`)
	_, err := s.db.Sweep(s.Context(), s.now)
	s.must(err)
}

func noteOf(claim outreach.Claimed) outreach.Accepted {
	return outreach.Accepted{SendID: claim.ID, Fence: claim.Fence, RFCMessageID: claim.RFCMessageID, At: morning, Code: 250}
}

func (s *stage) replay(notes ...outreach.Accepted) outreach.Replayed {
	s.Helper()
	replayed, err := s.db.Replay(s.Context(), notes, s.now)
	s.must(err)
	return replayed
}

func TestTheSpoolSettlesWhatItsProcessLeftCommitting(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	claim := s.doubted()
	if got := s.replay(noteOf(claim)); got != (outreach.Replayed{Settled: 1}) {
		t.Errorf("replayed %+v", got)
	}
	s.wantState(claim.ID, outreach.SendSent)
	if got := s.replay(noteOf(claim)); got != (outreach.Replayed{Known: 1}) {
		t.Errorf("replayed again: %+v", got)
	}
	var by string
	s.get(&by, `SELECT resolved_by FROM sends WHERE id = $1`, claim.ID)
	if by != string(outreach.EvidenceSpool) {
		t.Errorf("resolved by %q", by)
	}
	flight, err := s.db.InFlight(t.Context(), s.now)
	s.must(err)
	if want := 1; flight.UnderWay != want { // the mailbox itself
		t.Errorf("%d things are under way, want %d", flight.UnderWay, want)
	}
}

func TestTheSpoolChangesNothingItIsNotSureOf(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	claim := s.doubted()
	s.swept()
	for name, test := range map[string]struct {
		change func(*outreach.Accepted)
		want   outreach.Replayed
	}{
		"an attempt before this one":      {func(a *outreach.Accepted) { a.Fence-- }, outreach.Replayed{Known: 1}},
		"an attempt that is not recorded": {func(a *outreach.Accepted) { a.Fence++ }, outreach.Replayed{Ahead: 1}},
		"another mail under the number":   {func(a *outreach.Accepted) { a.RFCMessageID = "<else@ours.example>" }, outreach.Replayed{Ahead: 1}},
		"a number not yet given out":      {func(a *outreach.Accepted) { a.SendID += 1000 }, outreach.Replayed{Ahead: 1}},
	} {
		note := noteOf(claim)
		test.change(&note)
		if got := s.replay(note); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
	s.wantState(claim.ID, outreach.SendUnknown)
	s.exec(`DELETE FROM sends WHERE id = $1`, claim.ID)
	if got := s.replay(noteOf(claim)); got != (outreach.Replayed{Known: 1}) {
		t.Errorf("a lead that was erased since: %+v", got)
	}
}

// doubtedAnd is a stage with a mail in doubt, whose enrolment is in a state for a reason.
func doubtedAnd(t *testing.T, state string) (*stage, outreach.Claimed) {
	t.Helper()
	s := newStage(t, 1)
	claim := s.doubted()
	s.swept()
	s.exec(`UPDATE enrolments SET state = split_part($1, ' ', 1), state_reason = split_part($1, ' ', 2)`, state)
	return s, claim
}

func TestEvidenceReleasesWhatWaitedForItAndNothingElse(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{"held unknown": "active ", "held triage": "held triage", "stopped replied": "stopped replied"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s, claim := doubtedAnd(t, state)
			s.now = morning.Add(time.Hour)
			s.replay(noteOf(claim))
			s.wantState(claim.ID, outreach.SendSent)
			var got string
			s.get(&got, `SELECT state || ' ' || state_reason FROM enrolments`)
			if got != want {
				t.Errorf("the enrolment is %q, want %q", got, want)
			}
			var doubts int
			s.get(&doubts, `SELECT count(*) FROM doubts`)
			if doubts > 0 {
				t.Error("the doubt is still listed")
			}
		})
	}
}

// A process that was away for longer than the policy waits (a machine that slept) brings the
// server's answer late: what was held for want of it goes on, and nothing else does.
func TestALateAnswerReleasesWhatWaitedForItAndNothingElse(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{"held unknown": "active  1", "held triage": "held triage 1", "stopped replied": "stopped replied 1"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s, claim := doubtedAnd(t, state)
			if !s.settle(s.committer(), claim, outreach.SendSent, &outreach.Progress{Step: 1, DueAt: &s.now, State: outreach.EnrolmentActive}) {
				t.Fatal("the late answer was not taken")
			}
			var got string
			s.get(&got, `SELECT state || ' ' || state_reason || ' ' || step FROM enrolments`)
			if got != want {
				t.Errorf("the enrolment is %q, want %q", got, want)
			}
		})
	}
}

func TestADoubtIsListedHoweverItAroseAndCostsNothingOtherwise(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	c := s.committer()
	claims := s.claim(s.take(process))
	states := []outreach.SendState{outreach.SendUnknown, outreach.SendSent, outreach.SendUnknown}
	for i, claim := range claims {
		if !s.commit(c, claim) {
			t.Fatal("the commit point said no")
		}
		if i < 2 {
			s.settle(c, claim, states[i], nil)
		}
	}
	s.swept()
	for i, claim := range claims {
		s.wantState(claim.ID, states[i])
		var listed bool
		s.get(&listed, `SELECT EXISTS (SELECT 1 FROM doubts WHERE send_id = $1 AND since = $2)`, claim.ID, morning)
		if listed != (states[i] == outreach.SendUnknown) {
			t.Errorf("send %d is %s, listed %v", claim.ID, states[i], listed)
		}
	}
}
