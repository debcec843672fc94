package outbound

import (
	"context"
	"time"

	"drumbeat/internal/outreach"
)

// Leases are the rights to send from a mailbox.
type Leases interface {
	TakeMailbox(ctx context.Context, id outreach.MailboxID, process string) (outreach.Lease, bool, error)
	RenewMailbox(ctx context.Context, lease outreach.Lease) error
	GiveBackClaims(ctx context.Context, lease outreach.Lease, now time.Time) error
	ReleaseMailbox(ctx context.Context, lease outreach.Lease) error
	DelayMailbox(ctx context.Context, id outreach.MailboxID, until time.Time, reason outreach.Reason) error
}

// Claims are the rows of the ledger that may be sent now.
type Claims interface {
	ClaimSteps(ctx context.Context, req outreach.ClaimRequest) (claimed []outreach.Claimed, moved int, err error)
	ClaimNotices(ctx context.Context, lease outreach.Lease, now time.Time, limit int) ([]outreach.Claimed, error)
	KeepBytes(ctx context.Context, id outreach.SendID, fence int64, frozen outreach.Frozen) error
}

// Committer is the commit point and what comes after it.
type Committer interface {
	Commit(ctx context.Context, req outreach.CommitRequest) (bool, error)
	// Post puts an outcome in line, before the commit points that are asked for
	// later; wait tells whether it was recorded.
	Post(ctx context.Context, s outreach.Settlement) (wait func() (bool, error))
}

// Spool notes what servers have accepted until the ledger has it, so that a crash
// or a database that is away leaves no doubt.
type Spool interface {
	Accepted(a outreach.Accepted) error
	Settled(id outreach.SendID, fence int64)
}

// Copies keeps sent mails for the Sent folder. It must be quick; that it fails
// matters to nobody but the rep who looks there.
type Copies interface {
	Keep(id outreach.MailboxID, rfcMessageID string, at time.Time, raw []byte) error
}

// Refusals act on what a server's refusal means for the lead and the mailbox.
type Refusals interface {
	// RecordRefusal tells whether the mailbox is stopped by it.
	RecordRefusal(ctx context.Context, r outreach.Refusal) (stopped bool, err error)
}

// Revisions gives the immutable versions of sequences.
type Revisions interface {
	Revision(ctx context.Context, id outreach.RevisionID) (outreach.Revision, error)
}

// Transport opens connections to the SMTP servers of the mailboxes.
type Transport interface {
	Open(ctx context.Context, id outreach.MailboxID) (Connection, error)
}

// Connection carries one mail after another.
type Connection interface {
	// Deliver brings the whole body to the server, asks commit, and only then
	// ends the mail with a dot.
	Deliver(ctx context.Context, envelope outreach.Envelope, raw []byte, commit func(context.Context) bool) outreach.DeliveryResult
	// Expect names the mail that follows the next one; it is delivered next, or
	// the connection is closed.
	Expect(next outreach.Envelope)
	Usable() bool
	Quit()
	Close()
}

// Builder writes a mail as MIME.
type Builder func(outreach.Mail) ([]byte, error)

// Watcher counts what the sender does.
type Watcher interface {
	// SendSettled is told of each outcome that is on record.
	SendSettled(mailbox outreach.MailboxID, purpose outreach.Purpose, state outreach.SendState)
}

// Operators are told when a mailbox cannot send any more, and when a mail does harm.
type Operators interface {
	MailboxStopped(ctx context.Context, id outreach.MailboxID, detail string) error
	// LeadHarmed tells that a mail to a lead was refused because the address does not exist.
	LeadHarmed(ctx context.Context, id outreach.LeadID)
}
