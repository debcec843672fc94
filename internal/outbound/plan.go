package outbound

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"drumbeat/internal/linediff"
	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

// PlanStore tells what is current and who is under way.
type PlanStore interface {
	Revisions
	CurrentRevision(ctx context.Context, id outreach.SequenceID) (outreach.Revision, error)
	Standing(ctx context.Context, id outreach.SequenceID) ([]outreach.StandingAt, error)
}

// CodeStepRemoved is the fault of a file from which a step is gone at which leads
// wait.
const CodeStepRemoved = "STEP_REMOVED_WITH_LEADS"

// SequencePlan is what applying would do to one sequence.
type SequencePlan struct {
	Candidate
	Current  outreach.Revision // Number 0: the sequence is new
	Next     int               // the number that new leads would begin under
	Changes  []FileChange      // empty: nothing changed
	Standing []StandingAt      // the leads under way
	Capacity Capacity

	moves []outreach.StepMove // without To
}

// Changed tells whether applying makes a revision.
func (p SequencePlan) Changed() bool { return p.Next != p.Current.Number }

// FileChange is how a file of the revision differs.
type FileChange struct {
	File  string
	Lines []string // behind their marks: " ", "-", "+"
}

// StandingAt is leads who wait at a step, and what becomes of them.
type StandingAt struct {
	Revision int
	Step     outreach.StepID // empty: behind the last
	Count    int
	Held     int             // of them, those that wait for a person or sleep
	Removed  bool            // the step is not in the file any more
	MovesTo  outreach.StepID // where they go on in the new revision; empty: they finish theirs
}

// Plan is what applying the files would do. It writes nothing. letFinish: leads at
// a step that is gone finish on their revision, and that is no fault.
func (c *Checked) Plan(ctx context.Context, store PlanStore, letFinish bool) ([]SequencePlan, error) {
	var plans []SequencePlan
	for _, candidate := range c.Candidates {
		p, err := planOne(ctx, store, candidate)
		if err != nil {
			return nil, fmt.Errorf("plan %s: %w", candidate.Sequence.ID, err)
		}
		p.Capacity = capacityOf(candidate.Sequence, c.Roster)
		plans = append(plans, p)
		if !letFinish {
			c.Diagnostics = append(c.Diagnostics, p.faults(c.Sources[candidate.File])...)
		}
	}
	strictyaml.Sort(c.Diagnostics)
	return plans, nil
}

func planOne(ctx context.Context, store PlanStore, candidate Candidate) (SequencePlan, error) {
	p := SequencePlan{Candidate: candidate}
	current, err := store.CurrentRevision(ctx, candidate.Sequence.ID)
	if err != nil && !errors.Is(err, outreach.ErrNotFound) {
		return p, err
	}
	p.Current, p.Next = current, current.Number
	if p.Changes = changes(current, candidate); len(p.Changes) > 0 {
		p.Next++
	}
	if current.Number == 0 {
		return p, nil
	}
	standing, err := store.Standing(ctx, candidate.Sequence.ID)
	if err != nil {
		return p, err
	}
	files := map[outreach.RevisionID]*sequence.Sequence{}
	for _, s := range standing {
		if files[s.RevisionID] == nil {
			revision, err := store.Revision(ctx, s.RevisionID)
			if err != nil {
				return p, err
			}
			if files[s.RevisionID], _ = sequence.Parse("revision", []byte(revision.Source)); files[s.RevisionID] == nil {
				return p, fmt.Errorf("revision %d cannot be read any more: %w", s.Number, outreach.ErrInvalid)
			}
		}
		p.stand(s, files[s.RevisionID])
	}
	return p, nil
}

// stand notes where some leads stand and what becomes of them.
func (p *SequencePlan) stand(s outreach.StandingAt, file *sequence.Sequence) {
	at := StandingAt{Revision: s.Number, Count: s.Count, Held: s.Held}
	if s.Step < len(file.Steps) {
		at.Step = file.Steps[s.Step].ID
		at.Removed = indexOf(p.Sequence, at.Step) < 0
	}
	if to, told := p.Sequence.Moved[at.Step]; told && at.Removed {
		at.MovesTo = to
		p.moves = append(p.moves, outreach.StepMove{
			From: s.RevisionID, Step: s.Step, ToStep: indexOf(p.Sequence, to),
			Detail: fmt.Sprintf("The step %q is gone: goes on at %q.", at.Step, to),
		})
	}
	p.Standing = append(p.Standing, at)
}

func indexOf(s *sequence.Sequence, id outreach.StepID) int {
	return slices.IndexFunc(s.Steps, func(step sequence.Step) bool { return step.ID == id })
}

// faults are the steps that are gone and at which leads wait without being told
// where to go.
func (p SequencePlan) faults(source []byte) []strictyaml.Diagnostic {
	waiting := map[outreach.StepID]int{}
	for _, at := range p.Standing {
		if at.Removed && at.MovesTo == "" {
			waiting[at.Step] += at.Count
		}
	}
	line := 1 + strings.Count(beforeSteps(string(source)), "\n")
	var faults []strictyaml.Diagnostic
	for _, step := range slices.Sorted(maps.Keys(waiting)) {
		leads := fmt.Sprintf("%d leads wait", waiting[step])
		if waiting[step] == 1 {
			leads = "1 lead waits"
		}
		faults = append(faults, strictyaml.Diagnostic{
			File: p.File, Line: line, Column: 1, Code: CodeStepRemoved, Severity: strictyaml.Error,
			Message: fmt.Sprintf("%s at the step %q, which is gone", leads, step),
			Fix:     fmt.Sprintf("write moved: {%s: STEP} to say where they go on, or apply with --let-finish: then they get the step as it was", step),
		})
	}
	return faults
}

func beforeSteps(source string) string {
	if strings.HasPrefix(source, "steps:") {
		return ""
	}
	before, _, found := strings.Cut(source, "\nsteps:")
	if !found {
		return ""
	}
	return before + "\n"
}

// changes compares the current revision with what a file would make.
func changes(current outreach.Revision, candidate Candidate) []FileChange {
	var all []FileChange
	add := func(file, before, after string) {
		if lines := linediff.Unified(before, after); lines != nil {
			all = append(all, FileChange{File: file, Lines: lines})
		} else if before != after { // in what no line shows: its ends
			all = append(all, FileChange{File: file, Lines: []string{"only in the ends of lines"}})
		}
	}
	add(candidate.File, current.Source, candidate.Revision.Source)
	names := slices.AppendSeq(slices.Collect(maps.Keys(current.Templates)), maps.Keys(candidate.Revision.Templates))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		add(name, current.Templates[name], candidate.Revision.Templates[name])
	}
	return all
}
