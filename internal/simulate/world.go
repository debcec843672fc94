package simulate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/roster"
	"drumbeat/internal/zone"
)

// The numbers that a database would have given.
const (
	theList     outreach.ListID     = 1
	theRevision outreach.RevisionID = 1
)

// lead is a lead and how it will answer.
type lead struct {
	outreach.Lead
	part   Part
	heard  int         // mails that have arrived
	soft   []time.Time // its soft bounces
	suffix string      // registrable domain of the company; empty: none
}

// enrolment is a lead in the sequence.
type enrolment struct {
	outreach.Enrolment
	lead    *lead
	due     time.Time       // of the next step; meaningless when nothing is due
	wanted  time.Time       // since when the next step might have gone, but for what keeps it
	wait    outreach.Reason // why it was put off last
	queued  bool
	mails   int // that have gone
	history outreach.History
	thread  []outreach.Sent // they, oldest first
}

// past notes what became of a step.
func (e *enrolment) past(step outreach.StepID, past outreach.StepPast) {
	if e.history.Steps == nil {
		e.history.Steps = map[outreach.StepID]outreach.StepPast{}
	}
	e.history.Steps[step] = past
}

// mailbox is a mailbox on its way through the days.
type mailbox struct {
	id         outreach.MailboxID
	zone       *time.Location
	paused     bool
	nextSendAt time.Time // no step before this; zero: free
	wait       outreach.Reason
	firstDay   *outreach.Day
	reserved   map[outreach.Day]int
	domains    map[outreach.Day]map[string]int // mails to recipient domains that have a limit
	pauses     map[string]time.Time            // recipient domains that wait
	blocks     []block                         // of late
	followUps  queue
	newLeads   queue
}

// block is a domain that refused a mailbox.
type block struct {
	domain string
	at     time.Time
}

func (m *mailbox) day(now time.Time) outreach.Day { return outreach.DayOf(now.In(m.zone)) }

// queueOf is where an enrolment waits: new leads stand behind follow-ups.
func (m *mailbox) queueOf(e *enrolment) *queue {
	if e.Step == 0 {
		return &m.newLeads
	}
	return &m.followUps
}

// world is the memory in which a simulation runs. It stands in for the database:
// it implements outbound.EnrolStore and outbound.Revisions.
type world struct {
	revision   outreach.Revision
	leads      []*lead      // by number, from 1
	enrolments []*enrolment // by number, from 1
	mailboxes  []*mailbox   // by id
	started    map[outreach.Day]int
	suppressed map[string]bool // addresses, as keys
	record     *transcript
}

func newWorld(r outreach.Revision, team *roster.Roster, leads []outreach.Lead, profile Profile, record *transcript) (*world, error) {
	r.ID = theRevision
	w := &world{revision: r, started: map[outreach.Day]int{}, suppressed: map[string]bool{}, record: record}
	for i, l := range leads {
		l.ID = outreach.LeadID(i + 1)
		if l.Stage == "" {
			l.Stage = outreach.StageNew
		}
		w.leads = append(w.leads, &lead{Lead: l, part: profile.Part(l), suffix: company(l.Email)})
	}
	for _, m := range team.Mailboxes {
		zones, err := zone.Locations(m.Timezone)
		if err != nil || len(zones) != 1 {
			return nil, fmt.Errorf("mailbox %s: %q is not one zone: %w", m.ID, m.Timezone, outreach.ErrInvalid)
		}
		w.mailboxes = append(w.mailboxes, &mailbox{
			id: m.ID, zone: zones[0], reserved: map[outreach.Day]int{}, domains: map[outreach.Day]map[string]int{}, pauses: map[string]time.Time{},
		})
	}
	slices.SortFunc(w.mailboxes, func(a, b *mailbox) int { return strings.Compare(string(a.id), string(b.id)) })
	return w, nil
}

func (w *world) mailbox(id outreach.MailboxID) *mailbox {
	at, found := slices.BinarySearchFunc(w.mailboxes, id, func(m *mailbox, id outreach.MailboxID) int {
		return strings.Compare(string(m.id), string(id))
	})
	if !found {
		return nil
	}
	return w.mailboxes[at]
}

// FindList implements outbound.EnrolStore: the leads of the file are one list.
func (w *world) FindList(context.Context, string) (outreach.ListID, error) { return theList, nil }

// CurrentRevision implements outbound.EnrolStore.
func (w *world) CurrentRevision(context.Context, outreach.SequenceID) (outreach.Revision, error) {
	return w.revision, nil
}

// Revision implements outbound.Revisions.
func (w *world) Revision(context.Context, outreach.RevisionID) (outreach.Revision, error) {
	return w.revision, nil
}

// EnrolCandidates implements outbound.EnrolStore.
func (w *world) EnrolCandidates(_ context.Context, q outreach.EnrolQuery) ([]outreach.EnrolCandidate, error) {
	var page []outreach.EnrolCandidate
	for _, l := range w.leads[min(int(q.After), len(w.leads)):] {
		if len(page) == q.Limit {
			break
		}
		page = append(page, outreach.EnrolCandidate{Lead: l.Lead})
	}
	return page, nil
}

// MailboxLoads implements outbound.EnrolStore: no mailbox has anything to do yet.
func (w *world) MailboxLoads(_ context.Context, ids []outreach.MailboxID) (map[outreach.MailboxID]int, error) {
	loads := make(map[outreach.MailboxID]int, len(ids))
	for _, id := range ids {
		if w.mailbox(id) != nil {
			loads[id] = 0
		}
	}
	return loads, nil
}

// CompanyLoads implements outbound.EnrolStore: nobody is under way yet.
func (w *world) CompanyLoads(context.Context, outreach.SequenceID, []string) (map[string]int, error) {
	return nil, nil
}

// EnrolAlone implements outbound.EnrolStore: nobody else is there.
func (w *world) EnrolAlone(ctx context.Context, run func(context.Context) error) error {
	return run(ctx)
}

// Enrol implements outbound.EnrolStore.
func (w *world) Enrol(_ context.Context, all []outreach.NewEnrolment, at time.Time) (int, error) {
	fresh := make(map[*mailbox][]*enrolment)
	for _, n := range all {
		e := &enrolment{
			Enrolment: outreach.Enrolment{
				ID: outreach.EnrolmentID(len(w.enrolments) + 1), LeadID: n.LeadID, SequenceID: n.SequenceID, RevisionID: n.RevisionID,
				MailboxID: n.MailboxID, Timezone: n.Timezone, State: outreach.EnrolmentActive,
			},
			lead: w.leads[n.LeadID-1], due: n.DueAt, wanted: n.DueAt, queued: true,
		}
		w.enrolments = append(w.enrolments, e)
		fresh[w.mailbox(n.MailboxID)] = append(fresh[w.mailbox(n.MailboxID)], e)
		w.record.happened(e.lead, at, "enrolled", func() string { return n.Detail })
	}
	for m, more := range fresh {
		m.newLeads.merge(more)
	}
	return len(all), nil
}

// Refused implements outbound.EnrolWitness.
func (w *world) Refused(l outreach.Lead, at time.Time, reason outreach.Reason, detail string) {
	w.record.happened(w.leads[l.ID-1], at, "left out", func() string { return strings.TrimSuffix(string(reason)+": "+detail, ": ") })
}

var (
	_ outbound.EnrolStore   = (*world)(nil)
	_ outbound.EnrolWitness = (*world)(nil)
)

// enqueue lets an enrolment wait for its next step.
func (w *world) enqueue(e *enrolment, due time.Time) {
	w.dequeue(e)
	e.due, e.queued = due, true
	w.mailbox(e.MailboxID).queueOf(e).add(e)
}

// dequeue takes it out: it is paused, held or at its end, or its step changes.
func (w *world) dequeue(e *enrolment) {
	if e.queued {
		w.mailbox(e.MailboxID).queueOf(e).remove(e)
		e.queued = false
	}
}
