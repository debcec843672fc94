package outbound

import (
	"fmt"

	"drumbeat/internal/condition"
	"drumbeat/internal/outreach"
)

// StepOf names the step that is due; empty while its revision is not known, and
// behind the last.
func (d *Decider) StepOf(due outreach.DueStep) outreach.StepID {
	known, ok := d.Scripts.known(due.Enrolment.RevisionID)
	if !ok || known.err != nil || due.Enrolment.Step >= len(known.script.Steps) {
		return ""
	}
	return known.script.Steps[due.Enrolment.Step].ID
}

// WantsHistory tells whether deciding about a due step needs what has happened to
// its lead. A revision that is not known yet needs nothing: it is read first.
func (d *Decider) WantsHistory(due outreach.DueStep) bool {
	step := d.StepOf(due)
	if step == "" {
		return false
	}
	known, _ := d.Scripts.known(due.Enrolment.RevisionID)
	when := known.script.when[step]
	return when != nil && when.AsksHistory()
}

// asked asks the step's condition. A step whose mail is planned again has been
// asked before: its mail must not vanish between two attempts. A lead who is
// stopped, or waits, is not asked: that is policy's to say first.
func (b *batchOf) asked(s *script, due outreach.DueStep) (outreach.ClaimDecision, bool) {
	step := s.Steps[due.Enrolment.Step]
	when := s.when[step.ID]
	if when == nil || due.Earlier != nil || due.Suppressed || due.Lead.Stopped != "" || due.InFlight ||
		due.Lead.PausedTill != nil && due.Lead.PausedTill.After(b.now) {
		return outreach.ClaimDecision{}, false
	}
	holds, err := when.Holds(condition.Facts{Lead: due.Lead, History: due.History})
	if err != nil {
		return hold("condition_failed", err.Error()), true
	}
	if holds {
		return outreach.ClaimDecision{}, false
	}
	// The wait of the next step counts from when this one was due, so that skipping
	// neither hastens nor delays what comes after.
	from := b.now
	if due.Enrolment.DueAt != nil && due.Enrolment.DueAt.Before(from) {
		from = *due.Enrolment.DueAt
	}
	return outreach.ClaimDecision{
		Action: outreach.ClaimSkip, Reason: outreach.ReasonConditionFalse, StepID: step.ID, Next: progress(s, due, from),
		Note: fmt.Sprintf("The step %q is skipped: %s is not so.", step.ID, when),
	}, true
}

// opens tells whether the step is the first mail to the lead in this sequence.
func (s *script) opens(e outreach.Enrolment) bool {
	return e.Step == s.FirstEmail() || e.LastSentAt == nil && s.Opens(e.Step)
}
