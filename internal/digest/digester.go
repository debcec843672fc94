// Package digest tells reps what waits for them: one mail a rep and day at
// their hour, with whom to answer first and a draft, and an alert at once for
// what cannot wait. Its mails go through the send ledger like every other. What
// a reply means was decided before; here it is only put in order and into words.
package digest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
)

// Store is what a digest reads and writes.
type Store interface {
	DigestDecided(ctx context.Context, rep outreach.RepID, day outreach.Day) (bool, error)
	DigestItems(ctx context.Context, rep outreach.RepID, day outreach.Day, now time.Time) (outreach.DigestItems, error)
	RecordDigest(ctx context.Context, rep outreach.RepID, day outreach.Day, n *outreach.Notice, told []outreach.DigestLine, now time.Time) error
	AlertItem(ctx context.Context, id outreach.MessageID) (outreach.AlertItem, error)
	AddNotice(ctx context.Context, n outreach.Notice, now time.Time) (bool, error)
}

// Rep is somebody who gets digests.
type Rep struct {
	ID    outreach.RepID
	Name  string
	Email string
	Zone  *time.Location
	At    schedule.TimeOfDay
	Days  schedule.Days
	Away  func(day outreach.Day) bool // tells whether the rep is away; nil: never
	Cover outreach.RepID              // who gets the rep's mails then; empty: nobody
	For   string                      // name of the rep they stand in for; empty: nobody, it is their own mail
}

// Digester makes digests and alerts.
type Digester struct {
	Clock   clock.Clock
	Store   Store
	Reps    []Rep
	Mailbox outreach.MailboxID // notices leave from here
	From    outreach.Address
	Pages   string // address of the operator's pages, shown in the mails; empty: none
	Build   func(outreach.Mail) ([]byte, error)
	// MessageID gives the Message-ID of a notice with this key.
	MessageID func(id outreach.MailboxID, dedupeKey string, now time.Time) string
	Words     *Words
	Logger    *slog.Logger
}

// Tick makes the digests that are due and not yet decided.
func (d *Digester) Tick(ctx context.Context) error {
	now := d.Clock.Now()
	for _, rep := range d.Reps {
		day, due := rep.due(now)
		if !due {
			continue
		}
		decided, err := d.Store.DigestDecided(ctx, rep.ID, day)
		if err != nil {
			return fmt.Errorf("digest of %s: %w", rep.ID, err)
		}
		if decided {
			continue
		}
		if err := d.make(ctx, rep, day, now); err != nil {
			return fmt.Errorf("digest of %s: %w", rep.ID, err)
		}
	}
	return nil
}

// due gives the rep's day, and whether its digest hour has come.
func (r Rep) due(now time.Time) (outreach.Day, bool) {
	local := now.In(r.Zone)
	day := outreach.DayOf(local)
	return day, r.Days.Has(local.Weekday()) && !now.Before(r.hour(day))
}

// hour is the moment of a day's digest.
func (r Rep) hour(day outreach.Day) time.Time {
	return time.Date(day.Year, day.Month, day.Dom, int(r.At)/60, int(r.At)%60, 0, 0, r.Zone)
}

// Next is the earliest digest hour after now; false without reps.
func (d *Digester) Next(now time.Time) (time.Time, bool) {
	var next time.Time
	for _, rep := range d.Reps {
		day := outreach.DayOf(now.In(rep.Zone))
		for range 8 {
			at := rep.hour(day)
			if at.After(now) && rep.Days.Has(day.Weekday()) {
				if next.IsZero() || at.Before(next) {
					next = at.UTC()
				}
				break
			}
			day = day.AddDays(1)
		}
	}
	return next, !next.IsZero()
}

// make writes one digest to the ledger, or that there was nothing to tell.
func (d *Digester) make(ctx context.Context, rep Rep, day outreach.Day, now time.Time) error {
	items, err := d.Store.DigestItems(ctx, rep.ID, day, now)
	if err != nil {
		return err
	}
	if items.Empty() {
		return d.Store.RecordDigest(ctx, rep.ID, day, nil, nil, now)
	}
	reader := d.readerFor(rep, now)
	content, err := d.Words.Digest(reader, day, now, items, d.Pages)
	if err != nil {
		return err
	}
	notice, err := d.notice(outreach.PurposeDigest, fmt.Sprintf("digest:%s:%s", rep.ID, day), reader, content, now)
	if err != nil {
		return err
	}
	d.Logger.Info("digest", "rep", rep.ID, "day", day.String(), "answer", len(items.Answer), "objections", len(items.Objections), "triage", len(items.Triage))
	return d.Store.RecordDigest(ctx, rep.ID, day, &notice, items.Back, now)
}

// notice makes the ledger's row of a mail to a rep.
func (d *Digester) notice(purpose outreach.Purpose, key string, rep Rep, content outreach.Content, now time.Time) (outreach.Notice, error) {
	n := outreach.Notice{
		Purpose: purpose, DedupeKey: key, RFCMessageID: d.MessageID(d.Mailbox, key, now), MailboxID: d.Mailbox, To: rep.Email, DueAt: now,
	}
	if rep.For != "" {
		content.Subject = oneLine("For " + rep.For + ": " + content.Subject)
	}
	raw, err := d.Build(outreach.Mail{
		Content: content, From: d.From, To: outreach.Address{Name: rep.Name, Email: rep.Email},
		RFCMessageID: n.RFCMessageID, Date: now, AutoSubmitted: true,
	})
	if err != nil {
		return n, fmt.Errorf("build %s: %w", purpose, err)
	}
	n.Frozen = outreach.Frozen{Subject: content.Subject, Raw: raw}
	return n, nil
}

// Preview is today's digest of a rep as it would go out now; false: it would be
// empty.
func (d *Digester) Preview(ctx context.Context, id outreach.RepID) (outreach.Content, bool, error) {
	rep, err := d.rep(id)
	if err != nil {
		return outreach.Content{}, false, err
	}
	now := d.Clock.Now()
	day := outreach.DayOf(now.In(rep.Zone))
	items, err := d.Store.DigestItems(ctx, rep.ID, day, now)
	if err != nil || items.Empty() {
		return outreach.Content{}, false, err
	}
	content, err := d.Words.Digest(d.readerFor(rep, now), day, now, items, d.Pages)
	return content, err == nil, err
}

// SendNow writes today's digest of a rep to the ledger whatever the hour; false:
// it is empty, or was decided today already.
func (d *Digester) SendNow(ctx context.Context, id outreach.RepID) (bool, error) {
	rep, err := d.rep(id)
	if err != nil {
		return false, err
	}
	now := d.Clock.Now()
	day := outreach.DayOf(now.In(rep.Zone))
	decided, err := d.Store.DigestDecided(ctx, rep.ID, day)
	if err != nil || decided {
		return false, err
	}
	items, err := d.Store.DigestItems(ctx, rep.ID, day, now)
	if err != nil || items.Empty() {
		return false, err
	}
	return true, d.make(ctx, rep, day, now)
}

// readerFor is who gets a rep's mails now: the rep, or who stands in for them while
// they are away. Where both are away they come to the rep: better late than nowhere.
func (d *Digester) readerFor(rep Rep, now time.Time) Rep {
	if !rep.awayAt(now) || rep.Cover == "" {
		return rep
	}
	cover, err := d.rep(rep.Cover)
	if err != nil || cover.awayAt(now) {
		return rep
	}
	cover.For = rep.Name
	return cover
}

func (r Rep) awayAt(now time.Time) bool {
	return r.Away != nil && r.Away(outreach.DayOf(now.In(r.Zone)))
}

func (d *Digester) rep(id outreach.RepID) (Rep, error) {
	var known []string
	for _, rep := range d.Reps {
		if rep.ID == id {
			return rep, nil
		}
		known = append(known, string(rep.ID))
	}
	return Rep{}, &outreach.Problem{
		Code: "NO_SUCH_REP", Detail: fmt.Sprintf("rep %q", id), Err: outreach.ErrNotFound, Fix: "mailboxes.yaml has the reps: " + strings.Join(known, ", "),
	}
}
