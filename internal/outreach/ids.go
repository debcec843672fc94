package outreach

// Identifiers. Numbers are given by the database; names come from the files
// that a team keeps in git.
type (
	LeadID      int64
	ListID      int64
	RevisionID  int64
	EnrolmentID int64
	SendID      int64
	MessageID   int64 // an inbound message; the RFC 5322 header is called RFCMessageID
	DraftID     int64
	CandidateID int64
	TaskID      int64

	MailboxID  string
	RepID      string
	SequenceID string
	StepID     string
)
