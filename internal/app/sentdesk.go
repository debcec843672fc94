package app

import (
	"context"
	"sync"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reconcile"
	"drumbeat/internal/roster"
	"drumbeat/internal/spool"
)

// sentEvery is how often the Sent folders are seen to, in machine time.
const sentEvery = time.Minute

// sentDesk sees to the Sent folders: it looks there for mails in doubt, and files
// copies of what this machine has sent.
type sentDesk struct {
	base   *Base
	team   *Team
	looker *reconcile.Looker // nil: this process does not look
	filer  *reconcile.Filer  // nil: it keeps no copies
	copies *copies
}

func (e *Engine) newSentDesk(ctx context.Context) (*sentDesk, error) {
	d := &sentDesk{base: e.base, team: e.options.Team}
	b := e.base
	if e.options.Roles.Inbox {
		d.looker = &reconcile.Looker{Doubts: b.DB, Dial: d.dial, Clock: b.Clock, Logger: b.Logger}
	}
	if e.kept == nil {
		return d, nil
	}
	d.copies = &copies{files: spool.Copies{Dir: e.kept.dir}, skip: map[outreach.MailboxID]bool{}}
	d.filer = &reconcile.Filer{
		Copies: d.copies, Known: b.DB, Filings: b.DB, Dial: d.dial, Auto: map[outreach.MailboxID]bool{}, Clock: b.Clock, Logger: b.Logger, Learnt: d.copies.learn,
	}
	for _, m := range d.team.Mailboxes {
		switch {
		case m.IMAP == nil || m.SentCopy == roster.SentCopyNone:
			d.copies.skip[m.ID] = true
		case m.SentCopy == roster.SentCopyAuto:
			filing, err := b.DB.FilesSent(ctx, m.ID)
			if err != nil {
				return nil, err
			}
			d.filer.Auto[m.ID] = true
			d.copies.learn(m.ID, filing)
		}
	}
	e.sender.Copies = d.copies
	return d, nil
}

// dial opens a mailbox that is read.
func (d *sentDesk) dial(ctx context.Context, id outreach.MailboxID) (reconcile.Folder, error) {
	m, ok := d.team.Mailbox(id)
	if !ok || m.IMAP == nil {
		return nil, outreach.ErrNotFound
	}
	session, err := OpenIMAP(ctx, m)
	if err != nil {
		return nil, err
	}
	return session, nil
}

// run sees to everything until ctx ends.
func (d *sentDesk) run(ctx context.Context, every time.Duration) {
	clock.Machine{}.Every(ctx, every, nil, func(ctx context.Context) {
		if d.looker != nil {
			if err := d.looker.Look(ctx); err != nil && ctx.Err() == nil {
				d.base.Logger.Error("mails in doubt not looked for", "error", err)
			}
		}
		if d.filer != nil {
			d.file(ctx)
		}
	})
}

func (d *sentDesk) file(ctx context.Context) {
	for _, m := range d.team.Mailboxes {
		if err := d.filer.File(ctx, m.ID); err != nil && ctx.Err() == nil {
			d.base.Logger.Warn("copies not filed", "mailbox", m.ID, "error", err)
		}
	}
}

// copies are the files of this machine, of the mailboxes whose servers do not file
// by themselves.
type copies struct {
	files spool.Copies
	mu    sync.Mutex
	skip  map[outreach.MailboxID]bool
}

// dropErased removes the copies that wait on this machine for the Sent folders and
// whose leads were erased.
func (b *Base) dropErased(ctx context.Context) error {
	if b.StateDir == "" {
		return nil
	}
	id, err := b.DB.InstallationID(ctx)
	if err != nil {
		return err
	}
	mailboxes, err := b.DB.MailboxViews(ctx, b.Clock.Now())
	if err != nil {
		return err
	}
	waiting := &copies{files: spool.Copies{Dir: spoolDir(b.StateDir, id)}}
	for _, m := range mailboxes {
		if _, err := reconcile.DropErased(ctx, b.DB, waiting, m.ID); err != nil {
			return err
		}
	}
	return nil
}

// Keep implements outbound.Copies.
func (c *copies) Keep(id outreach.MailboxID, rfcMessageID string, at time.Time, raw []byte) error {
	c.mu.Lock()
	skip := c.skip[id]
	c.mu.Unlock()
	if skip {
		return nil
	}
	return c.files.Add(id, rfcMessageID, at, raw)
}

// learn stops copies of a mailbox whose server files by itself.
func (c *copies) learn(id outreach.MailboxID, filing outreach.Filing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skip[id] = filing == outreach.FilesItself
}

// Waiting implements reconcile.Copies.
func (c *copies) Waiting(id outreach.MailboxID) ([]reconcile.Copy, error) {
	found, err := c.files.Waiting(id)
	all := make([]reconcile.Copy, len(found))
	for i, f := range found {
		all[i] = keptCopy{f}
	}
	return all, err
}

// Lock implements reconcile.Copies.
func (c *copies) Lock(id outreach.MailboxID) (func(), error) { return c.files.Lock(id) }

type keptCopy struct{ spool.Copy }

func (k keptCopy) MessageID() string { return k.RFCMessageID }
func (k keptCopy) SentAt() time.Time { return k.At }
