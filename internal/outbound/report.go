package outbound

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"drumbeat/internal/outreach"
	"drumbeat/internal/policy"
	"drumbeat/internal/proportion"
	"drumbeat/internal/sequence"
)

// ReportStore tells what became of a sequence's mails.
type ReportStore interface {
	CurrentRevision(ctx context.Context, id outreach.SequenceID) (outreach.Revision, error)
	SentRevisions(ctx context.Context, id outreach.SequenceID) ([]int, error)
	StepResults(ctx context.Context, id outreach.SequenceID, revision int) ([]outreach.StepResult, error)
}

// SequenceReport is what the mails of a sequence have brought.
type SequenceReport struct {
	Sequence  outreach.SequenceID
	Goal      sequence.Goal
	Revisions []int        // of the leads whose mails are counted
	Steps     []StepReport // in the order of the steps; a step with variants has one for each
	Contests  []Contest
}

// StepReport is one step in one of its variants.
type StepReport struct {
	outreach.StepResult                  // Bounced holds the addresses too that were refused at once
	Reached             proportion.Share // of the goal
}

// Contest compares the variants of a step by the goal.
type Contest struct {
	Step   outreach.StepID
	Leader string // the variant that has reached more
	// Decided tells whether chance is an unlikely reason for that, against each of
	// the others.
	Decided bool
}

// Report tells how the steps and variants of a sequence have done. Revision is the
// number of the one whose leads are counted; 0: all.
func Report(ctx context.Context, store ReportStore, id outreach.SequenceID, revision int) (SequenceReport, error) {
	current, err := store.CurrentRevision(ctx, id)
	if err != nil {
		return SequenceReport{}, err
	}
	ready, err := parseRevision(current)
	if err != nil {
		return SequenceReport{}, fmt.Errorf("revision %d of %s: %w", current.Number, id, err)
	}
	report := SequenceReport{Sequence: id, Goal: ready.Goal}
	if report.Revisions, err = store.SentRevisions(ctx, id); err != nil {
		return SequenceReport{}, err
	}
	if revision != 0 {
		if !slices.Contains(report.Revisions, revision) {
			return SequenceReport{}, &outreach.Problem{
				Code: "NO_MAILS", Detail: fmt.Sprintf("no lead on revision %d of %s was written to", revision, id), Err: outreach.ErrNotFound,
				Fix: writtenTo(report.Revisions),
			}
		}
		report.Revisions = []int{revision}
	}
	results, err := store.StepResults(ctx, id, revision)
	if err != nil {
		return SequenceReport{}, err
	}
	for _, result := range results {
		report.Steps = append(report.Steps, stepReport(result, ready.Goal))
	}
	report.Contests = contests(report.Steps)
	return report, nil
}

// writtenTo says on which revisions there is something to report.
func writtenTo(revisions []int) string {
	if len(revisions) == 0 {
		return "nobody was written to yet"
	}
	return "leads on these were: " + strings.Trim(strings.ReplaceAll(fmt.Sprint(revisions), " ", ", "), "[]")
}

func stepReport(result outreach.StepResult, goal sequence.Goal) StepReport {
	for _, refused := range result.Refused {
		if policy.RefusalOf(refused.Result) == policy.RefusedAddress {
			result.Bounced += refused.Count
		}
	}
	reached := result.Positive
	if goal == sequence.GoalMeeting {
		reached = result.Meetings
	}
	return StepReport{StepResult: result, Reached: proportion.Share{Count: reached, Of: result.Mails}}
}

// contests compares where there is more than one variant. Two that are level have no
// leader.
func contests(steps []StepReport) []Contest {
	var all []Contest
	for from := 0; from < len(steps); {
		to := from + 1
		for to < len(steps) && steps[to].Step == steps[from].Step {
			to++
		}
		if to-from > 1 {
			all = append(all, contest(steps[from:to]))
		}
		from = to
	}
	return all
}

func contest(variants []StepReport) Contest {
	ranked := slices.Clone(variants)
	slices.SortStableFunc(ranked, func(a, b StepReport) int {
		return b.Reached.Count*a.Reached.Of - a.Reached.Count*b.Reached.Of // by share, without rounding
	})
	c := Contest{Step: ranked[0].Step}
	if best := ranked[0].Reached; best.Value() > ranked[1].Reached.Value() {
		c.Leader = ranked[0].Variant
		c.Decided = !slices.ContainsFunc(ranked[1:], func(other StepReport) bool { return !best.Above(other.Reached) })
	}
	return c
}
