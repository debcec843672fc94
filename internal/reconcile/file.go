package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// Copies are the sent mails of this machine that wait to be filed.
type Copies interface {
	Waiting(mailbox outreach.MailboxID) ([]Copy, error)
	// Lock lets one process at a time file a mailbox's copies; nil: another one does.
	Lock(mailbox outreach.MailboxID) (unlock func(), err error)
}

// Copy is one of them.
type Copy interface {
	MessageID() string
	SentAt() time.Time // sales time
	Raw() ([]byte, error)
	Remove() error
}

// Filings is what has been learnt of the servers.
type Filings interface {
	// LearnFiling notes whether the server had filed a mail by itself, and tells what is
	// known then.
	LearnFiling(ctx context.Context, id outreach.MailboxID, itself bool) (outreach.Filing, error)
}

// Filer files copies of sent mails in Sent folders. A send neither waits for it nor
// fails with it.
type Filer struct {
	Copies  Copies
	Known   Known
	Filings Filings
	Dial    func(ctx context.Context, id outreach.MailboxID) (Folder, error)
	// Auto are the mailboxes whose servers may file by themselves: they get some time
	// to do so, and what they do is learnt.
	Auto   map[outreach.MailboxID]bool
	Clock  clock.Clock
	Logger *slog.Logger
	// Learnt is told what is known of a mailbox in Auto.
	Learnt func(outreach.MailboxID, outreach.Filing)
}

// In sales time.
const (
	selfFiling = 2 * time.Minute    // how long a server has to file a mail by itself
	keepCopies = 7 * 24 * time.Hour // how long it is tried to file one
)

// File files what waits of one mailbox. What fails now is tried at the next call.
func (f *Filer) File(ctx context.Context, mailbox outreach.MailboxID) error {
	dropped, err := DropErased(ctx, f.Known, f.Copies, mailbox) // whether the server can be reached or not
	if err != nil {
		return err
	}
	if dropped > 0 {
		f.Logger.Info("copies of erased leads dropped", "mailbox", mailbox, "copies", dropped)
	}
	ready, err := f.ready(mailbox)
	if err != nil || len(ready) == 0 {
		return err
	}
	unlock, err := f.Copies.Lock(mailbox)
	if err != nil || unlock == nil {
		return err
	}
	defer unlock()
	folder, err := f.Dial(ctx, mailbox)
	if err != nil {
		return err
	}
	defer folder.Close()
	name, ok, err := folder.SentFolder(ctx)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("mailbox %s has no Sent folder: %w", mailbox, outreach.ErrNotFound)
	}
	for _, copied := range ready {
		if err := f.file(ctx, mailbox, folder, name, copied); err != nil {
			return err
		}
	}
	return nil
}

// ready are the copies whose time has come; too old ones are dropped.
func (f *Filer) ready(mailbox outreach.MailboxID) (ready []Copy, err error) {
	waiting, err := f.Copies.Waiting(mailbox)
	if err != nil {
		return nil, err
	}
	now := f.Clock.Now()
	for _, copied := range waiting {
		switch age := now.Sub(copied.SentAt()); {
		case age > keepCopies:
			f.Logger.Warn("copy of a mail was never filed", "mailbox", mailbox, "sent", copied.SentAt())
			if err := copied.Remove(); err != nil {
				return nil, err
			}
		case !f.Auto[mailbox] || age >= selfFiling:
			ready = append(ready, copied)
		}
	}
	return ready, nil
}

// file files one copy, unless it is there: the server has filed it, or we have and
// died before the copy was removed.
func (f *Filer) file(ctx context.Context, mailbox outreach.MailboxID, folder Folder, name string, copied Copy) error {
	there, err := folder.FindMessageID(ctx, name, copied.MessageID())
	if err != nil {
		return err
	}
	if !there {
		raw, err := copied.Raw()
		if err != nil {
			return err
		}
		if err := folder.Append(ctx, name, raw, copied.SentAt()); err != nil {
			return err
		}
	}
	if err := copied.Remove(); err != nil {
		return err
	}
	if !f.Auto[mailbox] {
		return nil
	}
	filing, err := f.Filings.LearnFiling(ctx, mailbox, there)
	if err != nil {
		return err
	}
	f.Learnt(mailbox, filing)
	return nil
}

func isNotFound(err error) bool { return errors.Is(err, outreach.ErrNotFound) }
