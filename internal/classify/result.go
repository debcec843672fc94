package classify

import "drumbeat/internal/outreach"

// Floor is the confidence under which a label is only a guess and a person
// decides.
const Floor = 0.75

// The thresholds of the opt-out probability: from OptOutSuppress on the lead
// is suppressed, from OptOutTriage on a person looks at it. The label says so from
// optOutNamed on: of what is less probable and still the best guess, held-out
// replies of other writers are opt-outs in three cases of eight. That a person is
// away or gone is said from goneNamed on, since it sounds like a machine.
const (
	OptOutSuppress = 0.6
	OptOutTriage   = 0.15
	optOutNamed    = 0.5
	goneNamed      = 0.4
)

// Result is what a reply was understood to say. Label is always the best
// guess, also when Abstained.
type Result struct {
	Label      outreach.Label
	Confidence float64 // 0..1: the share of such answers that are right
	Abstained  bool    // Confidence < Floor
	Secondary  []outreach.Label
	ReturnOn   *outreach.Day // first day back; out_of_office only
	FollowUpOn *outreach.Day // first day on which the sender invites a new contact
	Contact    *outreach.Contact
	Competitor string // the vendor they use; empty when none is named
	Language   string // ISO 639-1; empty when it cannot be told
	Evidence   []Evidence
	Days       []DayMention
	Times      []OfferedTime // of day, that the sender offers or accepts
	Spans      []Span        // where the new text says what the fields hold
	// OptOut is the probability that the sender asks for no more mail.
	// OptOutRule tells that a rule says so: then OptOut is 1.
	OptOut      float64
	OptOutRule  bool
	Budget      string        // a sum named as the sender's budget, in the sender's words
	ContractEnd *outreach.Day // when a running contract ends
	Legal       bool          // a lawyer, an authority or a law is threatened or cited
	Model       string        // which rules and model decided
	Scores      map[outreach.Label]float64
}

// Evidence is a span of the new text that decided the label.
type Evidence struct {
	Text       string
	Start, End int    // runes in Input.Text
	Rule       string // the concept or rule that saw it
}

// Role says what a day in a text stands for.
type Role string

// The roles of days. Days of no role are not reported.
const (
	RoleReturn   Role = "return"    // the sender is back
	RoleUntil    Role = "until"     // the absence ends; ReturnOn counts inclusive ends
	RoleFollowUp Role = "follow_up" // a new contact is invited from then on
	RoleMeeting  Role = "meeting"   // a slot offered or accepted
)

// DayMention is a day that stands next to a cue.
type DayMention struct {
	Day        outreach.Day
	Role       Role
	Text       string
	Start, End int // runes in Input.Text
}
