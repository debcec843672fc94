package simulate

import (
	"fmt"
	"slices"
	"time"

	"drumbeat/internal/address"
	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
	"drumbeat/internal/qualify"
)

// reaction is an answer on its way.
type reaction struct {
	at        time.Time
	number    int // the order of scheduling: decides among those of one moment
	enrolment *enrolment
	mailbox   *mailbox
}

// reactions are ordered by time.
type reactions struct {
	all   []reaction
	count int
}

func (q *reactions) add(r reaction) {
	q.count++
	r.number = q.count
	at, _ := slices.BinarySearchFunc(q.all, r, func(a, b reaction) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return a.number - b.number
	})
	q.all = slices.Insert(q.all, at, r)
}

func (q *reactions) first() (time.Time, bool) {
	if len(q.all) == 0 {
		return time.Time{}, false
	}
	return q.all[0].at, true
}

// take gives the next reaction that is due.
func (q *reactions) take(now time.Time) (reaction, bool) {
	if at, ok := q.first(); !ok || at.After(now) {
		return reaction{}, false
	}
	first := q.all[0]
	q.all = q.all[1:]
	return first, true
}

// arrive lets a mail reach its lead, who may answer it.
func (r *run) arrive(m *mailbox, e *enrolment) {
	l := e.lead
	l.heard++
	if l.part.Label == "" || l.heard != min(l.part.Mail, r.emails) {
		return
	}
	r.queue.add(reaction{at: l.part.moment(r.now), enrolment: e, mailbox: m})
}

// react lets every answer that is due do what it would do, and counts them.
func (r *run) react() (count int, err error) {
	for {
		next, due := r.queue.take(r.now)
		if !due {
			return count, nil
		}
		count++
		if err := r.answer(next); err != nil {
			return count, err
		}
	}
}

// answer carries out what the decision table makes of an answer.
func (r *run) answer(a reaction) error {
	e, l := a.enrolment, a.enrolment.lead
	calendar, ok := r.hours(e)
	if !ok {
		return fmt.Errorf("zone %q: %w", e.Timezone, outreach.ErrInvalid)
	}
	input := qualify.Input{
		Now: r.now, MessageID: outreach.MessageID(a.number), From: l.Email, Kind: kindOf(l.part.Label), Match: outreach.MatchReferences,
		Lead: l.Lead, Enrolment: e.Enrolment, Calendar: calendar, OnReply: r.sequence.OnReply, WholeCompanyOn: r.sequence.Stop.WholeCompanyOn,
		Read:        classify.Result{Label: l.part.Label, Confidence: 1, Scores: map[outreach.Label]float64{l.part.Label: 1}},
		SoftBounces: l.softBounces(r.now), Bounce: qualify.Bounce{Domain: outreach.Domain(l.Email)},
	}
	if l.part.AwayDays > 0 {
		back := workday(outreach.DayOf(r.now.In(calendar.Zones[0])).AddDays(l.part.AwayDays))
		switch l.part.Label {
		case outreach.LabelOutOfOffice:
			input.Read.ReturnOn = &back
		case outreach.LabelBrushOff:
			input.Read.FollowUpOn = &back
		}
	}
	if l.part.Label == outreach.LabelBounceSoft {
		l.soft = append(l.soft, r.now)
	}
	e.history.Labels = append(e.history.Labels, l.part.Label)
	decision := qualify.Decide(input)
	r.days.replied(r.now, l.part.Label)
	r.told(e, "answer", func() string {
		return fmt.Sprintf("%s: %s %s", l.part.Label, decision.Decided.Act, decision.Decided.Next)
	})
	r.follow(a, decision)
	return nil
}

// workday moves a day on a weekend on to Monday: nobody says that they are back on
// a Sunday.
func workday(day outreach.Day) outreach.Day {
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDays(1)
	}
	return day
}

// follow does what internal/postgres does in inbox_apply.go.
func (r *run) follow(a reaction, d qualify.Decision) {
	e, l := a.enrolment, a.enrolment.lead
	for _, address := range d.Suppress {
		r.suppressed[address] = true
	}
	switch d.Move {
	case outreach.MoveStop:
		r.stop(l, d.Stop, "")
		if d.StopCompany {
			r.stopCompany(l, d.Stop)
		}
	case outreach.MoveHold:
		r.hold(e, d.Hold, d.Question)
	case outreach.MovePause:
		r.pause(e, d.Until)
	default:
		r.letGo(e)
	}
	if d.Stage != "" && l.Stage != outreach.StageDoNotContact {
		l.Stage = d.Stage
	}
	if d.Block != nil {
		r.block(a.mailbox, *d.Block)
	}
}

// open tells whether an enrolment can still be moved.
func (e *enrolment) open() bool {
	return e.State != outreach.EnrolmentStopped && e.State != outreach.EnrolmentFinished
}

// stop ends all mail to a lead.
func (r *run) stop(l *lead, reason outreach.StopReason, note string) {
	switch l.Stopped {
	case outreach.StopUnsubscribed, outreach.StopComplained, outreach.StopSuppressed: // never replaced by a weaker reason
	default:
		l.Stopped = reason
	}
	for _, e := range r.enrolmentsOf(l) {
		if e.open() {
			r.dequeue(e)
			e.State, e.StateReason, e.wait = outreach.EnrolmentStopped, string(reason), ""
			r.told(e, "stopped", func() string { return string(reason) + " " + note })
		}
	}
}

// stopCompany stops the colleagues of a lead.
func (r *run) stopCompany(l *lead, reason outreach.StopReason) {
	if l.suffix == "" {
		return
	}
	for _, other := range r.leads {
		if other != l && other.suffix == l.suffix && other.Stopped == "" {
			r.stop(other, reason, "because somebody at "+l.suffix+" has answered")
		}
	}
}

// enrolmentsOf lists those of a lead: one, or none.
func (r *run) enrolmentsOf(l *lead) []*enrolment {
	at, found := slices.BinarySearchFunc(r.enrolments, l.ID, func(e *enrolment, id outreach.LeadID) int { return int(e.LeadID - id) })
	if !found {
		return nil
	}
	return r.enrolments[at : at+1]
}

// hold lets an enrolment wait for a person; nobody comes in a simulation.
func (r *run) hold(e *enrolment, reason outreach.HoldReason, note string) {
	if !e.open() {
		return
	}
	r.dequeue(e)
	e.State, e.StateReason, e.PausedUntil = outreach.EnrolmentHeld, string(reason), nil
	r.told(e, "held", func() string { return string(reason) + ": " + note })
}

// pause lets an enrolment sleep; what is held stays held.
func (r *run) pause(e *enrolment, until time.Time) {
	if !e.open() || e.State == outreach.EnrolmentHeld {
		return
	}
	r.dequeue(e)
	e.State, e.PausedUntil = outreach.EnrolmentPaused, &until
	r.asleep.add(e)
	r.told(e, "paused", func() string { return "until " + r.local(e, until) })
}

// letGo lets go on what an answer had held: what was due while it was read is due
// now.
func (r *run) letGo(e *enrolment) {
	if e.State == outreach.EnrolmentActive && e.due.Before(r.now) {
		r.enqueue(e, r.now)
	}
}

// wake ends pauses that are over.
func (r *run) wake() {
	for {
		e, due := r.asleep.take(r.now)
		if !due {
			return
		}
		if e.State != outreach.EnrolmentPaused || e.PausedUntil.After(r.now) {
			continue // stopped meanwhile, or paused for longer
		}
		e.State, e.PausedUntil = outreach.EnrolmentActive, nil
		at := e.due
		if at.Before(r.now) {
			at = r.now
		}
		r.enqueue(e, at)
		r.told(e, "active", func() string { return "the pause is over" })
	}
}

// So many domains that refuse a mailbox within the window are no domain's matter.
const (
	blockWindow  = time.Hour
	blockDomains = 3
)

// block keeps a mailbox from writing to a domain, or stops it.
func (r *run) block(m *mailbox, b outreach.Block) {
	if b.Domain != "" {
		m.pauses[b.Domain] = b.Until
		m.blocks = append(m.blocks, block{b.Domain, r.now})
	}
	domains := map[string]bool{}
	for _, earlier := range m.blocks {
		if earlier.at.After(r.now.Add(-blockWindow)) {
			domains[earlier.domain] = true
		}
	}
	if b.Whole || len(domains) >= blockDomains {
		m.paused = true
	}
}

// softBounces counts those of the last 14 days.
func (l *lead) softBounces(now time.Time) int {
	n := 0
	for _, at := range l.soft {
		if at.After(now.AddDate(0, 0, -14)) {
			n++
		}
	}
	return n
}

func company(email string) string { return address.Company(email) }

// kindOf is what a message with a label is by its structure.
func kindOf(label outreach.Label) outreach.Kind {
	switch {
	case label == outreach.LabelComplaint:
		return outreach.KindComplaint
	case label.Bounce():
		return outreach.KindBounce
	case label == outreach.LabelOutOfOffice || label == outreach.LabelAutoReply:
		return outreach.KindAutomatic
	}
	return outreach.KindHuman
}

// sleepers are paused enrolments by the end of their pause.
type sleepers struct{ all []sleeper }

type sleeper struct {
	until     time.Time
	enrolment *enrolment
}

func (q *sleepers) add(e *enrolment) {
	s := sleeper{*e.PausedUntil, e}
	at, _ := slices.BinarySearchFunc(q.all, s, func(a, b sleeper) int {
		if c := a.until.Compare(b.until); c != 0 {
			return c
		}
		return int(a.enrolment.ID - b.enrolment.ID)
	})
	q.all = slices.Insert(q.all, at, s)
}

func (q *sleepers) first() (time.Time, bool) {
	if len(q.all) == 0 {
		return time.Time{}, false
	}
	return q.all[0].until, true
}

func (q *sleepers) take(now time.Time) (*enrolment, bool) {
	if until, ok := q.first(); !ok || until.After(now) {
		return nil, false
	}
	first := q.all[0].enrolment
	q.all = q.all[1:]
	return first, true
}
