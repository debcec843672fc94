package outbound_test

import (
	"strings"
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

func TestWhatBecomesOfAMailInDoubtIsTheSequencesPolicy(t *testing.T) {
	hour := func(n int) *outreach.Doubt { return &outreach.Doubt{Since: tuesday.Add(-time.Duration(n) * time.Hour)} }
	looked := func(d *outreach.Doubt, resends int) *outreach.Doubt {
		at := tuesday.Add(-time.Minute)
		d.LookedAt, d.Resends = &at, resends
		return d
	}
	for name, test := range map[string]struct {
		policy string
		doubt  *outreach.Doubt
		action outreach.ClaimAction
		until  time.Time
	}{
		"at first evidence has its time":          {"assumed_sent", hour(0), outreach.ClaimWait, tuesday.Add(15 * time.Minute)},
		"whatever the policy is":                  {"resend_once", looked(hour(0), 0), outreach.ClaimWait, tuesday.Add(15 * time.Minute)},
		"then it is taken for sent":               {"assumed_sent", hour(1), outreach.ClaimAdvance, time.Time{}},
		"or the rep decides":                      {"hold", hour(1), outreach.ClaimHold, time.Time{}},
		"or it goes once more":                    {"resend_once", looked(hour(1), 0), outreach.ClaimResend, time.Time{}},
		"but not before the Sent folder was read": {"resend_once", hour(1), outreach.ClaimWait, tuesday.Add(5 * time.Minute)},
		"which is waited for a day at most":       {"resend_once", hour(25), outreach.ClaimResend, time.Time{}},
		"and never twice":                         {"resend_once", looked(hour(1), 1), outreach.ClaimAdvance, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			source := strings.Replace(founders, "send: {", "send: {unknown: "+test.policy+", ", 1)
			step := due(1, 0, func(d *outreach.DueStep) {
				d.Earlier = &outreach.Send{ID: 7, State: outreach.SendUnknown, ClaimedAt: test.doubt.Since, Doubt: test.doubt}
			})
			got := decider(source).Decide(t.Context(), tuesday)(mailbox(), []outreach.DueStep{step}).Decisions[0]
			if got.Action != test.action || !got.Until.Equal(test.until) {
				t.Errorf("got %s until %v, want %s until %v", got.Action, got.Until, test.action, test.until)
			}
			if got.Action == outreach.ClaimHold && (got.Hold != outreach.HoldUnknown || !strings.Contains(got.Note, "resolve 7")) {
				t.Errorf("held as %q: %s", got.Hold, got.Note)
			}
		})
	}
}
