package outreach

import "time"

// EnrolQuery asks for a page of a list's leads.
type EnrolQuery struct {
	ListID     ListID
	SequenceID SequenceID
	After      LeadID // the last lead of the page before; 0: from the start
	Limit      int

	ExcludedLists  []string   // names of lists whose members stay out
	ContactedSince *time.Time // who has had a step mail since then stays out; nil: nobody for that
}

// EnrolCandidate is a lead with what an enrolment asks about it.
type EnrolCandidate struct {
	Lead         Lead
	NoEnrolUntil *time.Time // after a plain no
	Enrolled     bool       // in this sequence, in whatever state
	Suppressed   bool
	Excluded     bool      // on one of EnrolQuery.ExcludedLists
	Contacted    bool      // a step mail of any sequence went since EnrolQuery.ContactedSince
	Elsewhere    bool      // under way in another sequence
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
