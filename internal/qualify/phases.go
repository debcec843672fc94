package qualify

import (
	"fmt"
	"slices"

	"drumbeat/internal/outreach"
)

// PhaseState is where a lead stands with one phase of the sale.
type PhaseState string

// The states of a phase.
const (
	PhaseDone PhaseState = "done"
	PhaseNext PhaseState = "next" // what is to do now
	PhaseOpen PhaseState = "open" // comes later, or may never come
	PhaseOver PhaseState = "over" // will not happen: the lead is lost or out
)

// Phase is a line of the checklist on a lead's page.
type Phase struct {
	Number int
	Name   string
	State  PhaseState
	Why    string
}

// Progress is what the checklist is computed from.
type Progress struct {
	Lead           outreach.Lead
	Sent           int              // step mails that went out
	Replied        bool             // a person answered
	View           View             // of the framework in use
	OpenObjections []outreach.Label // neither overcome nor lost
	Objections     int              // all that ever were
	Reminder       outreach.Day     // the next one; zero: none
	Referrals      int              // leads and candidates that came from this one
}

// Phases is the checklist: the eight phases in order.
func Phases(p Progress) []Phase {
	phases := []Phase{
		prospecting(p), connecting(p), qualification(p), presenting(p),
		objections(p), closing(p), nurturing(p), referrals(p),
	}
	for i := range phases {
		phases[i].Number = i + 1
		if p.Lead.Stage == outreach.StageDoNotContact && phases[i].State != PhaseDone {
			phases[i].State, phases[i].Why = PhaseOver, "the lead asked for no more mail"
		}
	}
	return phases
}

func prospecting(p Progress) Phase {
	why := "in the list"
	if p.Lead.Source != "" {
		why = "from " + p.Lead.Source
	}
	return Phase{Name: "Prospecting", State: PhaseDone, Why: why}
}

func connecting(p Progress) Phase {
	switch {
	case p.Replied:
		return Phase{Name: "Connecting", State: PhaseDone, Why: fmt.Sprintf("answered after %s", mails(p.Sent))}
	case p.Lead.Stopped != "":
		return Phase{Name: "Connecting", State: PhaseOver, Why: "stopped: " + string(p.Lead.Stopped)}
	case p.Sent > 0:
		return Phase{Name: "Connecting", State: PhaseNext, Why: fmt.Sprintf("%s sent, no answer yet", mails(p.Sent))}
	}
	return Phase{Name: "Connecting", State: PhaseNext, Why: "no mail sent yet"}
}

func qualification(p Progress) Phase {
	switch {
	case p.View.Passed:
		return Phase{Name: "Qualification", State: PhaseDone, Why: fmt.Sprintf("score %d", p.View.Score)}
	case p.Lead.Stage == outreach.StageLost:
		return Phase{Name: "Qualification", State: PhaseOver, Why: "the lead is lost"}
	case p.Lead.Stage == outreach.StageQualifying && p.View.NextQuestion == "":
		return Phase{Name: "Qualification", State: PhaseNext, Why: "all is answered, and not enough is met: a person decides"}
	case p.Lead.Stage == outreach.StageQualifying:
		return Phase{Name: "Qualification", State: PhaseNext, Why: "ask: " + p.View.NextQuestion}
	case at(p, outreach.StagePresenting, outreach.StageClosing, outreach.StageWon):
		return Phase{Name: "Qualification", State: PhaseDone, Why: "a person moved the lead on"}
	}
	return Phase{Name: "Qualification", State: PhaseOpen, Why: "begins with an answer"}
}

func presenting(p Progress) Phase {
	switch {
	case at(p, outreach.StageClosing, outreach.StageWon):
		return Phase{Name: "Presenting", State: PhaseDone, Why: "presented"}
	case p.Lead.Stage == outreach.StagePresenting || p.View.Passed && p.Lead.Stage == outreach.StageQualifying:
		return Phase{Name: "Presenting", State: PhaseNext, Why: "show what fits this lead"}
	}
	return Phase{Name: "Presenting", State: PhaseOpen, Why: "comes after qualification"}
}

func objections(p Progress) Phase {
	switch {
	case len(p.OpenObjections) > 0:
		return Phase{Name: "Objections", State: PhaseNext, Why: "open: " + string(p.OpenObjections[0])}
	case p.Objections > 0:
		return Phase{Name: "Objections", State: PhaseDone, Why: "all answered"}
	}
	return Phase{Name: "Objections", State: PhaseOpen, Why: "none raised"}
}

func closing(p Progress) Phase {
	switch p.Lead.Stage {
	case outreach.StageWon:
		return Phase{Name: "Closing", State: PhaseDone, Why: "won"}
	case outreach.StageLost:
		return Phase{Name: "Closing", State: PhaseOver, Why: "lost"}
	case outreach.StageClosing:
		return Phase{Name: "Closing", State: PhaseNext, Why: "ask for the decision"}
	}
	return Phase{Name: "Closing", State: PhaseOpen, Why: "comes after presenting"}
}

func nurturing(p Progress) Phase {
	switch {
	case !p.Reminder.IsZero():
		return Phase{Name: "Nurturing", State: PhaseNext, Why: "comes back on " + p.Reminder.String()}
	case p.Lead.Stage == outreach.StageNurture:
		return Phase{Name: "Nurturing", State: PhaseNext, Why: "no day is set: set one"}
	}
	return Phase{Name: "Nurturing", State: PhaseOpen, Why: "nothing was put off"}
}

func referrals(p Progress) Phase {
	switch {
	case p.Referrals > 0:
		return Phase{Name: "Referrals", State: PhaseDone, Why: fmt.Sprintf("%d came from this lead", p.Referrals)}
	case p.Lead.Stage == outreach.StageWon:
		return Phase{Name: "Referrals", State: PhaseNext, Why: "ask who else should know"}
	}
	return Phase{Name: "Referrals", State: PhaseOpen, Why: "nobody named yet"}
}

func at(p Progress, stages ...outreach.Stage) bool { return slices.Contains(stages, p.Lead.Stage) }

func mails(n int) string {
	if n == 1 {
		return "1 mail"
	}
	return fmt.Sprintf("%d mails", n)
}
