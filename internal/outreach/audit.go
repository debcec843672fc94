package outreach

// AuditRow is one enrolment and its mail as a comparison with a server's log
// needs it: what the ledger says at the end of a run, and what it ever said.
type AuditRow struct {
	LeadID       LeadID
	Email        string
	Stopped      StopReason
	Enrolment    EnrolmentState
	MailboxID    MailboxID
	RFCMessageID string    // empty: no row in the ledger
	State        SendState // empty: no row in the ledger
	CommitSeq    int64     // order of the last commit point among all; 0: none was passed
	WasUnknown   bool      // it is in doubt, or once was
	Unanswered   bool      // in doubt because the server gave no answer, not because a process died
}

// DatabaseActivity is what a database has done since it was made.
type DatabaseActivity struct {
	Commits     int
	SendUpdates int // updates of rows of the ledger
	HotUpdates  int // of those, updates that touched no index
}
