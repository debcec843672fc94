package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

func TestExplainSaysWhyInWordsAndWhatWouldChangeIt(t *testing.T) {
	tuesday := time.Date(2031, 3, 4, 7, 30, 0, 0, time.UTC)
	enrolment := func(state outreach.EnrolmentState, why string, wait outreach.Reason) outreach.EnrolmentView {
		return outreach.EnrolmentView{Revision: 3, WaitReason: wait, Enrolment: outreach.Enrolment{
			SequenceID: "founders", MailboxID: "dana", Timezone: "Europe/Madrid", State: state, StateReason: why, Step: 1, DueAt: &tuesday,
		}}
	}
	for name, test := range map[string]struct {
		view outreach.EnrolmentView
		want []string
	}{
		"outside the window": {enrolment(outreach.EnrolmentActive, "", outreach.ReasonOutsideWindow),
			[]string{"not before 2031-03-04 08:30 CET, because it is outside the sequence's hours in Europe/Madrid", "A wider send.window"}},
		"a paused mailbox":           {enrolment(outreach.EnrolmentActive, "", outreach.ReasonMailboxPaused), []string{"mailbox dana is paused", "drumbeat mailbox resume dana"}},
		"a missing field":            {enrolment(outreach.EnrolmentHeld, "needs_data", ""), []string{"held (needs_data)", "drumbeat lead resume ana@acme.example"}},
		"an answer":                  {enrolment(outreach.EnrolmentStopped, "replied", ""), []string{"stopped (replied)", "a person goes on from here"}},
		"a reason of later versions": {enrolment(outreach.EnrolmentActive, "", "moon_phase"), []string{"because moon_phase"}},
	} {
		var out bytes.Buffer
		explain(&out, outreach.Story{Lead: outreach.Lead{Email: "ana@acme.example"}, Enrolments: []outreach.EnrolmentView{test.view}})
		for _, want := range test.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is not in\n%s", name, want, out.String())
			}
		}
	}
}
