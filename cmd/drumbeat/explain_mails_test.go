package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestWhatWasWrittenStandsInOneListNewestFirst(t *testing.T) {
	at := time.Date(2031, 3, 3, 8, 0, 0, 0, time.UTC)
	story := outreach.Story{
		Sends: []outreach.SendView{
			{Send: outreach.Send{Purpose: outreach.PurposeStep, StepID: "intro", State: outreach.SendUnknown}, SequenceID: "hello", Subject: "Hi\x1b[2J",
				UnknownReason: "no answer to the dot", CreatedAt: at},
		},
		Replies: []outreach.ReplyView{
			{ID: 8, ReceivedAt: at.Add(2 * time.Hour), Label: outreach.LabelPrice, Confidence: 0.59, Abstained: true, Text: "too\n\n much " + strings.Repeat("x", 100)},
			{ID: 7, ReceivedAt: at.Add(time.Hour), Label: outreach.LabelUnclear, Corrected: outreach.LabelPrice, Text: "hm"},
		},
	}
	var out strings.Builder
	printMails(&out, story)
	want := `
What was written, newest first
  2031-03-03 10:00 UTC  answer 8 is price (59 %, not sure): too much ` + strings.Repeat("x", 81) + ` ...
  2031-03-03 09:00 UTC  answer 7 is price (a person said so): hm
  2031-03-03 08:00 UTC  intro of hello (unknown): Hi [2J; no answer to the dot
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
