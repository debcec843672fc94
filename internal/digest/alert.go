package digest

import (
	"context"
	"fmt"

	"drumbeat/internal/outreach"
)

// Alert tells a rep at once about a message. A second call for the same message
// changes nothing: the ledger's key is taken.
func (d *Digester) Alert(ctx context.Context, id outreach.MessageID) error {
	item, err := d.Store.AlertItem(ctx, id)
	if err != nil {
		return err
	}
	rep, err := d.rep(item.RepID)
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	now := d.Clock.Now()
	rep = d.readerFor(rep, now)
	content, err := d.Words.Alert(rep, now, item.DigestReply, d.Pages)
	if err != nil {
		return err
	}
	return d.add(ctx, fmt.Sprintf("alert:%d", id), rep, content)
}

// MailboxStopped tells the rep of a mailbox that it sends no more. Once a day is
// enough.
func (d *Digester) MailboxStopped(ctx context.Context, id outreach.MailboxID, rep outreach.RepID, detail string) error {
	to, err := d.rep(rep)
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	now := d.Clock.Now()
	to = d.readerFor(to, now)
	content := outreach.Content{
		Subject: fmt.Sprintf("Mailbox %s has stopped sending", id),
		Text: fmt.Sprintf("Hello %s,\n\n%smailbox %s cannot send any more. Its server said:\n\n    %s\n\n"+
			"Nothing is lost: what was due waits. When the cause is mended, run\n\n    drumbeat mailbox resume %s\n", to.Name, to.standsIn(), id, detail, id),
	}
	return d.add(ctx, fmt.Sprintf("alert:mailbox:%s:%s", id, outreach.DayOf(now.In(to.Zone))), to, content)
}

// SequencePaused tells the owner of a sequence that its guard has paused it. Once a
// day is enough.
func (d *Digester) SequencePaused(ctx context.Context, id outreach.SequenceID, owner outreach.RepID, reason string) error {
	to, err := d.rep(owner)
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	now := d.Clock.Now()
	to = d.readerFor(to, now)
	content := outreach.Content{
		Subject: fmt.Sprintf("Sequence %s has paused itself", id),
		Text: fmt.Sprintf("Hello %s,\n\n%ssequence %s sends no more: %s.\n\n"+
			"Nothing is lost: what was due waits. Look at the list and the text; to go on, run\n\n    drumbeat sequence resume %s\n", to.Name, to.standsIn(), id, reason, id),
	}
	return d.add(ctx, fmt.Sprintf("alert:sequence:%s:%s", id, outreach.DayOf(now.In(to.Zone))), to, content)
}

// standsIn says whose mail this is, where it is not the reader's own.
func (r Rep) standsIn() string {
	if r.For == "" {
		return ""
	}
	return fmt.Sprintf("You stand in for %s, who is away.\n\n", r.For)
}

func (d *Digester) add(ctx context.Context, key string, rep Rep, content outreach.Content) error {
	now := d.Clock.Now()
	notice, err := d.notice(outreach.PurposeAlert, key, rep, content, now)
	if err != nil {
		return err
	}
	_, err = d.Store.AddNotice(ctx, notice, now)
	return err
}
