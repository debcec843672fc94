package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reconcile"
	"drumbeat/internal/roster"
	"drumbeat/internal/token"
)

// RestoreReport is what was found again after the database had been restored.
type RestoreReport struct {
	Hold      outreach.Hold // zero: nothing was held
	FromSpool int           // mails that this machine had noted
	FromSent  int           // mails that lay in Sent folders
	Held      int           // enrolments that wait for a person
	Strangers []string      // addresses in Sent folders that the database does not know
	Unread    []string      // mailboxes whose Sent folder could not be read, and why
	Resumed   bool
}

const (
	sentPage      = 200                 // headers at a time
	beforeRestore = 48 * time.Hour      // how far behind the last known mail a Sent folder is read
	unknownPast   = 30 * 24 * time.Hour // how far when the database knows of no mail
)

// AfterRestore marks what the spool and the Sent folders know and the database has
// forgotten, and with confirm ends the hold. It may run any number of times.
func (b *Base) AfterRestore(ctx context.Context, confirm bool) (report RestoreReport, err error) {
	if report.Hold, err = b.DB.Hold(ctx); err != nil || !report.Hold.Held() {
		return report, err
	}
	team, err := b.LoadTeam()
	if err != nil {
		return report, err
	}
	id, err := b.DB.InstallationID(ctx)
	if err != nil {
		return report, err
	}
	dir := spoolDir(b.StateDir, id)
	scripts := &outbound.Scripts{Revisions: b.DB}
	restore := &reconcile.Restore{Notes: orphans(dir), Ledger: b.DB, Steps: scripts.Sequence, Clock: b.Clock}
	noted, files, err := restore.Spool(ctx)
	defer func() {
		for _, file := range files {
			if !report.Resumed || file.Remove() != nil { // what stays is replayed, and tells nothing new
				file.Release()
			}
		}
	}()
	if err != nil {
		return report, err
	}
	report.FromSpool = noted.Marked
	if err := b.sentFolders(ctx, team, restore, &report); err != nil {
		return report, err
	}
	if !confirm {
		return report, nil
	}
	return report, b.endHold(ctx, dir, id, &report)
}

// sentFolders goes through the mailboxes; one that cannot be read is named.
func (b *Base) sentFolders(ctx context.Context, team *Team, restore *reconcile.Restore, report *RestoreReport) error {
	since, err := b.DB.NewestSend(ctx)
	if err != nil {
		return err
	}
	if since.IsZero() {
		since = b.Clock.Now().Add(beforeRestore - unknownPast)
	}
	for _, m := range team.Mailboxes {
		if m.IMAP == nil {
			report.Unread = append(report.Unread, string(m.ID)+": it has no imap:")
			continue
		}
		found, err := b.sentMails(ctx, team, m, since.Add(-beforeRestore))
		if err != nil {
			report.Unread = append(report.Unread, fmt.Sprintf("%s: %v", m.ID, err))
			continue
		}
		restored, strangers, err := restore.SentFolder(ctx, m.ID, found)
		if err != nil {
			return err
		}
		report.FromSent, report.Held = report.FromSent+restored.Marked, report.Held+restored.Held
		report.Strangers = append(report.Strangers, strangers...)
	}
	return nil
}

// sentMails lists the mails of ours to leads in a mailbox's Sent folder.
func (b *Base) sentMails(ctx context.Context, team *Team, m roster.Mailbox, since time.Time) (found []reconcile.SentMail, err error) {
	session, err := OpenIMAP(ctx, m)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	folder, ok, err := session.SentFolder(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errors.New("it has no Sent folder")
	}
	if _, err := session.Select(ctx, folder); err != nil {
		return nil, err
	}
	keys := token.NewKeys(b.Secret)
	for last := uint32(0); ; {
		headers, err := session.Headers(ctx, last, since, sentPage)
		if err != nil || len(headers) == 0 {
			return found, err
		}
		for _, header := range headers {
			last = header.UID
			if mail, ok := ourMail(header, keys); ok && !team.isRep(mail.To) {
				found = append(found, mail)
			}
		}
	}
}

// ourMail reads a header that carries our token.
func ourMail(h outreach.MailHeader, keys token.Keys) (reconcile.SentMail, bool) {
	message, err := mail.ReadMessage(bytes.NewReader(h.Raw))
	if err != nil {
		return reconcile.SentMail{}, false
	}
	id := message.Header.Get("Message-ID")
	to, err := message.Header.AddressList("To")
	if _, ours := keys.Verify(id); !ours || err != nil || len(to) != 1 {
		return reconcile.SentMail{}, false
	}
	at, err := message.Header.Date()
	if err != nil {
		at = h.InternalDate
	}
	return reconcile.SentMail{RFCMessageID: id, To: to[0].Address, At: at.UTC()}, true
}

func (t *Team) isRep(address string) bool {
	return slices.ContainsFunc(t.Reps, func(r roster.Rep) bool { return outreach.AddressKey(r.Email) == outreach.AddressKey(address) })
}

// endHold lets sending go on, in an epoch above every one that was seen.
func (b *Base) endHold(ctx context.Context, dir, id string, report *RestoreReport) error {
	var client *redis.Client
	if b.Config.RedisURL != "" {
		options, err := b.StartRedis(ctx, false)
		if err != nil {
			return err
		}
		client = redis.NewClient(options)
		defer client.Close()
	}
	var seen outreach.Mark
	for _, keeper := range markKeepers(dir, client, id) {
		mark, ok, err := keeper.Kept(ctx)
		if err != nil {
			return err
		}
		if ok && seen.Behind(mark) {
			seen = mark
		}
	}
	if err := b.DB.ResumeAll(ctx, seen); err != nil {
		return err
	}
	report.Resumed = true
	return nil
}
