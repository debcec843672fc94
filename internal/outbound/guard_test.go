package outbound_test

import (
	"testing"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
)

func TestAGuardTripsOnceARateIsExceededAndEnoughHasGone(t *testing.T) {
	guard := sequence.Guard{BounceRate: &sequence.Rate{Percent: 3, Last: 100}, NegativeRate: &sequence.Rate{Percent: 15, Last: 40}}
	hard := outreach.MailEnding{State: outreach.SendFailed, Result: outreach.DeliveryResult{Code: 550, Enhanced: "5.1.1"}}
	report := outreach.MailEnding{State: outreach.SendSent, Labels: []outreach.Label{outreach.LabelBounceHard}}
	policyNo := outreach.MailEnding{State: outreach.SendFailed, Result: outreach.DeliveryResult{Code: 550, Enhanced: "5.7.1"}}
	no := outreach.MailEnding{State: outreach.SendSent, Stage: outreach.StageLost, Labels: []outreach.Label{outreach.LabelBrushOff}}
	later := outreach.MailEnding{State: outreach.SendSent, Stage: outreach.StageNurture, Labels: []outreach.Label{outreach.LabelBrushOff}}
	gone := outreach.MailEnding{State: outreach.SendSent, Stopped: outreach.StopUnsubscribed}
	fine := outreach.MailEnding{State: outreach.SendSent}
	times := func(n int, m outreach.MailEnding) []outreach.MailEnding {
		all := make([]outreach.MailEnding, n)
		for i := range all {
			all[i] = m
		}
		return all
	}
	for name, test := range map[string]struct {
		mails [][]outreach.MailEnding
		want  string
	}{
		"nothing yet":                    {nil, ""},
		"two bounces of ten are chance":  {[][]outreach.MailEnding{times(2, hard), times(8, fine)}, ""},
		"two of fifty are not":           {[][]outreach.MailEnding{{hard, report}, times(48, fine)}, "2 of the last 50 mails bounced; the guard allows 3% of last 100"},
		"three of a hundred are allowed": {[][]outreach.MailEnding{times(3, hard), times(97, fine)}, ""},
		"four are not":                   {[][]outreach.MailEnding{times(4, report), times(96, fine)}, "4 of the last 100 mails bounced; the guard allows 3% of last 100"},
		"old ones do not count":          {[][]outreach.MailEnding{times(100, fine), times(50, hard)}, ""},
		"a policy is no bounce":          {[][]outreach.MailEnding{times(50, policyNo), times(50, fine)}, ""},
		"noes":                           {[][]outreach.MailEnding{times(4, no), times(3, gone), times(33, fine)}, "7 of the last 40 mails answered by a no; the guard allows 15% of last 40"},
		"not now is no no":               {[][]outreach.MailEnding{times(20, later), times(20, fine)}, ""},
	} {
		var mails []outreach.MailEnding
		for _, part := range test.mails {
			mails = append(mails, part...)
		}
		if got := outbound.Tripped(guard, mails); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
