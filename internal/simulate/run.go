package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/schedule"
	"drumbeat/internal/sequence"
)

// Input is all that a simulation depends on.
type Input struct {
	Revision outreach.Revision // its IDs do not matter
	Roster   *roster.Roster
	Senders  map[outreach.MailboxID]outbound.SenderIdentity
	Rules    map[outreach.MailboxID]outbound.MailboxRules
	Leads    []outreach.Lead // in the order of the list
	Start    time.Time
	Days     int
	Profile  Profile
	Follow   string // the address whose transcript is wanted; empty: nobody's
	// Plan gets each mail as a line of JSON, in order; nil: nobody.
	Plan io.Writer
	// Progress is told each day that is over; nil: nobody.
	Progress func(day int)
}

// Mail is one line of the plan.
type Mail struct {
	At      time.Time          `json:"at"`
	Lead    string             `json:"lead"`
	Step    outreach.StepID    `json:"step"`
	Mailbox outreach.MailboxID `json:"mailbox"`
}

// run is one simulation under way.
type run struct {
	*world
	ctx      context.Context
	in       Input
	now      time.Time
	decider  *outbound.Decider
	composer *outbound.Composer
	queue    reactions
	asleep   sleepers
	sequence *sequence.Sequence
	days     *days
	plan     plan
	emails   int // email steps of the sequence
}

// Run simulates. The error is about what cannot be simulated at all.
func Run(ctx context.Context, in Input) (Report, error) {
	r, err := newRun(ctx, in)
	if err != nil {
		return Report{}, err
	}
	enrolled, err := outbound.Enrol(ctx, r.world, in.Roster, in.Revision.SequenceID, "", in.Start, nil)
	if err != nil {
		return Report{}, fmt.Errorf("enrol: %w", err)
	}
	end := in.Start.AddDate(0, 0, in.Days)
	for {
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
		if err := r.settle(); err != nil {
			return Report{}, err
		}
		next, ok := r.next()
		if !ok || !next.Before(end) {
			r.days.closeBefore(r, end, !ok)
			return r.report(enrolled), nil
		}
		r.days.closeBefore(r, next, false)
		r.now = next
	}
}

func newRun(ctx context.Context, in Input) (*run, error) {
	r := &run{ctx: ctx, in: in, now: in.Start, plan: newPlan(in.Plan)}
	var err error
	if r.world, err = newWorld(in.Revision, in.Roster, in.Leads, in.Profile, &transcript{address: outreach.AddressKey(in.Follow)}); err != nil {
		return nil, err
	}
	scripts := &outbound.Scripts{Revisions: r.world}
	if err := scripts.Load(ctx, theRevision); err != nil {
		return nil, err
	}
	if r.sequence, err = scripts.Sequence(ctx, theRevision); err != nil {
		return nil, err
	}
	for _, step := range r.sequence.Steps {
		if step.Email != nil {
			r.emails++
		}
	}
	r.composer = &outbound.Composer{Scripts: scripts, Build: unbuilt, Senders: in.Senders}
	r.decider = &outbound.Decider{Scripts: scripts, Mailboxes: in.Rules, MessageID: messageID, TaskTitle: r.composer.TaskTitle}
	r.days = newDays(in.Start, r.reckonedIn())
	return r, nil
}

// unbuilt stands in for MIME: whether a mail can be rendered is all that is asked.
func unbuilt(outreach.Mail) ([]byte, error) { return nil, nil }

func messageID(_ outreach.MailboxID, dedupeKey string, _ time.Time) string {
	return "<" + dedupeKey + "@simulated.invalid>"
}

// settle lets everything that is due happen.
func (r *run) settle() error {
	for {
		r.wake()
		moved, err := r.react()
		if err != nil {
			return err
		}
		for _, m := range r.mailboxes {
			sent, err := r.drain(m)
			if err != nil {
				return err
			}
			moved += sent
		}
		if moved == 0 {
			return nil
		}
	}
}

// drain claims and sends from a mailbox until nothing is due.
func (r *run) drain(m *mailbox) (moved int, err error) {
	for first := true; ; first = false {
		claims, n, err := r.claim(m, outbound.BatchSize(first))
		if err != nil || n == 0 {
			return moved, err
		}
		moved += n
		for _, c := range claims {
			if err := r.send(m, c); err != nil {
				return moved, err
			}
		}
	}
}

// send renders a claim and takes it for accepted.
func (r *run) send(m *mailbox, c claim) error {
	e := c.enrolment
	claimed := outreach.Claimed{
		Due: c.due, Thread: e.thread,
		Send: outreach.Send{
			ID: 1, Purpose: outreach.PurposeStep, DedupeKey: c.decision.DedupeKey, RFCMessageID: c.decision.RFCMessageID,
			EnrolmentID: e.ID, LeadID: e.LeadID, MailboxID: m.id, StepID: c.decision.StepID, StepIndex: e.Step,
			To: e.lead.Email, State: outreach.SendClaimed, ClaimedAt: r.now, NotAfter: c.decision.NotAfter,
		},
	}
	_, mail, err := r.composer.Compose(r.ctx, claimed)
	if err != nil {
		r.giveBack(m, c)
		reason := outreach.HoldRep
		if needs := (*render.NeedsDataError)(nil); errors.As(err, &needs) {
			reason = outreach.HoldNeedsData
		}
		r.hold(e, reason, err.Error())
		return nil
	}
	outcome := r.decider.Outcome(claimed, outreach.DeliveryResult{Delivery: outreach.DeliveryAccepted, Code: 250}, r.now)
	if outcome.Settlement.Next == nil {
		return fmt.Errorf("%s: the revision gives no next step", c.decision.DedupeKey)
	}
	e.thread = append(e.thread, outreach.Sent{RFCMessageID: c.decision.RFCMessageID, Subject: mail.Subject, StepID: c.decision.StepID, StepIndex: e.Step})
	e.mails++
	sentAt := r.now
	e.LastSentAt = &sentAt
	e.past(c.decision.StepID, outreach.StepPast{State: outreach.StepSent, Variant: c.decision.Variant})
	r.days.sent(m.day(r.now), c.decision.NewLead)
	r.told(e, "mail", func() string { return fmt.Sprintf("%s from %s: %s", c.decision.StepID, m.id, mail.Subject) })
	if err := r.plan.add(Mail{At: r.now, Lead: e.lead.Email, Step: c.decision.StepID, Mailbox: m.id}); err != nil {
		return err
	}
	r.advance(e, *outcome.Settlement.Next)
	r.arrive(m, e)
	return nil
}

// next is the next moment at which something is due; false: nothing ever will be.
func (r *run) next() (earliest time.Time, found bool) {
	see := func(at time.Time, ok bool) {
		if !ok {
			return
		}
		if !at.After(r.now) {
			at = r.now.Add(time.Second) // due but not to be done now
		}
		if !found || at.Before(earliest) {
			earliest, found = at, true
		}
	}
	for _, m := range r.mailboxes {
		if m.paused {
			continue
		}
		for _, q := range []*queue{&m.followUps, &m.newLeads} {
			at, ok := q.first()
			if m.nextSendAt.After(at) {
				at = m.nextSendAt
			}
			see(at, ok)
		}
	}
	see(r.queue.first())
	see(r.asleep.first())
	return earliest, found
}

// hours is when an enrolment may be written to.
func (r *run) hours(e *enrolment) (schedule.Calendar, bool) {
	calendar, err := r.sequence.Send.Calendar(e.Timezone, e.lead.Lead)
	return calendar, err == nil
}
