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
