package outbound

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

func TestADomainThatKeepsPuttingMailsOffIsLeftAlone(t *testing.T) {
	now := time.Date(2031, 3, 4, 9, 0, 0, 0, time.UTC)
	var d deferrals
	try := func(delivery outreach.Delivery, attempts int) time.Duration {
		claim := outreach.Claimed{Send: outreach.Send{Purpose: outreach.PurposeStep, MailboxID: "dana", To: "x@acme.example", Attempts: attempts}}
		o := Outcome{Settlement: outreach.Settlement{State: outreach.SendPlanned, At: now}}
		o.slow(claim, outreach.DeliveryResult{Delivery: delivery, Code: 451, Phase: "rcpt"}, &d)
		if o.Refusal == nil {
			return 0
		}
		if o.Refusal.PauseDomain != "acme.example" || !o.Refusal.Slow || o.Refusal.StopMailbox {
			t.Errorf("refusal %+v", o.Refusal)
		}
		return o.Refusal.PauseUntil.Sub(now)
	}
	for step, want := range []struct {
		delivery outreach.Delivery
		attempts int
		pause    time.Duration
	}{
		{outreach.DeliveryDeferred, 0, 0}, // greylisting greets everybody so
		{outreach.DeliveryDeferred, 0, 0},
		{outreach.DeliveryDeferred, 0, 0},
		{outreach.DeliveryDeferred, 1, 0},
		{outreach.DeliveryDeferred, 1, 0},
		{outreach.DeliveryDeferred, 2, 15 * time.Minute},
		{outreach.DeliveryDeferred, 1, 30 * time.Minute},
		{outreach.DeliveryAccepted, 0, 0},
		{outreach.DeliveryDeferred, 1, 0},
		{outreach.DeliveryDeferred, 1, 0},
		{outreach.DeliveryDeferred, 1, 15 * time.Minute},
	} {
		if got := try(want.delivery, want.attempts); got != want.pause {
			t.Errorf("step %d: left alone for %s, want %s", step, got, want.pause)
		}
	}
	for range 20 {
		if pause := try(outreach.DeliveryDeferred, 1); pause > 4*time.Hour {
			t.Errorf("left alone for %s", pause)
		}
	}
}
