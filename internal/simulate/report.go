package simulate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"slices"
	"time"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
)

// ReasonSkipped is why an email step was not sent that the sequence passed over.
const ReasonSkipped outreach.Reason = "skipped"

// Report is what a simulation came to. Sent and Unsent together are the email
// steps of the sequence times the leads.
type Report struct {
	Sequence   *sequence.Sequence
	Leads      int
	Enrolled   int
	Start      outreach.Day
	EndsOn     *outreach.Day // of the last mail; nil: the days do not suffice
	Sent       int
	Unsent     map[outreach.Reason]int // email steps that did not go, by why
	Days       []Day
	PlanSHA256 string // of the plan, one JSON object a line
	Transcript []Happening
	Zone       string // whose days are counted
}

// Replies counts the answers of all days.
func (r Report) Replies() map[outreach.Label]int {
	all := map[outreach.Label]int{}
	for _, day := range r.Days {
		for label, n := range day.Replies {
			all[label] += n
		}
	}
	return all
}

func (r *run) report(enrolled outbound.EnrolReport) Report {
	out := Report{
		Sequence: r.sequence, Leads: len(r.leads), Enrolled: enrolled.Enrolled, Start: outreach.DayOf(r.in.Start.In(r.days.zone)),
		Unsent: map[outreach.Reason]int{}, PlanSHA256: r.plan.sum(), Zone: r.days.zone.String(), Sent: r.plan.count,
	}
	for reason, n := range enrolled.Skipped {
		out.Unsent[reason] += n * r.emails
	}
	waiting := false
	end := r.in.Start.AddDate(0, 0, r.in.Days)
	last := shutter{run: r, start: end.AddDate(0, 0, -1), end: end, opens: map[string]time.Time{}}
	for _, e := range r.enrolments {
		left := r.emails - e.mails
		switch {
		case e.State == outreach.EnrolmentActive || e.State == outreach.EnrolmentPaused:
			waiting = true
			out.Unsent[orNotDue(last.keeps(e))] += left
		case left > 0 && e.State == outreach.EnrolmentFinished:
			out.Unsent[ReasonSkipped] += left
		case left > 0:
			out.Unsent[outreach.Reason(e.StateReason)] += left
		}
	}
	if !waiting && r.plan.count > 0 {
		day := outreach.DayOf(r.plan.last.In(r.days.zone))
		out.EndsOn = &day
	}
	for _, day := range r.days.all {
		out.Days = append(out.Days, *day)
	}
	slices.SortFunc(out.Days, func(a, b Day) int { return a.Date.Sub(b.Date) })
	out.Transcript = r.record.all
	return out
}

func orNotDue(reason outreach.Reason) outreach.Reason {
	if reason == outreach.ReasonNone {
		return outreach.ReasonNotDue
	}
	return reason
}

// plan writes mails down, one JSON object a line, and sums the lines up.
type plan struct {
	lines *json.Encoder
	hash  hash.Hash
	count int
	last  time.Time
}

func newPlan(to io.Writer) plan {
	p := plan{hash: sha256.New()}
	if to == nil {
		to = io.Discard
	}
	p.lines = json.NewEncoder(io.MultiWriter(p.hash, to))
	p.lines.SetEscapeHTML(false)
	return p
}

func (p *plan) add(m Mail) error {
	m.At = m.At.UTC()
	p.count++
	p.last = m.At
	return p.lines.Encode(m)
}

func (p *plan) sum() string { return hex.EncodeToString(p.hash.Sum(nil)) }

// reckonedIn is the zone whose days are counted: that of the sequence's first
// mailbox, whose days are those of its cap.
func (r *run) reckonedIn() *time.Location {
	for _, id := range append(slices.Clone(r.sequence.Send.Mailboxes), r.in.Roster.MailboxesOf(r.sequence.Owner)...) {
		if m := r.mailbox(id); m != nil {
			return m.zone
		}
	}
	return time.UTC
}
