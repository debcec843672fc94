package outbound_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

// results is a ReportStore in memory.
type results struct {
	goal  string
	steps []outreach.StepResult
}

func (r results) CurrentRevision(context.Context, outreach.SequenceID) (outreach.Revision, error) {
	return outreach.Revision{
		ID: 5, SequenceID: "intro", Number: 2, Templates: map[string]string{"a.md": "---\nsubject: Hello\n---\nHi there.\n"},
		Source: "version: 1\nid: intro\nowner: dana\ngoal: " + r.goal + "\nsteps: [{email: a.md}]\n",
	}, nil
}
func (r results) SentRevisions(context.Context, outreach.SequenceID) ([]int, error) {
	return []int{1, 2}, nil
}
func (r results) StepResults(context.Context, outreach.SequenceID, int) ([]outreach.StepResult, error) {
	return r.steps, nil
}

func TestAReportCallsAVariantBetterOnlyWhenChanceIsUnlikely(t *testing.T) {
	step := func(id outreach.StepID, variant string, mails, positive, meetings int) outreach.StepResult {
		return outreach.StepResult{Step: id, Variant: variant, Mails: mails, Positive: positive, Meetings: meetings}
	}
	for name, test := range map[string]struct {
		goal  string
		steps []outreach.StepResult
		want  []outbound.Contest
	}{
		"no variants": {"positive", []outreach.StepResult{step("intro", "", 100, 9, 0), step("bump", "", 50, 1, 0)}, nil},
		"few mails":   {"positive", []outreach.StepResult{step("intro", "a", 40, 1, 0), step("intro", "b", 42, 4, 0)}, []outbound.Contest{{Step: "intro", Leader: "b"}}},
		"level":       {"positive", []outreach.StepResult{step("intro", "a", 40, 2, 0), step("intro", "b", 80, 4, 0)}, []outbound.Contest{{Step: "intro"}}},
		"many mails, and a step without variants": {"positive", []outreach.StepResult{
			step("intro", "a", 1000, 30, 0), step("intro", "b", 1000, 60, 0), step("bump", "", 900, 9, 0),
		}, []outbound.Contest{{Step: "intro", Leader: "b", Decided: true}}},
		"ahead of one of two": {"positive", []outreach.StepResult{
			step("intro", "a", 1000, 30, 0), step("intro", "b", 1000, 60, 0), step("intro", "c", 1000, 55, 0),
		}, []outbound.Contest{{Step: "intro", Leader: "b"}}},
		"the goal is a meeting": {"meeting", []outreach.StepResult{
			step("intro", "a", 1000, 30, 30), step("intro", "b", 1000, 60, 5),
		}, []outbound.Contest{{Step: "intro", Leader: "a", Decided: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := outbound.Report(t.Context(), results{test.goal, test.steps}, "intro", 0)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, report.Contests); diff != "" {
				t.Errorf("contests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAReportCountsAddressesThatWereRefusedAtOnceAsBounced(t *testing.T) {
	refused := func(code int, status string) outreach.RefusedMails {
		return outreach.RefusedMails{Result: outreach.DeliveryResult{Code: code, Enhanced: status}, Count: 2}
	}
	steps := []outreach.StepResult{{Step: "intro", Mails: 10, Bounced: 1, Refused: []outreach.RefusedMails{refused(550, "5.1.1"), refused(550, "5.7.1")}}}
	report, err := outbound.Report(t.Context(), results{"positive", steps}, "intro", 2)
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Steps[0].Bounced; got != 3 {
		t.Errorf("%d bounced, want 3", got)
	}
	if diff := cmp.Diff([]int{2}, report.Revisions); diff != "" {
		t.Error(diff)
	}
	if _, err := outbound.Report(t.Context(), results{"positive", steps}, "intro", 7); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("of a revision that nobody is on: %v", err)
	}
}
