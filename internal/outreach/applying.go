package outreach

// SequenceHead is what stands beside a revision: what may be shown without
// reading the file.
type SequenceHead struct {
	ID    SequenceID
	Name  string
	Owner RepID
}

// MailboxRecord is what the database keeps of a mailbox's entry in the roster.
type MailboxRecord struct {
	ID       MailboxID
	Address  string
	RepID    RepID
	Timezone string
}
