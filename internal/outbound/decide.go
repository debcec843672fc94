package outbound

import (
	"context"
	"fmt"
	"maps"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/policy"
	"drumbeat/internal/schedule"
	"drumbeat/internal/sequence"
)

// inFlightRetry is how soon a lead is looked at again to whom another mail is
// under way.
const inFlightRetry = time.Minute

// inboxRetry is how soon a follow-up is looked at again whose mailbox was not read. It is
// not claimed meanwhile: it would take a gap and a dialogue for nothing.
const inboxRetry = 5 * time.Minute

// Decider says what becomes of due steps. It decides by values alone, so a
// simulation that asks it gets what the engine does.
type Decider struct {
	Scripts *Scripts
	// Mailboxes are the mailboxes' own caps and zones.
	Mailboxes map[outreach.MailboxID]MailboxRules
	// MessageID gives the Message-ID of the send with this key.
	MessageID func(id outreach.MailboxID, dedupeKey string, now time.Time) string
	// TaskTitle renders the title of a manual step.
	TaskTitle func(ctx context.Context, due outreach.DueStep, step sequence.Step) string
	// Webhook sets the id and the body of a webhook step's event; an error holds the
	// step. Nil: events stay empty, where nobody is told of them.
	Webhook func(ctx context.Context, due outreach.DueStep, step sequence.Step, now time.Time, event *outreach.WebhookEvent) error
}

// MailboxRules is what the roster says about how fast a mailbox may send.
type MailboxRules struct {
	Cap  schedule.Cap
	Zone *time.Location
}

// Decide gives the decision function for one batch at one moment.
func (d *Decider) Decide(ctx context.Context, now time.Time) func(outreach.MailboxDay, []outreach.DueStep) outreach.ClaimPlan {
	return func(mailbox outreach.MailboxDay, due []outreach.DueStep) outreach.ClaimPlan {
		b := &batchOf{Decider: d, ctx: ctx, now: now, mailbox: mailbox, newLeads: map[outreach.SequenceID]int{}}
		b.plan.NewLeadCaps = make(map[outreach.SequenceID]int)
		b.domains = maps.Clone(mailbox.DomainMails)
		for id, n := range mailbox.NewLeads {
			b.newLeads[id] = n
		}
		b.rules = d.Mailboxes[mailbox.ID]
		first := mailbox.Day
		if mailbox.FirstDay != nil {
			first = *mailbox.FirstDay
		}
		b.cap = b.rules.Cap.On(mailbox.Day, first)
		for _, step := range due {
			b.plan.Decisions = append(b.plan.Decisions, b.decide(step))
		}
		return b.plan
	}
}

// batchOf is the state of deciding about one batch: what its own claims have
// used up.
type batchOf struct {
	*Decider
	ctx      context.Context
	now      time.Time
	mailbox  outreach.MailboxDay
	rules    MailboxRules
	cap      int
	newLeads map[outreach.SequenceID]int // started today, this batch included
	domains  map[string]int              // mails of today by recipient domain, this batch included; nil: none
	nextFree time.Time                   // end of the gap behind a claim of this batch
	plan     outreach.ClaimPlan
}

func wait(reason outreach.Reason, until time.Time) outreach.ClaimDecision {
	return outreach.ClaimDecision{Action: outreach.ClaimWait, Reason: reason, Until: until}
}

func hold(reason outreach.Reason, note string) outreach.ClaimDecision {
	return outreach.ClaimDecision{Action: outreach.ClaimHold, Reason: reason, Hold: outreach.HoldRep, Note: note}
}

// decide asks about one due step: is it still to be done at all, and may it be
// done now.
func (b *batchOf) decide(due outreach.DueStep) outreach.ClaimDecision {
	known, ok := b.Scripts.known(due.Enrolment.RevisionID)
	if !ok {
		return outreach.ClaimDecision{Action: outreach.ClaimNothing} // it is read when the rows are free again
	}
	if known.err != nil {
		return hold("revision_unreadable", known.err.Error())
	}
	s := known.script
	if due.Enrolment.Step >= len(s.Steps) {
		return outreach.ClaimDecision{Action: outreach.ClaimComplete}
	}
	if d, decided := b.settled(s, due); decided {
		return d
	}
	if d, decided := b.asked(s, due); decided {
		return d
	}
	calendar, err := s.Send.Calendar(due.Enrolment.Timezone, due.Lead)
	if err != nil {
		return hold("zone_unknown", err.Error())
	}
	facts := b.facts(s, due, calendar)
	verdict := policy.Decide(facts, b.now)
	step := s.Steps[due.Enrolment.Step]
	switch {
	case step.Task != nil && taskMay(verdict):
		return b.task(s, step, due, calendar)
	case step.Webhook != nil && taskMay(verdict):
		return b.webhook(s, step, due)
	case !verdict.Go:
		return b.refused(s, due, verdict)
	}
	return b.send(s, step, due, facts.NewLead, calendar.End(b.now))
}

// settled decides about a step whose row has moved on without its enrolment: a
// crash between the two, or a mail in doubt.
func (b *batchOf) settled(s *script, due outreach.DueStep) (outreach.ClaimDecision, bool) {
	if due.Earlier == nil {
		return outreach.ClaimDecision{}, false
	}
	switch due.Earlier.State {
	case outreach.SendPlanned, outreach.SendCancelled:
		// Neither has gone. One that was cancelled though its enrolment goes on was taken
		// out of the sequence while it waited, and is back.
		return outreach.ClaimDecision{}, false
	case outreach.SendClaimed, outreach.SendCommitting:
		return outreach.ClaimDecision{Action: outreach.ClaimNothing}, true
	case outreach.SendUnknown:
		if d, decided := b.inDoubt(s, due.Earlier); decided {
			return d, true
		}
	}
	from := due.Earlier.ClaimedAt
	if from.IsZero() {
		from = b.now
	}
	return outreach.ClaimDecision{
		Action: outreach.ClaimAdvance, Reason: "already_" + outreach.Reason(due.Earlier.State), Next: progress(s, due, from),
	}, true
}

// facts is what policy asks about one due step, after the claims of this batch.
func (b *batchOf) facts(s *script, due outreach.DueStep, calendar schedule.Calendar) policy.Facts {
	f := policy.Facts{
		Stopped: due.Lead.Stopped, Suppressed: due.Suppressed, InFlight: due.InFlight,
		DomainPausedUntil: b.mailbox.DomainPauses[outreach.Domain(due.Lead.Email)], InboxStale: b.mailbox.Unread && due.Enrolment.Step > 0,
		WindowOpen: calendar.Open(b.now), NextFree: b.nextFree, NextDay: b.tomorrow(),
		MailboxUsed: b.mailbox.Reserved, MailboxCap: b.cap,
		DomainUsed: b.domains[outreach.Domain(due.Lead.Email)], DomainCap: s.Send.DailyPerDomain,
		NewLead: s.opens(due.Enrolment), NewLeadsUsed: b.newLeads[s.ID], NewLeadsCap: s.Send.DailyNewLeads,
	}
	if due.Lead.PausedTill != nil {
		f.PausedUntil = *due.Lead.PausedTill
	}
	if next, ok := calendar.Next(b.now); ok {
		f.NextWindow = next
	}
	// A retry that still holds its places asks for none.
	if due.HasPlace {
		f.MailboxUsed--
		f.DomainUsed--
	}
	if due.Counted {
		f.NewLeadsUsed--
	}
	return f
}

// taskMay tells whether a manual step may be created, or a webhook told: it needs
// the lead and the hour, but no room in a mailbox.
func taskMay(v policy.Verdict) bool {
	switch v.Reason {
	case outreach.ReasonNone, outreach.ReasonInboxStale, outreach.ReasonMailboxCap, outreach.ReasonDomainCap, outreach.ReasonNewLeadCap, outreach.ReasonGap:
		return true
	}
	return false
}

// refused turns policy's no into what becomes of the step.
func (b *batchOf) refused(s *script, due outreach.DueStep, v policy.Verdict) outreach.ClaimDecision {
	switch v.Reason {
	case outreach.ReasonSuppressed:
		return outreach.ClaimDecision{Action: outreach.ClaimCancel, Reason: v.Reason, Stop: outreach.StopSuppressed,
			Note: "The address or its domain is suppressed."}
	case outreach.ReasonLeadStopped:
		return outreach.ClaimDecision{Action: outreach.ClaimCancel, Reason: v.Reason, Stop: due.Lead.Stopped}
	case outreach.ReasonMailboxCap:
		b.closeMailbox(v.Reason, v.Until)
	case outreach.ReasonNewLeadCap:
		b.noMoreNewLeads(s.ID)
	case outreach.ReasonInFlight:
		return wait(v.Reason, b.now.Add(inFlightRetry))
	case outreach.ReasonInboxStale:
		return wait(v.Reason, b.now.Add(inboxRetry))
	case outreach.ReasonOutsideWindow:
		if v.Until.IsZero() {
			return hold(v.Reason, "The window does not open in the next two months.")
		}
		return wait(v.Reason, v.Until)
	case outreach.ReasonLeadPaused, outreach.ReasonMailboxPaused, outreach.ReasonDomainCap:
		return wait(v.Reason, v.Until)
	}
	return outreach.ClaimDecision{Action: outreach.ClaimNothing}
}

// send claims, and uses up what the claim takes.
func (b *batchOf) send(s *script, step sequence.Step, due outreach.DueStep, newLead bool, notAfter time.Time) outreach.ClaimDecision {
	if !due.HasPlace {
		b.mailbox.Reserved++
	}
	countDomain := s.Send.DailyPerDomain > 0 && !due.HasPlace
	if countDomain {
		if b.domains == nil {
			b.domains = make(map[string]int)
		}
		b.domains[outreach.Domain(due.Lead.Email)]++
	}
	if newLead && !due.Counted {
		b.newLeads[s.ID]++
		b.plan.NewLeadCaps[s.ID] = s.Send.DailyNewLeads
	}
	if gap := s.Send.Gap.Pick(s.lot(due.Lead, step.ID)); gap > 0 {
		b.nextFree = b.now.Add(gap)
		b.closeMailbox(outreach.ReasonGap, b.nextFree)
	}
	// The place under today's cap is good for today alone.
	if end := b.tomorrow(); end.Before(notAfter) {
		notAfter = end
	}
	key := fmt.Sprintf("step:%d:%s", due.Enrolment.ID, step.ID)
	chosen := s.choose(step, due.Lead, b.now)
	return outreach.ClaimDecision{
		Action: outreach.ClaimSend, StepID: step.ID, DedupeKey: key, NotAfter: notAfter, NewLead: newLead,
		CountDomain: countDomain, Variant: chosen.variant, Note: chosen.why,
		RFCMessageID: b.MessageID(b.mailbox.ID, key, b.now),
	}
}

// closeMailbox keeps the mailbox waiting, once.
func (b *batchOf) closeMailbox(reason outreach.Reason, until time.Time) {
	for _, w := range b.plan.Waits {
		if w.SequenceID == "" {
			return
		}
	}
	b.plan.Waits = append(b.plan.Waits, outreach.MailboxWait{Until: until, Reason: reason})
}

// noMoreNewLeads keeps the sequence's new leads in this mailbox waiting, once.
func (b *batchOf) noMoreNewLeads(id outreach.SequenceID) {
	for _, w := range b.plan.Waits {
		if w.SequenceID == id {
			return
		}
	}
	b.plan.Waits = append(b.plan.Waits, outreach.MailboxWait{SequenceID: id, Until: b.tomorrow(), Reason: outreach.ReasonNewLeadCap})
}

// tomorrow is the beginning of the mailbox's next day.
func (b *batchOf) tomorrow() time.Time { return b.mailbox.Day.AddDays(1).Time(b.rules.Zone).UTC() }

// task creates a manual step; the sequence goes on at once, or when the task
// was given its time.
func (b *batchOf) task(s *script, step sequence.Step, due outreach.DueStep, calendar schedule.Calendar) outreach.ClaimDecision {
	task := outreach.Task{
		LeadID: due.Lead.ID, EnrolmentID: due.Enrolment.ID, StepID: step.ID, RepID: s.Owner,
		Kind: step.Task.Kind, Title: b.TaskTitle(b.ctx, due, step),
	}
	if at, ok := calendar.After(b.now, step.Task.Due); ok {
		task.DueAt = &at
	}
	next := progress(s, due, b.now)
	if step.Task.Blocks() {
		if skip, ok := calendar.After(b.now, step.Task.SkipIfNotDoneAfter); ok {
			task.SkipAt, task.ResumeAt = &skip, next.DueAt
			if next.DueAt != nil && next.DueAt.Before(skip) {
				next.DueAt = &skip
			}
		}
	}
	return outreach.ClaimDecision{Action: outreach.ClaimTask, Task: task, Next: next}
}

// progress is where an enrolment stands after its current step was done at the
// given moment.
func progress(s *script, due outreach.DueStep, at time.Time) outreach.Progress {
	next := due.Enrolment.Step + 1
	if next >= len(s.Steps) {
		return outreach.Progress{Step: next, State: outreach.EnrolmentFinished}
	}
	dueAt := at
	if calendar, err := s.Send.Calendar(due.Enrolment.Timezone, due.Lead); err == nil {
		// A window that never opens is told when the step is decided about.
		if t, ok := calendar.Due(at, s.Steps[next].Wait); ok {
			dueAt = t
		}
	}
	return outreach.Progress{Step: next, DueAt: &dueAt, State: outreach.EnrolmentActive}
}

// next is the progress after a claimed step; nil for mails that no enrolment
// drives, and when the revision cannot be read any more.
func (d *Decider) next(claim outreach.Claimed, at time.Time) *outreach.Progress {
	if claim.Purpose != outreach.PurposeStep {
		return nil
	}
	s, err := d.Scripts.get(context.Background(), claim.Due.Enrolment.RevisionID)
	if err != nil {
		return nil
	}
	p := progress(s, claim.Due, at)
	return &p
}
