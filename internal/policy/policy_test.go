package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"drumbeat/internal/outreach"
	"drumbeat/internal/policy"
)

var now = time.Date(2031, 3, 3, 10, 0, 0, 0, time.UTC)

// free is a mail that nothing keeps from going.
func free() policy.Facts {
	return policy.Facts{
		WindowOpen: true, NextWindow: now, NextDay: now.Add(14 * time.Hour),
		MailboxUsed: 49, MailboxCap: 50, NewLeadsUsed: 24, NewLeadsCap: 25,
	}
}

func TestEveryObstacleHasItsReasonAndItsEnd(t *testing.T) {
	later, tomorrow := now.Add(time.Hour), now.Add(14*time.Hour)
	tests := map[string]struct {
		change func(*policy.Facts)
		want   policy.Verdict
	}{
		"nothing stands in the way":         {func(*policy.Facts) {}, policy.Verdict{Go: true}},
		"a suppressed address":              {func(f *policy.Facts) { f.Suppressed = true }, policy.Verdict{Reason: outreach.ReasonSuppressed}},
		"a stopped lead":                    {func(f *policy.Facts) { f.Stopped = outreach.StopReplied }, policy.Verdict{Reason: outreach.ReasonLeadStopped}},
		"a pause that lasts":                {func(f *policy.Facts) { f.PausedUntil = later }, policy.Verdict{Reason: outreach.ReasonLeadPaused, Until: later}},
		"a pause that ends this moment":     {func(f *policy.Facts) { f.PausedUntil = now }, policy.Verdict{Go: true}},
		"another mail under way":            {func(f *policy.Facts) { f.InFlight = true }, policy.Verdict{Reason: outreach.ReasonInFlight}},
		"a domain that blocks the mailbox":  {func(f *policy.Facts) { f.DomainPausedUntil = later }, policy.Verdict{Reason: outreach.ReasonMailboxPaused, Until: later}},
		"a shut window":                     {func(f *policy.Facts) { f.WindowOpen, f.NextWindow = false, later }, policy.Verdict{Reason: outreach.ReasonOutsideWindow, Until: later}},
		"an inbox that was not read":        {func(f *policy.Facts) { f.InboxStale = true }, policy.Verdict{Reason: outreach.ReasonInboxStale}},
		"a full mailbox":                    {func(f *policy.Facts) { f.MailboxUsed = 50 }, policy.Verdict{Reason: outreach.ReasonMailboxCap, Until: tomorrow}},
		"enough new leads":                  {func(f *policy.Facts) { f.NewLead, f.NewLeadsUsed = true, 25 }, policy.Verdict{Reason: outreach.ReasonNewLeadCap, Until: tomorrow}},
		"new leads do not bind a follow-up": {func(f *policy.Facts) { f.NewLeadsUsed = 25 }, policy.Verdict{Go: true}},
		"the gap":                           {func(f *policy.Facts) { f.NextFree = later }, policy.Verdict{Reason: outreach.ReasonGap, Until: later}},
		"a stop outranks all that time would heal": {
			func(f *policy.Facts) { f.Stopped, f.WindowOpen, f.MailboxUsed = outreach.StopReplied, false, 50 },
			policy.Verdict{Reason: outreach.ReasonLeadStopped},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			facts := free()
			test.change(&facts)
			if diff := cmp.Diff(test.want, policy.Decide(facts, now)); diff != "" {
				t.Errorf("Decide (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMailGoesExactlyWhenThereIsNoReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flag := rapid.Bool()
		moment := rapid.Custom(func(t *rapid.T) time.Time {
			return now.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "hours")) * time.Hour)
		})
		f := policy.Facts{
			Suppressed: flag.Draw(t, "suppressed"), InFlight: flag.Draw(t, "in flight"), PausedUntil: moment.Draw(t, "paused"),
			WindowOpen: flag.Draw(t, "open"), NextFree: moment.Draw(t, "free"),
			MailboxUsed: rapid.IntRange(0, 3).Draw(t, "used"), MailboxCap: rapid.IntRange(0, 3).Draw(t, "cap"),
			NewLead: flag.Draw(t, "new"), NewLeadsUsed: rapid.IntRange(0, 3).Draw(t, "new used"), NewLeadsCap: 2,
		}
		verdict := policy.Decide(f, now)
		if verdict.Go != (verdict.Reason == outreach.ReasonNone) {
			t.Fatalf("verdict %+v both goes and does not", verdict)
		}
		if verdict.Go && (f.Suppressed || !f.WindowOpen || f.MailboxUsed >= f.MailboxCap) {
			t.Fatalf("%+v went", f)
		}
	})
}
