package postgres_test

import (
	"testing"

	"drumbeat/internal/outreach"
)

func TestPlacesOfARecipientDomainAreTakenReadAndGivenBack(t *testing.T) {
	s := newStage(t, 0)
	s.addLead("a@acme.example")
	s.addLead("b@acme.example")
	lease := s.take(process)
	var seen map[string]int
	ask := func(count bool) {
		_, _, err := s.db.ClaimSteps(t.Context(), outreach.ClaimRequest{Lease: lease, Now: s.now, Limit: 10, StepOf: stepOf,
			Decide: func(m outreach.MailboxDay, due []outreach.DueStep) outreach.ClaimPlan {
				seen = m.DomainMails
				plan := sendAll(m, due)
				for i := range plan.Decisions {
					plan.Decisions[i].CountDomain = count
				}
				return plan
			}})
		s.must(err)
	}
	ask(true)
	if len(seen) > 0 {
		t.Errorf("before the first mail: %v", seen)
	}
	s.must(s.db.GiveBackClaims(t.Context(), lease, s.now))
	s.exec(`UPDATE enrolments SET state = 'held' WHERE lead_id = $1`, s.leads[1])
	ask(true)
	if seen["acme.example"] != 0 {
		t.Errorf("after both were given back: %v", seen)
	}
	s.exec(`UPDATE enrolments SET state = 'active' WHERE lead_id = $1`, s.leads[1])
	ask(false)
	if seen["acme.example"] != 1 {
		t.Errorf("after one claim: %v", seen)
	}
}
