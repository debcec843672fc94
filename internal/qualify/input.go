package qualify

import (
	"slices"
	"strings"
	"time"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/sequence"
)

// Input is all that a decision depends on.
type Input struct {
	Now            time.Time // sales time
	MessageID      outreach.MessageID
	From           string // who wrote
	Kind           outreach.Kind
	Match          outreach.MatchMethod
	Lead           outreach.Lead
	Enrolment      outreach.Enrolment // ID 0: in no sequence
	Calendar       schedule.Calendar  // the lead's; without a zone UTC and mon-fri count
	OnReply        map[outreach.Label]sequence.Reaction
	WholeCompanyOn []outreach.Label
	Read           classify.Result
	Text           string // the new words, for facts without evidence
	SoftBounces    int    // of the lead's address within 14 days, this one not counted
	Bounce         Bounce
	By             string // the person who said what the message is; empty: nobody
}

// Bounce is what a delivery report says about our own standing.
type Bounce struct {
	Domain string // of the recipient; empty: the lead's
	Reason string
	Whole  bool // not this domain alone: the mailbox itself is at fault
}

// Decision is what follows. Draft holds the playbook's name alone, for the caller
// to render.
type Decision struct {
	outreach.Outcome
	Question    string // for triage: "Is this price or brush_off?"
	StopCompany bool   // the sequence stops the lead's whole company on such an answer
}

// maxQuote bounds the words that prove a fact, in runes.
const maxQuote = 300

// quote is the evidence for the label, else the beginning of the new words.
func (in Input) quote() string {
	words := in.Text
	if len(in.Read.Evidence) > 0 {
		words = in.Read.Evidence[0].Text
	}
	words = strings.Join(strings.Fields(words), " ")
	if runes := []rune(words); len(runes) > maxQuote {
		return string(runes[:maxQuote]) + "…"
	}
	return words
}

// says tells whether the message has the label, first or besides.
func (in Input) says(label outreach.Label) bool {
	return in.Read.Label == label || slices.Contains(in.Read.Secondary, label)
}

// sure tells whether the label may be acted on.
func (in Input) sure() bool { return !in.Read.Abstained || in.By != "" }

// calendar is the lead's, or what is usual.
func (in Input) calendar() schedule.Calendar {
	c := in.Calendar
	if len(c.Zones) == 0 {
		c.Zones = []*time.Location{time.UTC}
	}
	if c.Window.Days == 0 {
		c.Window = schedule.DefaultWindow()
	}
	return c
}

// today is the lead's day.
func (in Input) today() outreach.Day { return outreach.DayOf(in.Now.In(in.calendar().Zones[0])) }
