package outreach

import "time"

// StandingAt counts the enrolments of a sequence that go on, by where they stand.
type StandingAt struct {
	RevisionID RevisionID
	Number     int // of the revision
	Step       int // index of the next step in that revision
	Count      int
	Held       int // of Count, those that wait for a person or sleep
}

// StepMove takes the enrolments that stand at a step of an earlier revision to a
// step of a later one.
type StepMove struct {
	From   RevisionID
	Step   int // index in From
	To     RevisionID
	ToStep int       // index in To
	At     time.Time // sales time
	Actor  string
	Detail string // a sentence for people
}
