package qualify

import (
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
)

// absence pauses until the lead is back and has had a day for the inbox. What
// holds the enrolment for another reason keeps holding it.
func (d *Decision) absence(in Input) {
	d.Candidate = candidate(in, "delegate")
	until, dated := in.back()
	switch {
	case in.Lead.Stopped != "" || in.Enrolment.State == outreach.EnrolmentStopped:
		d.decided("out_of_office_stopped", "An absence; nothing was going out anyway.", "Nothing.")
		return
	case in.Enrolment.State == outreach.EnrolmentHeld && in.Enrolment.StateReason != string(outreach.HoldReply):
		d.decided("out_of_office_held", "An absence; the enrolment waits for a person as before.", "A person decides.")
		return
	case !until.After(in.Now):
		d.Move = outreach.MoveForward
		d.decided("out_of_office_over", "An absence that is over by its own words.", "The sequence goes on.")
		return
	}
	if p := in.Enrolment.PausedUntil; p != nil && p.After(until) {
		until = *p
	}
	d.Move, d.Until = outreach.MovePause, until
	day := outreach.DayOf(until.In(in.calendar().Zones[0]))
	d.Reminder = &outreach.Reminder{On: day, Kind: "back", Note: "Back from an absence."}
	rule := "out_of_office_no_date"
	if dated {
		rule = string(outreach.LabelOutOfOffice)
	}
	d.decided(rule, "The lead is away: paused.", "The sequence goes on after "+day.String()+".")
}

// back is when the sequence goes on: a business day after the return, or a week
// after a message that names no day; on_reply changes both.
func (in Input) back() (until time.Time, dated bool) {
	reaction, calendar := in.OnReply[outreach.LabelOutOfOffice], in.calendar()
	base, wait := in.Now, schedule.Wait{Days: 7}
	if reaction.NoDate != nil {
		wait = *reaction.NoDate
	}
	if in.Read.ReturnOn != nil {
		base, wait = in.Read.ReturnOn.Time(calendar.Zones[0]), schedule.Wait{BusinessDays: 1}
		if reaction.Resume != nil {
			wait = *reaction.Resume
		}
	}
	until, ok := calendar.After(base, wait)
	if !ok { // a calendar without business days
		until = base.AddDate(0, 0, wait.Days+wait.BusinessDays).Add(wait.Exact)
	}
	return until, in.Read.ReturnOn != nil
}
