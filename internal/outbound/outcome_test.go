package outbound_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

func TestWhatTheEndOfADialogueMeans(t *testing.T) {
	step := outreach.Claimed{
		Send: outreach.Send{ID: 7, Purpose: outreach.PurposeStep, LeadID: 1, MailboxID: "dana", To: "lead1@acme.example", Fence: 2},
		Due:  due(1, 0),
	}
	tired := step
	tired.Attempts = 7
	frozen := func(ago time.Duration) outreach.Claimed {
		old, since := step, tuesday.Add(-ago)
		old.Attempts, old.Frozen = 3, &outreach.Frozen{Since: &since}
		return old
	}
	refused := func(code int, enhanced, text string) outreach.DeliveryResult {
		return outreach.DeliveryResult{Delivery: outreach.DeliveryRefused, Code: code, Enhanced: enhanced, Text: text}
	}
	for name, test := range map[string]struct {
		claim   outreach.Claimed
		result  outreach.DeliveryResult
		state   outreach.SendState
		advance bool
		retry   time.Duration
		check   func(outreach.Refusal) bool // nil: no refusal
		free    bool                        // no attempt is burnt
	}{
		"accepted":                 {result: outreach.DeliveryResult{Delivery: outreach.DeliveryAccepted}, state: outreach.SendSent, advance: true},
		"no answer":                {result: outreach.DeliveryResult{Delivery: outreach.DeliveryUncertain}, state: outreach.SendUnknown},
		"not yet":                  {result: outreach.DeliveryResult{Delivery: outreach.DeliveryDeferred, Code: 451}, state: outreach.SendPlanned, retry: 5 * time.Minute},
		"not yet, again and again": {claim: tired, result: outreach.DeliveryResult{Delivery: outreach.DeliveryDeferred, Code: 451}, state: outreach.SendFailed, advance: true},
		"not yet, for five days":   {claim: frozen(5 * 24 * time.Hour), result: outreach.DeliveryResult{Delivery: outreach.DeliveryDeferred, Code: 451}, state: outreach.SendFailed, advance: true},
		"not yet, for four days":   {claim: frozen(4 * 24 * time.Hour), result: outreach.DeliveryResult{Delivery: outreach.DeliveryDeferred, Code: 451}, state: outreach.SendPlanned, retry: 2 * time.Hour},
		"the server closes":        {claim: tired, result: outreach.DeliveryResult{Delivery: outreach.DeliveryDeferred, Code: 421, Phase: "rcpt"}, state: outreach.SendPlanned, retry: time.Minute, free: true},
		"it takes no sender now":   {claim: tired, result: outreach.DeliveryResult{Delivery: outreach.DeliveryDeferred, Code: 451, Phase: "mail"}, state: outreach.SendPlanned, retry: time.Minute, free: true},
		"never got there":          {result: outreach.DeliveryResult{Delivery: outreach.DeliveryNotSent, Phase: "commit"}, state: outreach.SendPlanned, retry: time.Minute},
		"no such address":          {result: refused(550, "5.1.1", "user unknown"), state: outreach.SendFailed, check: func(r outreach.Refusal) bool { return r.SuppressAddress == step.To }},
		"a full mailbox":           {result: refused(552, "5.2.2", "mailbox full"), state: outreach.SendPlanned, retry: 5 * time.Minute},
		"full, not unknown":        {result: refused(550, "5.1.1", "the mailbox is full"), state: outreach.SendPlanned, retry: 5 * time.Minute},
		"their policy":             {result: refused(550, "5.7.1", "blocked"), state: outreach.SendPlanned, retry: 24 * time.Hour, check: func(r outreach.Refusal) bool { return r.PauseDomain == "acme.example" && !r.StopMailbox }},
		"our own fault":            {result: refused(550, "5.7.26", "unauthenticated"), state: outreach.SendPlanned, retry: time.Minute, check: func(r outreach.Refusal) bool { return r.StopMailbox && r.SuppressAddress == "" }},
		"no word of why":           {result: refused(554, "", "no"), state: outreach.SendFailed, check: func(r outreach.Refusal) bool { return r.StopEnrolment && r.SuppressAddress == "" }},
	} {
		t.Run(name, func(t *testing.T) {
			claim := test.claim
			if claim.ID == 0 {
				claim = step
			}
			outcome := decider(founders).Outcome(claim, test.result, tuesday)
			got, refusal := outcome.Settlement, outcome.Refusal
			if got.State != test.state || (got.Next != nil) != test.advance {
				t.Errorf("state %s, next %v; want %s, advance %v", got.State, got.Next, test.state, test.advance)
			}
			switch {
			case test.retry == 0 && got.RetryAt != nil, test.retry > 0 && (got.RetryAt == nil || !got.RetryAt.Equal(tuesday.Add(test.retry))):
				t.Errorf("retry at %v, want %v later", got.RetryAt, test.retry)
			}
			if test.free && got.Attempts != 0 {
				t.Error("an attempt was burnt")
			}
			if (refusal != nil) != (test.check != nil) || (refusal != nil && !test.check(*refusal)) {
				t.Errorf("refusal %+v", refusal)
			}
		})
	}
}

func TestARefusedDigestTouchesNoLead(t *testing.T) {
	digest := outreach.Claimed{Send: outreach.Send{ID: 7, Purpose: outreach.PurposeDigest, MailboxID: "dana", To: "dana@ours.example"}}
	outcome := decider(founders).Outcome(digest, outreach.DeliveryResult{Delivery: outreach.DeliveryRefused, Code: 550, Enhanced: "5.1.1"}, tuesday)
	got, refusal := outcome.Settlement, outcome.Refusal
	if got.State != outreach.SendFailed || refusal != nil || got.Next != nil {
		t.Errorf("%+v, %+v", got, refusal)
	}
}

// A notice does not wait for the mailbox that a person must mend, so it waits by itself.
func TestANoticeThatOurOwnFaultStopsIsTriedLessAndLessOften(t *testing.T) {
	digest := outreach.Claimed{Send: outreach.Send{ID: 7, Purpose: outreach.PurposeDigest, MailboxID: "dana", To: "dana@ours.example"}}
	for attempts, want := range map[int]time.Duration{0: 5 * time.Minute, 2: time.Hour, 7: 0} {
		digest.Attempts = attempts
		outcome := decider(founders).Outcome(digest, outreach.DeliveryResult{Delivery: outreach.DeliveryRefused, Code: 550, Enhanced: "5.7.26"}, tuesday)
		if outcome.Refusal == nil || !outcome.Refusal.StopMailbox {
			t.Errorf("after %d attempts the mailbox is not stopped: %+v", attempts, outcome.Refusal)
		}
		if got := outcome.Settlement; want == 0 && got.State != outreach.SendFailed || want > 0 && (got.RetryAt == nil || got.RetryAt.Sub(tuesday) != want) {
			t.Errorf("after %d attempts: %+v", attempts, got)
		}
	}
}
