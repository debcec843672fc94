package web

import (
	"fmt"
	"slices"
	"strings"

	"drumbeat/internal/outreach"
)

// Phase is one of the eight phases of a sale as it stands for a lead.
type Phase struct {
	Name  string
	State string // done, now, open, ended
	Why   string
	Next  string // what comes next; empty: nothing
}

// The states of a phase.
const (
	phaseDone  = "done"
	phaseNow   = "now"
	phaseOpen  = "open"
	phaseEnded = "ended" // it will not be gone through: the lead is lost or wants no mail
)

// phasesOf reads the checklist of the eight phases out of what is known.
func phasesOf(s outreach.Story) []Phase {
	all := []Phase{
		prospecting(s), connecting(s), qualification(s), presenting(s), objections(s), closing(s), nurturing(s), referrals(s),
	}
	if over := s.Lead.Stage == outreach.StageLost || s.Lead.Stage == outreach.StageDoNotContact; over {
		for i := range all {
			if all[i].State == phaseOpen {
				all[i].State, all[i].Next = phaseEnded, ""
			}
		}
	}
	return all
}

func prospecting(s outreach.Story) Phase {
	p := Phase{Name: "Prospecting", State: phaseDone, Why: "Came in with an import."}
	switch {
	case s.ReferredBy != "":
		p.Why = "Named by " + s.ReferredBy + "."
	case s.Lead.Source != "":
		p.Why = "Came from " + s.Lead.Source + "."
	}
	if len(s.Lists) > 0 {
		p.Why += " On the list " + strings.Join(s.Lists, ", ") + "."
	}
	return p
}

func connecting(s outreach.Story) Phase {
	p := Phase{Name: "Connecting", State: phaseOpen, Why: "In no sequence yet.", Next: "Enrol the lead in a sequence."}
	if len(s.Enrolments) == 0 {
		return p
	}
	mails := 0
	for _, send := range s.Sends {
		if send.State == outreach.SendSent || send.State == outreach.SendAssumedSent {
			mails++
		}
	}
	latest := s.Enrolments[0]
	p.State, p.Why, p.Next = phaseNow, plural(mails, "mail")+" sent in "+latest.SequenceName+".", nextOf(latest)
	switch {
	case answered(s):
		p.State, p.Next = phaseDone, ""
		p.Why += " The lead has answered."
	case latest.State == outreach.EnrolmentStopped || latest.State == outreach.EnrolmentFinished:
		p.State = phaseDone
		p.Why += " No answer came."
	}
	return p
}

// nextOf says how an enrolment goes on.
func nextOf(e outreach.EnrolmentView) string {
	switch e.State {
	case outreach.EnrolmentActive:
		return fmt.Sprintf("Step %d of the sequence.", e.Step+1)
	case outreach.EnrolmentPaused:
		return "The sequence is paused and goes on by itself."
	case outreach.EnrolmentHeld:
		return "The sequence is held: " + words(e.StateReason) + "."
	}
	return ""
}

func qualification(s outreach.Story) Phase {
	p := Phase{Name: "Qualification", State: phaseOpen, Why: "Nothing is known yet.", Next: "Waits for an answer."}
	if len(s.Facts) > 0 {
		p.Why = plural(len(s.Facts), "fact") + " known, each with the lead's own words."
	}
	switch {
	case past(s.Lead.Stage, outreach.StageQualifying):
		p.State, p.Next = phaseDone, ""
	case s.Lead.Stage == outreach.StageQualifying:
		p.State, p.Next = phaseNow, "Answer, and ask for what is missing."
	}
	return p
}

func presenting(s outreach.Story) Phase {
	p := Phase{Name: "Presenting", State: phaseOpen, Why: "Comes when the need is clear."}
	switch {
	case past(s.Lead.Stage, outreach.StagePresenting):
		p.State, p.Why = phaseDone, "The offer was presented."
	case s.Lead.Stage == outreach.StagePresenting:
		p.State, p.Why, p.Next = phaseNow, "The lead wants to see it.", "Show the case that fits."
	}
	return p
}

func objections(s outreach.Story) Phase {
	p := Phase{Name: "Objections", State: phaseOpen, Why: "None was raised."}
	if len(s.Objections) == 0 {
		return p
	}
	var open, said []string
	for _, objection := range s.Objections {
		said = append(said, words(objection.Label)+" ("+objection.State+")")
		if objection.State == "open" {
			open = append(open, words(objection.Label))
		}
	}
	p.State, p.Why = phaseDone, "Raised: "+strings.Join(said, ", ")+"."
	if len(open) > 0 {
		p.State, p.Next = phaseNow, "Send the draft that answers "+strings.Join(open, " and ")+"."
	}
	return p
}

func closing(s outreach.Story) Phase {
	p := Phase{Name: "Closing", State: phaseOpen, Why: "Not there yet."}
	switch s.Lead.Stage {
	case outreach.StageClosing:
		p.State, p.Why, p.Next = phaseNow, "The decision is near.", "Ask for it."
	case outreach.StageWon:
		p.State, p.Why = phaseDone, "Won."
	case outreach.StageLost:
		p.State, p.Why = phaseEnded, "Lost."
	}
	return p
}

func nurturing(s outreach.Story) Phase {
	p := Phase{Name: "Nurturing", State: phaseOpen, Why: "Nothing was put off."}
	for _, reminder := range s.Reminders {
		if reminder.State == "open" {
			p.State, p.Why, p.Next = phaseNow, "The lead named a day.", "In the digest on "+reminder.On.String()+"."
			return p
		}
		p.State, p.Why = phaseDone, "Came back on "+reminder.On.String()+"."
	}
	if s.Lead.Stage == outreach.StageNurture {
		p.State, p.Why = phaseNow, "The lead wants to hear from us later."
	}
	return p
}

func referrals(s outreach.Story) Phase {
	p := Phase{Name: "Referrals", State: phaseOpen, Why: "Nobody was named yet."}
	for _, candidate := range s.Candidates {
		name := candidate.Name
		if name == "" {
			name = candidate.Email
		}
		if candidate.State == "suggested" {
			p.State, p.Why, p.Next = phaseNow, "Named "+name+" ("+candidate.Kind+").", "Check the person and approve."
			return p
		}
		p.State, p.Why = phaseDone, "Named "+name+"."
	}
	if p.State == phaseOpen && s.Lead.Stage == outreach.StageWon {
		p.State, p.Next = phaseNow, "Ask whom else this would help."
	}
	return p
}

func answered(s outreach.Story) bool {
	return slices.ContainsFunc(s.Replies, func(r outreach.ReplyView) bool { return r.Kind == outreach.KindHuman })
}

// past tells whether a lead is behind a stage on the straight way to won.
func past(stage, than outreach.Stage) bool {
	way := []outreach.Stage{
		outreach.StageNew, outreach.StageConnecting, outreach.StageQualifying, outreach.StagePresenting, outreach.StageClosing, outreach.StageWon,
	}
	return slices.Index(way, stage) > slices.Index(way, than)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
