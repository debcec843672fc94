package reconcile

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// Doubts is the list of mails in doubt.
type Doubts interface {
	// DoubtsDue gives doubts that are to be looked for now.
	DoubtsDue(ctx context.Context, now time.Time, limit int) ([]outreach.Doubtful, error)
	// ProveSent settles one of which the evidence was found; false: it was settled before.
	ProveSent(ctx context.Context, id outreach.SendID, by outreach.Evidence, detail string, at time.Time) (bool, error)
	// LookedFor notes that a look found nothing.
	LookedFor(ctx context.Context, id outreach.SendID, finding string, at, next time.Time) error
	// TidyDoubts takes off the list what was settled elsewhere or is past finding out,
	// and takes for sent what no claim will come to.
	TidyDoubts(ctx context.Context, now time.Time) error
	// FilesSent tells whether a mailbox's server is known to file what is sent.
	FilesSent(ctx context.Context, id outreach.MailboxID) (outreach.Filing, error)
}

// Folder is an open mailbox, as far as its Sent folder is concerned.
type Folder interface {
	SentFolder(ctx context.Context) (name string, ok bool, err error)
	FindMessageID(ctx context.Context, folder, id string) (bool, error)
	Append(ctx context.Context, folder string, raw []byte, date time.Time) error
	Close()
}

// Looker looks for mails in doubt in the Sent folders of their mailboxes. To find
// one is proof. Not to find it is none: most servers file nothing by themselves.
type Looker struct {
	Doubts Doubts
	// Dial opens a mailbox; outreach.ErrNotFound: its mail is not read at all.
	Dial   func(ctx context.Context, id outreach.MailboxID) (Folder, error)
	Clock  clock.Clock
	Logger *slog.Logger
}

// looksAtOnce bounds one round.
const looksAtOnce = 500

// lookAfter are the pauses between looks, in sales time; the last one repeats.
var lookAfter = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}

// Look looks once for everything that is due.
func (l *Looker) Look(ctx context.Context) error {
	now := l.Clock.Now()
	if err := l.Doubts.TidyDoubts(ctx, now); err != nil {
		return err
	}
	due, err := l.Doubts.DoubtsDue(ctx, now, looksAtOnce)
	if err != nil {
		return err
	}
	for len(due) > 0 {
		mailbox, n := due[0].MailboxID, 1
		for n < len(due) && due[n].MailboxID == mailbox {
			n++
		}
		if err := l.lookIn(ctx, mailbox, due[:n]); err != nil {
			return err
		}
		due = due[n:]
	}
	return nil
}

// lookIn looks in one mailbox. One that cannot be reached is looked into later; only
// a ledger that cannot be reached is an error.
func (l *Looker) lookIn(ctx context.Context, mailbox outreach.MailboxID, doubts []outreach.Doubtful) error {
	folder, name, err := l.open(ctx, mailbox)
	if err != nil {
		l.Logger.Warn("sent folder not read", "mailbox", mailbox, "error", err)
		return nil // not looked at: the policy that wants a look waits
	}
	filing, err := l.Doubts.FilesSent(ctx, mailbox)
	if err != nil {
		return err
	}
	if folder != nil {
		defer folder.Close()
	}
	for _, doubt := range doubts {
		finding := "there is no Sent folder to look into"
		if folder != nil {
			found, err := folder.FindMessageID(ctx, name, doubt.RFCMessageID)
			if err != nil {
				l.Logger.Warn("sent folder not searched", "mailbox", mailbox, "error", err)
				return nil
			}
			if found {
				if err := l.settle(ctx, doubt); err != nil {
					return err
				}
				continue
			}
			finding = notFound(filing)
		}
		now := l.Clock.Now()
		next := now.Add(lookAfter[min(doubt.Looks, len(lookAfter)-1)])
		if err := l.Doubts.LookedFor(ctx, doubt.SendID, finding, now, next); err != nil {
			return err
		}
	}
	return nil
}

// notFound says what it means that a mail is not there.
func notFound(filing outreach.Filing) string {
	if filing == outreach.FilesItself {
		return "not in the Sent folder, where this server files what it accepts: it probably never went"
	}
	return "not in the Sent folder, which proves nothing: this server is not known to file what it accepts"
}

// open gives the mailbox and the name of its Sent folder; nil: it has none.
func (l *Looker) open(ctx context.Context, mailbox outreach.MailboxID) (Folder, string, error) {
	folder, err := l.Dial(ctx, mailbox)
	if isNotFound(err) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	name, ok, err := folder.SentFolder(ctx)
	if err != nil || !ok {
		folder.Close()
		return nil, "", err
	}
	return folder, name, nil
}

func (l *Looker) settle(ctx context.Context, doubt outreach.Doubtful) error {
	settled, err := l.Doubts.ProveSent(ctx, doubt.SendID, outreach.EvidenceSentFolder, "it lies in the Sent folder", l.Clock.Now())
	if err != nil {
		return fmt.Errorf("mail %d in doubt: %w", doubt.SendID, err)
	}
	if settled {
		l.Logger.Info("mail in doubt found in the sent folder", "send_id", doubt.SendID, "mailbox", doubt.MailboxID)
	}
	return nil
}
