// Package task holds what Drumbeat puts into Redis: bells. A bell says "look
// at this mailbox" or "look at this message"; the state of things is read again
// from Postgres when it is heard, so a stale, doubled or lost bell does no harm.
package task

import (
	"fmt"

	"drumbeat/internal/outreach"
)

// Job is a small struct of identifiers.
type Job interface {
	Kind() string // the asynq task type, compared exactly
	Key() string  // two jobs of one key are one job while it waits
}

// SendFromMailbox asks to send what is due from a mailbox.
type SendFromMailbox struct {
	MailboxID outreach.MailboxID `json:"mailbox_id"`
	Epoch     int64              `json:"epoch"`
}

// Kind names the task type.
func (SendFromMailbox) Kind() string { return "mailbox:send" }

// Key holds the epoch: asynq keeps the ID of a killed task taken for 80 s, and
// of an archived one for ever.
func (j SendFromMailbox) Key() string {
	return fmt.Sprintf("%s:%s:%d", j.Kind(), j.MailboxID, j.Epoch)
}

// ProcessReply asks to understand a stored message.
type ProcessReply struct {
	MessageID outreach.MessageID `json:"message_id"`
}

// Kind names the task type.
func (ProcessReply) Kind() string { return "reply:process" }

// Key is one for each message.
func (j ProcessReply) Key() string { return fmt.Sprintf("%s:%d", j.Kind(), j.MessageID) }
