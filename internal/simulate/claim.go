package simulate

import (
	"fmt"
	"maps"
	"time"

	"drumbeat/internal/outreach"
)

// This file does in memory what internal/postgres does in claim.go, claim_batch.go
// and claim_rows.go: what is looked at, in which order, and what a decision
// changes. A change there needs the same change here.

// mailboxDay is what policy asks about the mailbox.
func (w *world) mailboxDay(m *mailbox, now time.Time) outreach.MailboxDay {
	day := m.day(now)
	for domain, until := range m.pauses {
		if !until.After(now) {
			delete(m.pauses, domain)
		}
	}
	return outreach.MailboxDay{
		ID: m.id, Paused: m.paused, WaitReason: m.wait, FirstDay: m.firstDay, Day: day, Reserved: m.reserved[day],
		NewLeads:     map[outreach.SequenceID]int{w.revision.SequenceID: w.started[day]},
		DomainPauses: maps.Clone(m.pauses),
		DomainMails:  maps.Clone(m.domains[day]),
	}
}

// dueSteps gives at most so many due steps, follow-ups first.
func (w *world) dueSteps(m *mailbox, now time.Time, limit int) []*enrolment {
	var due []*enrolment
	for _, q := range []*queue{&m.followUps, &m.newLeads} {
		due = append(due, q.all[:min(q.dueBy(now), limit-len(due))]...)
	}
	return due
}

func (r *run) dueStep(e *enrolment) outreach.DueStep {
	step := outreach.DueStep{Enrolment: e.Enrolment, Lead: e.lead.Lead, Suppressed: r.suppressed[outreach.AddressKey(e.lead.Email)]}
	due := e.due
	step.Enrolment.DueAt = &due
	if r.decider.WantsHistory(step) {
		step.History = outreach.History{Steps: maps.Clone(e.history.Steps), Labels: e.history.Labels}
	}
	return step
}

// ready tells whether the mailbox may be asked at all.
func (m *mailbox) ready(now time.Time) bool { return !m.paused && !m.nextSendAt.After(now) }

// claim decides about what is due and gives the claims; moved counts the decisions
// that changed something.
func (r *run) claim(m *mailbox, limit int) (claimed []claim, moved int, err error) {
	if !m.ready(r.now) {
		return nil, 0, nil
	}
	due := r.dueSteps(m, r.now, limit)
	if len(due) == 0 {
		return nil, 0, nil
	}
	steps := make([]outreach.DueStep, len(due))
	for i, e := range due {
		steps[i] = r.dueStep(e)
	}
	day := r.mailboxDay(m, r.now)
	plan := r.decider.Decide(r.ctx, r.now)(day, steps)
	if len(plan.Decisions) != len(due) {
		return nil, 0, fmt.Errorf("%d decisions about %d due steps", len(plan.Decisions), len(due))
	}
	moved = len(plan.Waits)
	for i, decision := range plan.Decisions {
		if decision.Action == outreach.ClaimNothing {
			continue
		}
		moved++
		if decision.Action == outreach.ClaimSend {
			claimed = append(claimed, claim{enrolment: due[i], due: steps[i], decision: decision})
			continue
		}
		if err := r.move(due[i], decision); err != nil {
			return nil, 0, err
		}
	}
	r.reserve(m, day.Day, claimed)
	for _, wait := range plan.Waits {
		r.wait(m, wait)
	}
	return claimed, moved, nil
}

// claim is a step that may be sent.
type claim struct {
	enrolment *enrolment
	due       outreach.DueStep
	decision  outreach.ClaimDecision
}

// reserve takes places under the caps.
func (r *run) reserve(m *mailbox, day outreach.Day, claims []claim) {
	for _, c := range claims {
		r.dequeue(c.enrolment)
		c.enrolment.wait = ""
		m.reserved[day]++
		if c.decision.CountDomain {
			if m.domains[day] == nil {
				m.domains[day] = map[string]int{}
			}
			m.domains[day][outreach.Domain(c.due.Lead.Email)]++
		}
		if c.decision.NewLead {
			r.started[day]++
			if c.enrolment.lead.Stage == outreach.StageNew {
				c.enrolment.lead.Stage = outreach.StageConnecting
			}
		}
	}
	if m.firstDay == nil && len(claims) > 0 {
		m.firstDay = &day
	}
}

// giveBack returns the places of a claim that was not sent. A mailbox that had
// shut for the day because its cap was used up is open again.
func (r *run) giveBack(m *mailbox, c claim) {
	day := m.day(r.now)
	m.reserved[day]--
	if c.decision.CountDomain {
		m.domains[day][outreach.Domain(c.due.Lead.Email)]--
	}
	if c.decision.NewLead {
		r.started[day]--
	}
	if m.wait == outreach.ReasonMailboxCap {
		m.nextSendAt, m.wait = time.Time{}, ""
	}
}

// move carries out a decision that sends nothing.
func (r *run) move(e *enrolment, d outreach.ClaimDecision) error {
	switch d.Action {
	case outreach.ClaimWait:
		e.wait = d.Reason
		r.enqueue(e, d.Until)
		r.told(e, "waits", func() string { return fmt.Sprintf("%s, until %s", d.Reason, r.local(e, d.Until)) })
	case outreach.ClaimTask:
		r.told(e, "task", func() string { return d.Task.Kind + ": " + d.Task.Title })
		e.past(d.Task.StepID, outreach.StepPast{State: outreach.StepOpen})
		r.advance(e, d.Next)
	case outreach.ClaimWebhook: // who is told takes it at once, and calls back at once where that is awaited
		r.told(e, "webhook", func() string { return string(d.StepID) })
		e.past(d.StepID, outreach.StepPast{State: outreach.StepDone})
		r.advance(e, d.Next)
	case outreach.ClaimSkip:
		r.told(e, "skipped", func() string { return d.Note })
		e.past(d.StepID, outreach.StepPast{State: outreach.StepSkipped})
		r.advance(e, d.Next)
	case outreach.ClaimAdvance:
		r.advance(e, d.Next)
	case outreach.ClaimComplete:
		r.advance(e, outreach.Progress{Step: e.Step, State: outreach.EnrolmentFinished})
	case outreach.ClaimHold:
		r.hold(e, d.Hold, d.Note)
	case outreach.ClaimCancel:
		r.stop(e.lead, d.Stop, d.Note)
	default:
		return fmt.Errorf("%w: a simulation does not know the action %q", outreach.ErrInvalid, d.Action)
	}
	return nil
}

// advance brings an enrolment to its next step.
func (r *run) advance(e *enrolment, next outreach.Progress) {
	r.dequeue(e)
	e.Step, e.State, e.wait = next.Step, next.State, ""
	if next.DueAt != nil {
		e.wanted = *next.DueAt
		r.enqueue(e, *next.DueAt)
	}
}

// wait keeps the mailbox, or the new leads in it, waiting.
func (r *run) wait(m *mailbox, w outreach.MailboxWait) {
	if w.SequenceID == "" {
		m.nextSendAt, m.wait = w.Until, w.Reason
		return
	}
	m.newLeads.postpone(r.now, w.Until, func(e *enrolment) bool {
		e.wait = w.Reason
		return true
	})
}
