package reconcile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"drumbeat/internal/outreach"
)

// Known tells which mails the ledger knows.
type Known interface {
	SentByMessageID(ctx context.Context, ids []string) ([]outreach.SentRef, error)
	Hold(ctx context.Context) (outreach.Hold, error)
}

// DropErased removes the copies of a mailbox that the ledger does not know: their
// lead was erased since, and nothing of it may turn up in a Sent folder. A ledger
// that was restored has forgotten mails by itself, so nothing is removed while it
// holds all sending for that. It says how many were removed.
func DropErased(ctx context.Context, known Known, copies Copies, mailbox outreach.MailboxID) (int, error) {
	waiting, err := copies.Waiting(mailbox)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	ids := make([]string, len(waiting))
	for i, copied := range waiting {
		ids[i] = copied.MessageID()
	}
	refs, err := known.SentByMessageID(ctx, ids)
	if err != nil {
		return 0, fmt.Errorf("copies of erased leads: %w", err)
	}
	inLedger := make(map[string]bool, len(refs))
	for _, ref := range refs {
		inLedger[ref.RFCMessageID] = true
	}
	if hold, err := known.Hold(ctx); err != nil || hold.Held() {
		return 0, err
	}
	dropped := 0
	for _, copied := range waiting {
		if inLedger[copied.MessageID()] {
			continue
		}
		if err := copied.Remove(); err != nil && !errors.Is(err, fs.ErrNotExist) { // another process was faster
			return dropped, fmt.Errorf("copies of erased leads: %w", err)
		}
		dropped++
	}
	return dropped, nil
}
