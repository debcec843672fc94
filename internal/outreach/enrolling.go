package outreach

import "time"

// EnrolQuery asks for a page of a list's leads.
type EnrolQuery struct {
	ListID     ListID
	SequenceID SequenceID
	After      LeadID // the last lead of the page before; 0: from the start
	Limit      int
}

// EnrolCandidate is a lead with what an enrolment asks about it.
type EnrolCandidate struct {
	Lead         Lead
	NoEnrolUntil *time.Time // after a plain no
	Enrolled     bool       // in this sequence, in whatever state
	Suppressed   bool
	MailboxID    MailboxID // that wrote to the lead before; empty: none
}

// NewEnrolment is a lead that begins a sequence.
type NewEnrolment struct {
	LeadID     LeadID
	SequenceID SequenceID
	RevisionID RevisionID
	MailboxID  MailboxID
	Timezone   string // IANA name
	DueAt      time.Time
	Detail     string // a sentence for people: the mailbox, the zone and how both were found
}
