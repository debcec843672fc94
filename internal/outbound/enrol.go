package outbound

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/roster"
	"drumbeat/internal/sequence"
	"drumbeat/internal/zone"
)

// EnrolStore reads candidates and writes enrolments.
type EnrolStore interface {
	FindList(ctx context.Context, name string) (outreach.ListID, error)
	CurrentRevision(ctx context.Context, id outreach.SequenceID) (outreach.Revision, error)
	EnrolCandidates(ctx context.Context, q outreach.EnrolQuery) ([]outreach.EnrolCandidate, error)
	MailboxLoads(ctx context.Context, ids []outreach.MailboxID) (map[outreach.MailboxID]int, error)
	// CompanyLoads counts the leads of companies, by registrable domain, who are under way in a sequence.
	CompanyLoads(ctx context.Context, id outreach.SequenceID, companies []string) (map[string]int, error)
	Enrol(ctx context.Context, all []outreach.NewEnrolment, at time.Time) (int, error)
	// EnrolAlone calls run while nobody else's is under way, and waits for that.
	EnrolAlone(ctx context.Context, run func(context.Context) error) error
}

// EnrolWitness is a store that wants to hear why each lead was skipped; detail says
// it in words where there are some. A simulation tells it of the lead it follows.
type EnrolWitness interface {
	Refused(lead outreach.Lead, at time.Time, reason outreach.Reason, detail string)
}

// Why a lead is not enrolled, beside the reasons not to send.
const (
	reasonDoNotContact   outreach.Reason = "do_not_contact"
	reasonInConversation outreach.Reason = "in_conversation" // a rep is talking to the lead
	reasonWon            outreach.Reason = "won"
	reasonNeverOpens     outreach.Reason = "window_never_opens"
	reasonChanged        outreach.Reason = "changed_meanwhile" // stopped or enrolled between reading and writing
)

// EnrolReport is what became of a list.
type EnrolReport struct {
	Revision int
	Enrolled int
	Skipped  map[outreach.Reason]int
	Zones    map[zone.Source]int // from what the zones of the enrolled were told
	First    *time.Time          // when the first mail is due at the earliest
}

// enrolPage is how many leads are read and written at a time: memory is flat,
// and no lead is locked for long.
const enrolPage = 1000

// Enrol puts the leads of a list into a sequence. A lead who must not be written
// to is skipped and counted. Runs wait for each other: two at once would both count
// the leads of a company, or ask where a lead is under way, before the other has
// written. Progress is told how many leads were looked at; it may be nil.
func Enrol(ctx context.Context, store EnrolStore, mailboxes *roster.Roster, id outreach.SequenceID, list string, now time.Time, progress func(int)) (report EnrolReport, err error) {
	listID, err := store.FindList(ctx, list)
	if err != nil {
		return EnrolReport{}, err
	}
	err = store.EnrolAlone(ctx, func(ctx context.Context) error {
		e, err := newEnroller(ctx, store, mailboxes, id, now)
		if err != nil {
			return err
		}
		err = e.list(ctx, listID, progress)
		report = e.report
		return err
	})
	return report, err
}

// enroller is one run of Enrol.
type enroller struct {
	store    EnrolStore
	roster   *roster.Roster
	sequence *sequence.Sequence
	door     *door
	revision outreach.Revision
	now      time.Time
	loads    map[outreach.MailboxID]int // of the mailboxes to choose from
	due      map[home]*time.Time        // nil: the window never opens
	report   EnrolReport
}

func newEnroller(ctx context.Context, store EnrolStore, mailboxes *roster.Roster, id outreach.SequenceID, now time.Time) (*enroller, error) {
	revision, err := store.CurrentRevision(ctx, id)
	if err != nil {
		return nil, err
	}
	ready, err := parseRevision(revision)
	if err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", revision.Number, id, err)
	}
	ids := ready.Send.Mailboxes
	if len(ids) == 0 {
		ids = mailboxes.MailboxesOf(ready.Owner)
	}
	if err := excludedAreThere(ctx, store, ready.Sequence); err != nil {
		return nil, err
	}
	e := &enroller{
		store: store, roster: mailboxes, sequence: ready.Sequence, door: newDoor(ready), revision: revision, now: now, due: make(map[home]*time.Time),
		report: EnrolReport{Revision: revision.Number, Skipped: make(map[outreach.Reason]int), Zones: make(map[zone.Source]int)},
	}
	if e.loads, err = store.MailboxLoads(ctx, ids); err != nil {
		return nil, err
	}
	if len(e.loads) == 0 {
		return nil, &outreach.Problem{
			Code: "NO_MAILBOX", Detail: fmt.Sprintf("none of the mailboxes of %s can be used: %v", id, ids), Err: outreach.ErrInvalid,
			Fix: "drumbeat mailbox list shows why; a mailbox that is new in mailboxes.yaml needs drumbeat sequence apply",
		}
	}
	return e, nil
}

// excludedAreThere refuses a sequence that leaves out a list which does not exist: a
// slip in its name would let in the very leads that must not hear from us.
func excludedAreThere(ctx context.Context, store EnrolStore, s *sequence.Sequence) error {
	for _, name := range s.Audience.Exclude.Lists {
		_, err := store.FindList(ctx, name)
		if errors.Is(err, outreach.ErrNotFound) {
			return &outreach.Problem{
				Code: "NO_LIST", Detail: fmt.Sprintf("%s keeps the list %q out, and there is no such list", s.ID, name), Err: outreach.ErrInvalid,
				Fix: fmt.Sprintf("drumbeat lead import FILE.csv --list %s makes it; or mend audience: exclude: lists: and apply", name),
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list enrols the leads of a list, a page at a time.
func (e *enroller) list(ctx context.Context, id outreach.ListID, progress func(int)) error {
	query := e.door.query(outreach.EnrolQuery{ListID: id, SequenceID: e.sequence.ID, Limit: enrolPage}, e.now)
	for seen := 0; ; {
		page, err := e.store.EnrolCandidates(ctx, query)
		if err != nil {
			return err
		}
		if err := e.enrol(ctx, page); err != nil {
			return err
		}
		seen += len(page)
		if progress != nil {
			progress(seen)
		}
		if len(page) < enrolPage {
			return nil
		}
		query.After = page[len(page)-1].Lead.ID
	}
}

// enrol writes a page of leads.
func (e *enroller) enrol(ctx context.Context, page []outreach.EnrolCandidate) error {
	if err := e.door.look(ctx, e.store, e.sequence.ID, page); err != nil {
		return err
	}
	var all []outreach.NewEnrolment
	witness, _ := e.store.(EnrolWitness)
	for _, candidate := range page {
		enrolment, reason := e.consider(candidate)
		if reason != outreach.ReasonNone {
			e.report.Skipped[reason]++
			if witness != nil {
				witness.Refused(candidate.Lead, e.now, reason, strings.TrimSpace(enrolment.Detail))
			}
			continue
		}
		all = append(all, enrolment)
	}
	if len(all) == 0 {
		return nil
	}
	enrolled, err := e.store.Enrol(ctx, all, e.now)
	if err != nil {
		return err
	}
	e.report.Enrolled += enrolled
	if changed := len(all) - enrolled; changed > 0 {
		e.report.Skipped[reasonChanged] += changed
	}
	return nil
}

// consider plans the enrolment of a candidate, or says why there is none; then its
// Detail may say more.
func (e *enroller) consider(c outreach.EnrolCandidate) (outreach.NewEnrolment, outreach.Reason) {
	if reason := refuseCandidate(c, e.now); reason != outreach.ReasonNone {
		return outreach.NewEnrolment{}, reason
	}
	reason, fit := e.door.refuse(c)
	if reason != outreach.ReasonNone {
		return outreach.NewEnrolment{Detail: fit}, reason
	}
	enrolment, reason := e.plan(c)
	if reason == outreach.ReasonNone {
		e.door.enter(c.Lead)
		enrolment.Detail += fit
	}
	return enrolment, reason
}

// refuseCandidate says why a lead must not begin a sequence.
func refuseCandidate(c outreach.EnrolCandidate, now time.Time) outreach.Reason {
	switch {
	case c.Suppressed:
		return outreach.ReasonSuppressed
	case c.Lead.Stage == outreach.StageDoNotContact:
		return reasonDoNotContact
	case c.Enrolled:
		return outreach.ReasonAlreadyEnrolled
	case c.Lead.Stopped != "":
		return outreach.ReasonLeadStopped
	case c.NoEnrolUntil != nil && c.NoEnrolUntil.After(now):
		return outreach.ReasonRecentlyObjected
	}
	switch c.Lead.Stage {
	case outreach.StageQualifying, outreach.StagePresenting, outreach.StageClosing:
		return reasonInConversation
	case outreach.StageWon:
		return reasonWon
	}
	return outreach.ReasonNone
}

// plan chooses mailbox, zone and the time of the first step.
func (e *enroller) plan(c outreach.EnrolCandidate) (outreach.NewEnrolment, outreach.Reason) {
	mailbox := e.choose(c)
	entry, _ := e.roster.Mailbox(mailbox)
	place := e.sequence.Send.ZoneFor(c.Lead, entry.Timezone, e.now)
	due := e.dueIn(home{place.Name, c.Lead.Country}, c.Lead)
	if due == nil {
		return outreach.NewEnrolment{}, reasonNeverOpens
	}
	e.loads[mailbox]++
	e.report.Zones[place.Source]++
	if e.report.First == nil || due.Before(*e.report.First) {
		e.report.First = due
	}
	return outreach.NewEnrolment{
		LeadID: c.Lead.ID, SequenceID: e.sequence.ID, RevisionID: e.revision.ID, MailboxID: mailbox, Timezone: place.Name, DueAt: *due,
		Detail: fmt.Sprintf("Begins revision %d from mailbox %s, in the hours of %s (%s).",
			e.revision.Number, mailbox, zoneName(place), zoneWords(place.Source)),
	}, outreach.ReasonNone
}

// choose gives the mailbox that has written to the lead before, else the one
// with the fewest leads; a hash of lead and mailbox breaks a tie, so that the
// same list is dealt out the same way every time.
func (e *enroller) choose(c outreach.EnrolCandidate) outreach.MailboxID {
	if _, usable := e.loads[c.MailboxID]; usable {
		return c.MailboxID
	}
	var best outreach.MailboxID
	for id, load := range e.loads {
		if best == "" || load < e.loads[best] || load == e.loads[best] && draw(c.Lead, id) < draw(c.Lead, best) {
			best = id
		}
	}
	return best
}

func draw(lead outreach.Lead, id outreach.MailboxID) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s", outreach.AddressKey(lead.Email), id)
	return h.Sum64()
}

// home is what the leads share for whom the first step is due at one time: their
// hours and their holidays.
type home struct{ zone, country string }

// dueIn is when the first step is due for the leads of a home; nil when the window
// never opens.
func (e *enroller) dueIn(at home, lead outreach.Lead) *time.Time {
	due, known := e.due[at]
	if known {
		return due
	}
	if calendar, err := e.sequence.Send.Calendar(at.zone, lead); err == nil {
		if first, ok := calendar.Due(e.now, e.sequence.Steps[0].Wait); ok {
			due = &first
		}
	}
	e.due[at] = due
	return due
}

// zoneName says for people which clock counts.
func zoneName(z zone.Zone) string {
	if country, whole := strings.CutPrefix(z.Name, "country:"); whole {
		return "all zones of " + country
	}
	return z.Name
}

// zoneWords says for people from what a zone was told.
func zoneWords(source zone.Source) string {
	words := map[zone.Source]string{
		zone.FromLead: "the lead's own zone", zone.FromRegion: "from the region", zone.FromCountry: "the country's only zone",
		zone.FromCountryHours: "the country has several", zone.FromFallback: "the sequence's fallback",
		zone.FromMailbox: "the mailbox's zone", zone.FromSequence: "set by the sequence",
	}
	return words[source]
}

// SkipReasons lists the reasons of a report in a fixed order, for tables.
func (r EnrolReport) SkipReasons() []outreach.Reason {
	var all []outreach.Reason
	for reason := range r.Skipped {
		all = append(all, reason)
	}
	slices.Sort(all)
	return all
}
