package postgres_test

import (
	"testing"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// Resuming a lead is a person's word that its sequence may go on: where a rep wrote by
// hand, where data were missing, where an answer could not be read by any machine. What an
// answer means that can be read is said by a correction, and a doubt has its own command.
func TestALeadIsResumedFromWhatAPersonHasLookedAt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reason  outreach.HoldReason
		message string // the state of the message that holds it; empty: none does
		goesOn  bool
	}{
		"a rep wrote":                          {outreach.HoldRep, "", true},
		"data were missing":                    {outreach.HoldNeedsData, "", true},
		"an answer could not be read":          {outreach.HoldTriage, "quarantined", true},
		"an answer was not understood":         {outreach.HoldTriage, "done", false},
		"an answer is not yet understood":      {outreach.HoldReply, "pending", false},
		"nobody knows whether a mail has gone": {outreach.HoldUnknown, "", false},
		"a webhook was given up":               {outreach.HoldWebhook, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 1)
			s.exec(`UPDATE enrolments SET state = 'held', state_reason = $1`, test.reason)
			if test.message != "" {
				s.exec(`INSERT INTO messages (mailbox_id, content_key, received_at, raw, state, lead_id, holds) VALUES ('dana', 'k', $1, '', $2, $3, '{1}')`,
					s.now, test.message, s.leads[0])
			}
			s.must(s.db.ResumeLeads(t.Context(), s.leads, postgres.Act{At: s.now, Actor: "dana"}))
			if got := len(s.claim(s.take(process))); (got == 1) != test.goesOn {
				t.Errorf("%d steps are claimed after the lead was resumed", got)
			}
		})
	}
}
