package outreach

// History is what has happened to a lead in its sequence, as conditions ask about
// it.
type History struct {
	Steps  map[StepID]StepPast
	Labels []Label // of the messages that have come from the lead since it was enrolled
}

// StepPast is what became of one step.
type StepPast struct {
	State   StepState
	Variant string // of its mail; empty: it has none
}

// StepState is how a step ended, or that it has not.
type StepState string

// The states. A step without any has not been reached.
const (
	StepSent    StepState = "sent"    // its mail has gone
	StepOpen    StepState = "open"    // its task or webhook waits
	StepDone    StepState = "done"    // its task is done, its webhook was accepted
	StepSkipped StepState = "skipped" // its condition was false, or nobody did it in time
	StepFailed  StepState = "failed"  // it was given up
)

// Replied tells whether a person has written; machines answer too, and do not
// count.
func (h History) Replied() bool {
	for _, label := range h.Labels {
		if label != LabelAutoReply && label != LabelOutOfOffice && label != LabelComplaint && !label.Bounce() {
			return true
		}
	}
	return false
}
