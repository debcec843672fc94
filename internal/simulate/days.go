package simulate

import (
	"maps"
	"slices"
	"time"

	"drumbeat/internal/outreach"
)

// BindingNone is the binding limit of a day on which all that was due went out.
const BindingNone outreach.Reason = "none"

// Day is what happened on a day.
type Day struct {
	Date      outreach.Day
	New       int                     // first mails
	FollowUps int                     // all others
	Held      map[outreach.Reason]int // steps that wanted to go and were kept, by what kept them at the end of the day
	Binding   outreach.Reason         // of Held, the limit that kept the most; BindingNone
	Replies   map[outreach.Label]int
}

// Sent counts the mails of the day.
func (d Day) Sent() int { return d.New + d.FollowUps }

// days counts, by the days of one zone.
type days struct {
	zone *time.Location
	all  []*Day
	by   map[outreach.Day]*Day
	open outreach.Day // the first day that is not over
	last time.Time    // when the last mail went
}

func newDays(start time.Time, zone *time.Location) *days {
	return &days{zone: zone, by: map[outreach.Day]*Day{}, open: outreach.DayOf(start.In(zone))}
}

func (d *days) on(day outreach.Day) *Day {
	found := d.by[day]
	if found == nil {
		found = &Day{Date: day, Held: map[outreach.Reason]int{}, Binding: BindingNone, Replies: map[outreach.Label]int{}}
		d.by[day], d.all = found, append(d.all, found)
	}
	return found
}

func (d *days) sent(day outreach.Day, newLead bool) {
	if newLead {
		d.on(day).New++
	} else {
		d.on(day).FollowUps++
	}
}

func (d *days) replied(at time.Time, label outreach.Label) {
	d.on(outreach.DayOf(at.In(d.zone))).Replies[label]++
}

// closeBefore ends the days that are over at a moment; when nothing will ever
// happen again, the day of now is the last.
func (d *days) closeBefore(r *run, moment time.Time, over bool) {
	for {
		start, end := d.open.Time(d.zone), d.open.AddDays(1).Time(d.zone)
		if end.After(moment) || over && start.After(r.now) {
			return
		}
		day := d.on(d.open)
		window := shutter{run: r, start: start, end: end, opens: map[string]time.Time{}}
		for _, e := range r.enrolments {
			if reason := window.keeps(e); reason != outreach.ReasonNone {
				day.Held[reason]++
			}
		}
		day.Binding = binding(day.Held)
		d.open = d.open.AddDays(1)
		if r.in.Progress != nil {
			r.in.Progress(len(d.all))
		}
	}
}

// binding is the limit that kept the most. What waits for a person or sleeps is
// no limit of ours.
func binding(held map[outreach.Reason]int) outreach.Reason {
	best := BindingNone
	for _, reason := range slices.Sorted(maps.Keys(held)) { // in order, so that ties end the same way
		switch reason {
		case outreach.ReasonNewLeadCap, outreach.ReasonMailboxCap, outreach.ReasonGap, outreach.ReasonOutsideWindow, outreach.ReasonMailboxPaused,
			outreach.ReasonDomainCap:
			if best == BindingNone || held[reason] > held[best] {
				best = reason
			}
		}
	}
	return best
}

// shutter says what kept steps from going on one day.
type shutter struct {
	*run
	start, end time.Time
	opens      map[string]time.Time // by zone, when the window first opened on the day; zero: not at all
}

// keeps says what kept an enrolment's step, at the end of the day; ReasonNone when
// it did not want to go.
func (s *shutter) keeps(e *enrolment) outreach.Reason {
	if !e.open() || !e.wanted.Before(s.end) {
		return outreach.ReasonNone
	}
	switch e.State {
	case outreach.EnrolmentPaused:
		return outreach.ReasonLeadPaused
	case outreach.EnrolmentHeld:
		return outreach.Reason(e.StateReason)
	}
	m := s.mailbox(e.MailboxID)
	switch {
	case m.paused:
		return outreach.ReasonMailboxPaused
	case !e.due.Before(s.end) && e.wait != outreach.ReasonOutsideWindow && e.wait != outreach.ReasonNone:
		return e.wait
	case !s.opened(e):
		return outreach.ReasonOutsideWindow
	case m.wait == outreach.ReasonMailboxCap && !m.nextSendAt.Before(s.end):
		return outreach.ReasonMailboxCap
	}
	// It had its hours, and the mailbox was at others all the time.
	return outreach.ReasonGap
}

// opened tells whether the lead could have been written to on the day.
func (s *shutter) opened(e *enrolment) bool {
	calendar, ok := s.hours(e)
	if !ok {
		return false
	}
	if e.wanted.After(s.start) {
		at, ok := calendar.Next(e.wanted)
		return ok && at.Before(s.end)
	}
	at, known := s.opens[e.Timezone]
	if !known {
		if next, ok := calendar.Next(s.start); ok && next.Before(s.end) {
			at = next
		}
		s.opens[e.Timezone] = at
	}
	return !at.IsZero()
}
