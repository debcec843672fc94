package outreach

import "time"

// DigestReply is a reply that waits for a rep, as the digest shows it.
type DigestReply struct {
	MessageID  MessageID
	LeadID     LeadID
	LeadName   string
	LeadEmail  string
	Title      string
	Company    string
	Label      Label
	Confidence float64
	Abstained  bool
	Words      string // the lead's own, without quotes and signature
	ReceivedAt time.Time
	Act        string // what Drumbeat did about it
	Next       string // what happens next, or the question to decide
	Draft      *Draft // an answer that stands ready; nil: none
}

// DigestLine is one line about a lead: a task, a candidate, somebody who is back.
type DigestLine struct {
	ID       int64
	LeadID   LeadID
	LeadName string
	Company  string
	Text     string
	Day      Day // zero: none
}

// DigestItems is everything that a rep should see on a day.
type DigestItems struct {
	Answer     []DigestReply // meeting and interested, oldest first
	Objections []DigestReply
	Triage     []DigestReply // held until a person decides
	Candidates []DigestLine  // people whom replies named
	Tasks      []DigestLine
	Back       []DigestLine // put off until today, or back from an absence
	NeedsData  []DigestLine // steps that cannot be rendered
	Health     []string     // what is wrong with the rep's mailboxes
}

// Empty tells whether there is nothing to tell.
func (d DigestItems) Empty() bool {
	return len(d.Answer)+len(d.Objections)+len(d.Triage)+len(d.Candidates)+len(d.Tasks)+len(d.Back)+len(d.NeedsData)+len(d.Health) == 0
}

// AlertItem is a message about which a rep is told at once.
type AlertItem struct {
	DigestReply
	RepID     RepID
	MailboxID MailboxID
}
