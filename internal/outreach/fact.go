package outreach

import "time"

// FactStatus is what is known about a fact.
type FactStatus string

// A fact that nobody has spoken about is not stored: it is unknown.
const (
	FactKnown  FactStatus = "known"
	FactDenied FactStatus = "denied" // we know that there is none: no budget, not the decision-maker
)

// Fact is one thing known about a lead's situation, with the words that prove
// it. Frameworks (BANT, MEDDIC ...) are views over facts; they store nothing.
type Fact struct {
	Name       string // from the vocabulary: budget, authority, pain, timeline, competition ...
	Status     FactStatus
	Value      string
	Quote      string    // the lead's own words
	MessageID  MessageID // the message they stand in
	Source     string    // reply, rep, lookup
	Confidence float64   // 0..1
	At         time.Time // sales time
}

// FactNames is the vocabulary of facts.
func FactNames() []string {
	return []string{
		"pain", "impact", "metric", "goal", "plan", "budget", "funds", "authority", "economic_buyer", "champion",
		"influencers", "decision_criteria", "decision_process", "paper_process", "timeline", "critical_event",
		"priority", "competition", "consequence", "interest", "situation",
	}
}
