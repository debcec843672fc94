package app

import (
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

// Sender is who a mailbox writes as.
func (t *Team) Sender(id outreach.MailboxID) (outbound.SenderIdentity, bool) {
	identity, ok := t.senders[id]
	return identity, ok
}
