package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestCandidatesSayWhatAnAudienceAsksAbout(t *testing.T) {
	s := newStage(t, 0)
	for _, email := range []string{"a@acme.example", "b@eu.acme.example", "c@notacme.example", "d@globex.example"} {
		s.addLead(email)
	}
	s.exec(`INSERT INTO lists (name, created_at) VALUES ('march', $1), ('customers', $1)`, s.now)
	for _, id := range s.leads {
		s.exec(`INSERT INTO list_leads (list_id, lead_id) SELECT id, $1 FROM lists WHERE name = 'march'`, id)
	}
	s.exec(`INSERT INTO list_leads (list_id, lead_id) SELECT id, $1 FROM lists WHERE name = 'customers'`, s.leads[1])
	s.exec(`UPDATE enrolments SET state = 'finished' WHERE lead_id = $1`, s.leads[3])
	s.exec(`INSERT INTO sends (purpose, dedupe_key, message_id, lead_id, mailbox_id, to_address, created_at, state, claimed_at)
		VALUES ('step', 'k', '<k@ours.example>', $1, 'dana', 'c@notacme.example', $2, 'sent', $2)`, s.leads[2], s.now.AddDate(0, 0, -10))
	list, err := s.db.FindList(t.Context(), "march")
	s.must(err)
	for days, contacted := range map[int]bool{5: false, 20: true} {
		since := s.now.AddDate(0, 0, -days)
		page, err := s.db.EnrolCandidates(t.Context(), outreach.EnrolQuery{
			ListID: list, SequenceID: "other", Limit: 10, ExcludedLists: []string{"customers", "nobody"}, ContactedSince: &since,
		})
		s.must(err)
		type said struct{ Excluded, Contacted, Elsewhere bool }
		var got []said
		for _, c := range page {
			got = append(got, said{c.Excluded, c.Contacted, c.Elsewhere})
		}
		want := []said{{false, false, true}, {true, false, true}, {false, contacted, true}, {false, false, false}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("contacted within %d days (-want +got):\n%s", days, diff)
		}
	}
	loads, err := s.db.CompanyLoads(t.Context(), "founders", []string{"acme.example", "globex.example", "nobody.example"})
	s.must(err)
	if diff := cmp.Diff(map[string]int{"acme.example": 2}, loads); diff != "" {
		t.Errorf("companies (-want +got):\n%s", diff)
	}
}
