package postgres_test

import (
	"testing"

	"drumbeat/internal/outreach"
)

// Two processes sweep at the same time: what the other has in hand is not put off.
func TestASweepLeavesWhatAnotherHasInHandForTheNextOne(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	claims := s.claim(s.take(process))
	s.exec(`UPDATE processes SET beat_ms = machine_ms() - 11000`)
	s.exec(`UPDATE mailboxes SET leased_until_ms = machine_ms() - 1`)
	s.take("survivor")
	other, err := s.db.BeginTxx(t.Context(), nil)
	s.must(err)
	if _, err := other.ExecContext(t.Context(), `SELECT id FROM sends FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	sweep := func() {
		if _, err := s.db.Sweep(t.Context(), s.now); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	s.must(other.Rollback())
	s.wantState(claims[0].ID, outreach.SendClaimed)
	sweep()
	for _, claim := range claims {
		s.wantState(claim.ID, outreach.SendPlanned)
	}
}

// What was given back and claimed again belongs to the later claim: the earlier one
// neither holds it up nor counts it twice.
func TestAClaimIsOverWhenItsSendsAreClaimedAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	lease := s.take(process)
	s.claim(lease)
	s.must(s.db.GiveBackClaims(t.Context(), lease, s.now))
	s.must(s.db.ReleaseMailbox(t.Context(), lease))
	s.beat("survivor")
	if got := len(s.claim(s.take("survivor"))); got != 2 {
		t.Fatalf("the survivor claims %d, want 2", got)
	}
	flight, err := s.db.InFlight(t.Context(), s.now)
	s.must(err)
	if want := 3; flight.UnderWay != want { // the mailbox and two claims
		t.Errorf("%d things are under way, want %d", flight.UnderWay, want)
	}
	s.exec(`UPDATE claim_leases SET until_ms = 1 WHERE id = (SELECT min(id) FROM claim_leases)`)
	if _, err := s.db.Sweep(t.Context(), s.now); err != nil {
		t.Fatal(err)
	}
	var left int
	s.get(&left, `SELECT count(*) FROM claim_leases`)
	if left != 1 {
		t.Errorf("%d claim leases are left, want the survivor's", left)
	}
}
