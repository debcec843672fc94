package main

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/proportion"
	"drumbeat/internal/sequence"
)

func TestAReportShowsHowFarItsSharesCanBeTrusted(t *testing.T) {
	step := func(id, variant string, mails, positive int) outbound.StepReport {
		return outbound.StepReport{
			StepResult: outreach.StepResult{Step: outreach.StepID(id), Variant: variant, Mails: mails, Replied: positive + 2, Positive: positive, OptOuts: 1},
			Reached:    proportion.Share{Count: positive, Of: mails},
		}
	}
	var out bytes.Buffer
	if err := printSequenceReport(&out, outbound.SequenceReport{
		Sequence: "saas", Goal: sequence.GoalPositive, Revisions: []int{1, 3},
		Steps:    []outbound.StepReport{step("intro", "a", 120, 3), step("intro", "b", 118, 7), step("bump", "", 0, 0)},
		Contests: []outbound.Contest{{Step: "intro", Leader: "b"}, {Step: "proof"}, {Step: "end", Leader: "c", Decided: true}},
	}); err != nil {
		t.Fatal(err)
	}
	want := `STEP   VARIANT  MAILS  ANSWERS  POSITIVE  MEETINGS  OPT-OUTS  BOUNCED  POSITIVE, OF THE MAILS
intro  a        120    5        3         0         1         0        2.5 % (0.9-7.1 %)
intro  b        118    9        7         0         1         0        5.9 % (2.9-11.7 %)
bump            0      2        0         0         1         0        -

Counted: leads on the revisions 1, 3, though a text may differ between them; --revision shows one.
intro: b is ahead, but chance may be the reason: too few mails to tell.
proof: no variant is ahead.
end: c is better, and chance is an unlikely reason.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the report (-want +got):\n%s", diff)
	}
}
