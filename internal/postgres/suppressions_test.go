package postgres_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// Whoever keeps acme.example out keeps out all that belongs to it, whether the
// suppression comes first or the lead.
func TestASuppressedDomainCoversTheHostsBelowItAndNoOthers(t *testing.T) {
	t.Parallel()
	all := []string{"a@acme.example", "b@mail.de.acme.example", "c@notacme.example", "d@acme.example.net", "e@example.com"}
	covered := []string{"a@acme.example", "b@mail.de.acme.example"}

	s := newStage(t, 0)
	s.exec(`INSERT INTO suppressions (kind, value, reason, source, at) VALUES ('domain', 'acme.example', 'a customer', 'test', $1)`, s.now)
	s.exec(`INSERT INTO lists (name, created_at) VALUES ('march', $1)`, s.now)
	for _, email := range all { // they come in by a way that asks for no suppressions
		s.addLead(email)
	}
	s.exec(`INSERT INTO list_leads (list_id, lead_id) SELECT lists.id, leads.id FROM lists, leads`)

	ways := map[string][]string{}
	page, err := s.db.EnrolCandidates(t.Context(), outreach.EnrolQuery{ListID: 1, SequenceID: "other", Limit: 10})
	s.must(err)
	for _, c := range page {
		if c.Suppressed {
			ways["enrolment"] = append(ways["enrolment"], c.Lead.Email)
		}
		story, err := s.db.Story(t.Context(), c.Lead.ID)
		s.must(err)
		if story.Suppressed != "" {
			ways["the lead's page"] = append(ways["the lead's page"], c.Lead.Email)
		}
	}
	_, _, err = s.db.ClaimSteps(t.Context(), outreach.ClaimRequest{Lease: s.take(process), Now: s.now, Limit: 100, StepOf: stepOf,
		Decide: func(_ outreach.MailboxDay, due []outreach.DueStep) outreach.ClaimPlan {
			ways["claim"] = nil
			plan := outreach.ClaimPlan{}
			for _, d := range due {
				if d.Suppressed {
					ways["claim"] = append(ways["claim"], d.Lead.Email)
				}
				plan.Decisions = append(plan.Decisions, outreach.ClaimDecision{Action: outreach.ClaimNothing})
			}
			slices.Sort(ways["claim"])
			return plan
		}})
	s.must(err)
	_, refused := importLeads(t, s.db, outreach.Lead{Email: all[0]}, outreach.Lead{Email: all[1]}, outreach.Lead{Email: all[2]},
		outreach.Lead{Email: all[3]}, outreach.Lead{Email: all[4]})
	for _, line := range refused {
		ways["import"] = append(ways["import"], all[line.Line-2])
	}
	s.must(s.suppress("domain", "Acme.example"))
	var stopped []string
	s.must(s.db.SelectContext(t.Context(), &stopped, `SELECT email FROM leads WHERE stopped = 'suppressed' AND stage = 'do_not_contact' ORDER BY email`))
	ways["suppress add"] = stopped

	want := map[string][]string{"enrolment": covered, "the lead's page": covered, "claim": covered, "import": covered, "suppress add": covered}
	if diff := cmp.Diff(want, ways); diff != "" {
		t.Errorf("who is kept out (-want +got):\n%s", diff)
	}
}

// A message that opts out locks its lead and then suppresses the address; so does every
// other way to suppress it, or two of them would wait for each other.
func TestASuppressionLocksItsLeadsFirst(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	done := make(chan error, 1)
	s.must(s.db.InTx(t.Context(), func(tx *sqlx.Tx) error {
		// Told before Postgres breaks one of the two off and it is tried again.
		if _, err := tx.ExecContext(t.Context(), `SET LOCAL lock_timeout = '200ms'`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(t.Context(), `SELECT 1 FROM leads WHERE id = $1 FOR NO KEY UPDATE`, s.leads[0]); err != nil {
			return err
		}
		go func() { done <- s.suppress("address", "lead0@acme0.example") }()
		for waits := 0; waits == 0; {
			s.get(&waits, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
		}
		_, err := tx.ExecContext(t.Context(), `
			INSERT INTO suppressions (kind, value, reason, source, at) VALUES ('address', 'lead0@acme0.example', 'unsubscribe', 'message 1', $1)`, s.now)
		return err
	}))
	s.must(<-done)
	var stopped outreach.StopReason
	s.get(&stopped, `SELECT stopped FROM leads`)
	if stopped != outreach.StopSuppressed {
		t.Errorf("the lead is stopped for %q", stopped)
	}
}
