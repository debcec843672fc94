package classify

import "drumbeat/internal/outreach"

// returnDay is the day on which an absent sender is back: said outright, else
// the end of the absence.
func returnDay(days []spokenDay) *spokenDay {
	if len(days) == 2 && days[0].role == RoleUntil && days[1].role == RoleReturn && days[1].precision == weekdayDay && days[1].day.Before(days[0].day) {
		return &days[0] // "closed until 4 January; we start again on the Monday"
	}
	for _, role := range []Role{RoleReturn, RoleUntil} {
		var back *spokenDay
		for i := range days {
			if days[i].role == role && (back == nil || role == RoleReturn && days[i].precision == exactDay && back.day.Before(days[i].day) && days[i].day.Sub(back.day) <= oneAbsence) {
				back = &days[i]
			}
		}
		if back != nil {
			return back
		}
	}
	return nil
}

// oneAbsence is how many days further on a day of return still ends the absence of
// which an earlier day was told.
const oneAbsence = 45

// followUpDay is the day on which the sender invites a new contact. Of several
// the last counts: people tell first what is in the way, then when it is over.
// Who is only busy up to a day can be asked from then on.
func (d *dayReader) followUpDay(days []spokenDay, label outreach.Label) *spokenDay {
	var last *spokenDay
	for i := range days {
		if last != nil && days[i].role == RoleFollowUp && days[i].precision == bareNumber && last.precision >= monthDay && d.text.tokens[days[i].start].sentence != d.text.tokens[last.start].sentence {
			days[i].day, days[i].precision = outreach.NewDay(last.day.Year, last.day.Month, days[i].day.Dom), exactDay // "... in May. Call on the 4th"
		}
		if days[i].role == RoleFollowUp && (last == nil || days[i].precision != bareNumber && !aside(*last, days[i], d.word(last.end)) && !d.excuses(*last, days[i])) {
			last = &days[i]
		}
	}
	if last == nil && label == outreach.LabelBrushOff && len(days) > 0 && days[len(days)-1].role == RoleUntil {
		until := days[len(days)-1]
		until.day = until.back
		last = &until
	}
	return last
}

// excuses tells a day that only says why the one before it in the sentence was named:
// "in September, August is closed", "early April, after the Easter rush".
func (d *dayReader) excuses(named, other spokenDay) bool {
	if d.text.tokens[named.start].sentence != d.text.tokens[other.start].sentence {
		return false
	}
	if _, year := d.year(other.start, false); year && other.end == other.start+1 && isPartFiller(d.word(other.start-1)) {
		return true // "in October we draw up that of 2027"
	}
	_, placed := d.is("in", other.start-1)
	return other.day.Before(named.day) && other.precision == monthDay && named.precision == monthDay && !placed ||
		other.precision == vagueDay && d.isAfter(other.start) && other.day.Sub(named.day) <= 21 && other.day.Sub(named.day) >= 0
}

// aside tells a vague day that only explains the exact one before it: "call in
// January 2027 when I sit down to allocate 2028".
func aside(exact, vague spokenDay, when string) bool {
	switch when {
	case "when", "wenn", "quand", "cuando", "quando", "wanneer", "nar":
		return exact.precision <= monthDay && vague.precision == vagueDay
	}
	return false
}

// days fills the days of a result.
func (c *Classifier) days(r reading, res *Result) {
	days := r.days.roles(r.found, res.Label)
	bytes := func(s *spokenDay) (from, to int) {
		return r.text.tokens[s.start].start, r.text.tokens[s.end-1].end
	}
	said := func(field Field, s *spokenDay) {
		from, to := bytes(s)
		res.Spans = append(res.Spans, r.span(field, from, to))
	}
	for i := range days {
		from, to := bytes(&days[i])
		at := r.span("", from, to)
		res.Days = append(res.Days, DayMention{Day: days[i].day, Role: days[i].role, Text: at.Text, Start: at.Start, End: at.End})
	}
	res.Times = c.times(r, days, res.Label)
	if end := r.days.contractEnd(days, res.Label); end != nil {
		res.ContractEnd = &end.day
		said(FieldContractEnd, end)
	}
	switch {
	case res.Label == outreach.LabelOutOfOffice && r.in.HeaderReturnOn != nil:
		res.ReturnOn = r.in.HeaderReturnOn
	case res.Label == outreach.LabelOutOfOffice:
		if back := returnDay(days); back != nil {
			res.ReturnOn = &back.back
			said(FieldReturnOn, back)
		}
	case res.Label != outreach.LabelMeeting:
		if next := r.days.followUpDay(days, res.Label); next != nil {
			res.FollowUpOn = &next.day
			said(FieldFollowUpOn, next)
		}
	}
	c.leaning(r, res, days)
}

// leaning fills what the next best label would have: who is away and asks to be
// written to again invites from the return, and a refusal that may be an absence
// names its end.
func (c *Classifier) leaning(r reading, res *Result, days []spokenDay) {
	back := returnDay(days)
	switch {
	case res.Label == outreach.LabelOutOfOffice:
		maybeNot := res.Scores[outreach.LabelBrushOff]+res.Scores[outreach.LabelPrice]+res.Scores[outreach.LabelInterested] >= leans
		if c.asksBack(r) || back != nil && maybeNot && !r.automatic() && r.days.invited(back.dayFound) {
			res.FollowUpOn = res.ReturnOn
		}
	case res.ReturnOn == nil && back != nil && (back.role == RoleReturn || r.automatic()) && back.precision != weekdayDay && res.Scores[outreach.LabelOutOfOffice] >= leans:
		res.ReturnOn = &back.back
	case res.Label == outreach.LabelMeeting && res.FollowUpOn == nil:
		next := r.days.followUpDay(days, res.Label)
		if next != nil && next.precision == monthDay && next.day.Sub(r.days.today) >= farOff && !r.days.cueBefore(next.start) && r.days.invited(next.dayFound) {
			res.FollowUpOn = &next.day // "call me in August": no slot
		}
	}
}

const (
	leans  = 0.2 // probability of another label from which its day is given too
	farOff = 28  // days ahead; a meeting then is a new contact
)

// asksBack tells whether an absent sender asks to be written to again on return.
func (c *Classifier) asksBack(r reading) bool {
	for _, h := range r.hits {
		if c.lexicon.concepts[h.concept].name == "out_of_office.ask_back" && !h.negated {
			return true
		}
	}
	return false
}
