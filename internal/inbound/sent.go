package inbound

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"drumbeat/internal/outreach"
)

// SentFolder is what a session may know beside Session: where the account keeps
// what it sent.
type SentFolder interface {
	// SentFolder gives the folder's name; ok is false when there is none.
	SentFolder(ctx context.Context) (name string, ok bool, err error)
}

// readSent looks through the mail that the mailbox sent. What a rep wrote to a lead
// by hand holds the lead's enrolments: whoever talks to a person needs no machine
// to write between. Copies of our own mail are passed over; of all other mail
// nothing is kept, and no body is fetched.
func (r *Reader) readSent(ctx context.Context, session Session, pass outreach.InboxPass) error {
	finder, can := session.(SentFolder)
	if !can || pass.Since == nil {
		return nil
	}
	folder, ok, err := finder.SentFolder(ctx)
	if err != nil || !ok {
		return err
	}
	_, err = r.readFolder(ctx, session, folder, pass, r.takeSentPage)
	if errors.Is(err, outreach.ErrNotFound) {
		return nil
	}
	return err
}

// takeSentPage notes what was written by hand on a page and moves the cursor
// behind it.
func (r *Reader) takeSentPage(ctx context.Context, _ Session, cursor *outreach.InboxCursor, page []outreach.MailHeader, _ outreach.InboxPass) (int, error) {
	sights := r.fresh(cursor, page)
	if len(sights) == 0 {
		return 0, nil
	}
	for i := range sights {
		sights[i].writers = sights[i].header.recipients()
		sights[i].machine = true // nobody's company is asked about
	}
	about, err := knownAbout(ctx, r.Inbox, r.MailboxID, sights, r.Clock.Now())
	if err != nil {
		return 0, err
	}
	batch := outreach.SentBatch{Cursor: *cursor, At: r.Clock.Now()}
	for _, s := range sights {
		batch.Cursor.LastUID = s.mail.UID
		if leads := about.writtenTo(s); len(leads) > 0 && !r.isCopy(about, s) {
			batch.Mails = append(batch.Mails, outreach.Handwritten{ContentKey: s.header.contentKey(), WrittenAt: s.mail.InternalDate, Leads: leads})
		}
	}
	held, err := r.Inbox.HoldHandwritten(ctx, batch)
	if err != nil {
		return 0, fmt.Errorf("hold for a rep's own mail: %w", err)
	}
	*cursor = batch.Cursor
	if held > 0 {
		r.Log.InfoContext(ctx, "a rep wrote by hand", "mailbox", r.MailboxID, "held", held)
	}
	return 0, nil
}

// isCopy tells copies of mail that we sent, also where the server has given them
// a Message-ID of its own: only ours name a way to unsubscribe that holds our
// token. What a machine answered in the rep's name was not written by hand
// either.
func (r *Reader) isCopy(about known, s sight) bool {
	if _, ours := about.sent[s.id]; ours || len(r.Tokens.Find(s.id)) > 0 {
		return true
	}
	auto := strings.ToLower(s.header.get("Auto-Submitted"))
	return len(r.Tokens.Find(s.header.all("List-Unsubscribe"))) > 0 || auto != "" && !strings.HasPrefix(auto, "no")
}

// writtenTo lists the leads that a mail went to, or whose thread it goes on.
func (k known) writtenTo(s sight) []outreach.LeadID {
	var leads []outreach.LeadID
	add := func(id outreach.LeadID) {
		for _, known := range leads {
			if known == id {
				return
			}
		}
		if id != 0 {
			leads = append(leads, id)
		}
	}
	for _, key := range s.writers {
		add(k.leads[key])
	}
	for _, id := range s.answers {
		add(k.sent[id].LeadID)
	}
	return leads
}
