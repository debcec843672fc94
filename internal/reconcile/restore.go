package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/sequence"
)

// RestoredLedger is a ledger that was restored from a backup.
type RestoredLedger interface {
	// RestoreSends takes mails in that went and are not known; mails whose enrolment
	// is not there, or is another lead's, are passed over. The count is of the others.
	RestoreSends(ctx context.Context, mails []outreach.Forgotten, now time.Time) (int, error)
	// NewestSend is the moment of the last commit point that the ledger knows.
	NewestSend(ctx context.Context) (time.Time, error)
	// UnsettledOf gives what the ledger knows of mails by their Message-IDs: those that
	// it does not know at all, and those that it does not know to be sent.
	UnsettledOf(ctx context.Context, messageIDs []string) (unknown []string, unsettled []outreach.Forgotten, err error)
	// StandingOf gives the enrolments of people in a mailbox that go on.
	StandingOf(ctx context.Context, mailbox outreach.MailboxID, emails []string) ([]outreach.Standing, error)
	HoldForRep(ctx context.Context, e outreach.Standing, note string, now time.Time) error
}

// SentMail is a mail of ours in a Sent folder.
type SentMail struct {
	RFCMessageID string
	To           string
	At           time.Time
}

// Restore finds again what a restored ledger has forgotten. It may run any number
// of times.
type Restore struct {
	Notes  Notes
	Ledger RestoredLedger
	Steps  func(ctx context.Context, id outreach.RevisionID) (*sequence.Sequence, error)
	Clock  clock.Clock
}

// Spool takes in what this machine has noted. The files are given back locked: they
// are removed when the hold ends, else released. One that somebody else holds at
// this moment stays, and holds the sending again if need be.
func (r *Restore) Spool(ctx context.Context) (outreach.Restored, []Orphan, error) {
	orphans, err := r.Notes.Orphans()
	if err != nil {
		return outreach.Restored{}, nil, err
	}
	var mails []outreach.Forgotten
	for _, orphan := range orphans {
		notes, _ := orphan.Accepted()
		for _, note := range notes {
			if mail, ok := forgotten(note); ok {
				mails = append(mails, mail)
			}
		}
	}
	marked, err := r.Ledger.RestoreSends(ctx, mails, r.Clock.Now())
	return outreach.Restored{Marked: marked}, orphans, err
}

// forgotten reads the step out of a note's key. Mails to reps have none: one that
// comes twice does no harm.
func forgotten(note outreach.Accepted) (outreach.Forgotten, bool) {
	rest, isStep := strings.CutPrefix(note.DedupeKey, "step:")
	number, step, found := strings.Cut(rest, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	return outreach.Forgotten{
		RFCMessageID: note.RFCMessageID, DedupeKey: note.DedupeKey, EnrolmentID: outreach.EnrolmentID(id), StepID: outreach.StepID(step),
		StepIndex: note.StepIndex, Recipient: note.Recipient, At: note.At, By: outreach.EvidenceSpool,
	}, isStep && found && err == nil
}

// SentFolder takes in what lies in a mailbox's Sent folder. Where it is not clear
// which step a mail was, the rep decides. Strangers are the addresses of mails to
// people whom the database does not know at all.
func (r *Restore) SentFolder(ctx context.Context, mailbox outreach.MailboxID, found []SentMail) (restored outreach.Restored, strangers []string, err error) {
	byID := map[string]SentMail{}
	var ids []string
	for _, mail := range found {
		byID[mail.RFCMessageID] = mail
		ids = append(ids, mail.RFCMessageID)
	}
	unknown, mails, err := r.Ledger.UnsettledOf(ctx, ids)
	if err != nil {
		return restored, nil, err
	}
	for i := range mails {
		mail := byID[mails[i].RFCMessageID]
		mails[i].At, mails[i].By, mails[i].Recipient = mail.At, outreach.EvidenceSentFolder, outreach.RecipientMark(mail.RFCMessageID, mail.To)
	}
	byPerson := map[string][]SentMail{}
	for _, id := range unknown {
		person := outreach.AddressKey(byID[id].To)
		byPerson[person] = append(byPerson[person], byID[id])
	}
	placed, strangers, err := r.place(ctx, mailbox, byPerson, &restored)
	if err != nil {
		return restored, nil, err
	}
	restored.Marked, err = r.Ledger.RestoreSends(ctx, append(mails, placed...), r.Clock.Now())
	return restored, strangers, err
}

// place finds the steps of mails that the ledger has no row for: those that come
// next in the person's only sequence, in the order in which the mails went.
func (r *Restore) place(ctx context.Context, mailbox outreach.MailboxID, byPerson map[string][]SentMail, restored *outreach.Restored) (placed []outreach.Forgotten, strangers []string, err error) {
	people := make([]string, 0, len(byPerson))
	for person := range byPerson {
		people = append(people, person)
	}
	slices.Sort(people)
	standing, err := r.Ledger.StandingOf(ctx, mailbox, people)
	if err != nil {
		return nil, nil, err
	}
	for _, person := range people {
		var theirs []outreach.Standing
		for _, s := range standing {
			if outreach.AddressKey(s.Email) == person {
				theirs = append(theirs, s)
			}
		}
		mails := byPerson[person]
		slices.SortFunc(mails, func(a, b SentMail) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.RFCMessageID, b.RFCMessageID))
		})
		if len(theirs) == 0 {
			strangers = append(strangers, person)
			continue
		}
		fits, ok := []outreach.Forgotten(nil), false
		if len(theirs) == 1 {
			if fits, ok, err = r.fit(ctx, theirs[0], mails); err != nil {
				return nil, nil, err
			}
		}
		if ok {
			placed = append(placed, fits...)
			continue
		}
		for _, s := range theirs {
			note := fmt.Sprintf("After a restore %d mails to this lead lie in the Sent folder that the database does not know. Look which steps they were.", len(mails))
			if err := r.Ledger.HoldForRep(ctx, s, note, r.Clock.Now()); err != nil {
				return nil, nil, err
			}
			restored.Held++
		}
	}
	return placed, strangers, nil
}

// fit gives each mail the next email step; false: there are fewer steps than mails.
func (r *Restore) fit(ctx context.Context, s outreach.Standing, mails []SentMail) ([]outreach.Forgotten, bool, error) {
	plan, err := r.Steps(ctx, s.RevisionID)
	if err != nil {
		return nil, false, err
	}
	var fits []outreach.Forgotten
	for i := s.Step; i < len(plan.Steps) && len(fits) < len(mails); i++ {
		if plan.Steps[i].Email == nil {
			continue
		}
		mail := mails[len(fits)]
		fits = append(fits, outreach.Forgotten{
			RFCMessageID: mail.RFCMessageID, DedupeKey: fmt.Sprintf("step:%d:%s", s.EnrolmentID, plan.Steps[i].ID), EnrolmentID: s.EnrolmentID,
			StepID: plan.Steps[i].ID, StepIndex: i, Recipient: outreach.RecipientMark(mail.RFCMessageID, mail.To), At: mail.At, By: outreach.EvidenceSentFolder,
		})
	}
	return fits, len(fits) == len(mails), nil
}
