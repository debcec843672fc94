package outbound_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/roster"
	"drumbeat/internal/zone"
)

// enrolDesk is an EnrolStore in memory.
type enrolDesk struct {
	candidates []outreach.EnrolCandidate
	loads      map[outreach.MailboxID]int
	enrolled   []outreach.NewEnrolment
	audience   string // of the sequence; empty: everybody
	companies  map[string]int
	query      outreach.EnrolQuery // the last one
	alone      bool                // no other run is under way
}

func (d *enrolDesk) FindList(_ context.Context, name string) (outreach.ListID, error) {
	if name == "nobody" {
		return 0, fmt.Errorf("list %q: %w", name, outreach.ErrNotFound)
	}
	return 1, nil
}

func (d *enrolDesk) CurrentRevision(context.Context, outreach.SequenceID) (outreach.Revision, error) {
	files := map[string]string{"a.md": "---\nsubject: Hello\n---\nHi there.\n"}
	if d.audience != "" {
		files["icp/growth.yaml"] = "version: 1\nid: growth\ncriteria: [{field: title, contains: [growth], weight: 2}, {field: industry, is: [software]}]\n"
	}
	return outreach.Revision{
		ID: 5, SequenceID: "intro", Number: 2, Templates: files,
		Source: "version: 1\nid: intro\nowner: dana\nsend: {mailboxes: [dana, dana-2]}\nsteps: [{email: a.md}]\n" + d.audience,
	}, nil
}

func (d *enrolDesk) EnrolCandidates(_ context.Context, q outreach.EnrolQuery) ([]outreach.EnrolCandidate, error) {
	if d.query = q; !d.alone {
		return nil, errNotAlone
	}
	var page []outreach.EnrolCandidate
	for _, c := range d.candidates {
		if c.Lead.ID > q.After && len(page) < q.Limit {
			page = append(page, c)
		}
	}
	return page, nil
}

func (d *enrolDesk) MailboxLoads(context.Context, []outreach.MailboxID) (map[outreach.MailboxID]int, error) {
	return d.loads, nil
}

func (d *enrolDesk) CompanyLoads(context.Context, outreach.SequenceID, []string) (map[string]int, error) {
	if !d.alone {
		return nil, errNotAlone
	}
	return d.companies, nil
}

func (d *enrolDesk) Enrol(_ context.Context, all []outreach.NewEnrolment, _ time.Time) (int, error) {
	if !d.alone {
		return 0, errNotAlone
	}
	d.enrolled = append(d.enrolled, all...)
	return len(all), nil
}

func (d *enrolDesk) EnrolAlone(ctx context.Context, run func(context.Context) error) error {
	d.alone = true
	defer func() { d.alone = false }()
	return run(ctx)
}

var errNotAlone = errors.New("another run may be under way")

func (d *enrolDesk) run(t *testing.T) outbound.EnrolReport {
	t.Helper()
	mailboxes := &roster.Roster{Mailboxes: []roster.Mailbox{
		{ID: "dana", Timezone: "Europe/Berlin"}, {ID: "dana-2", Timezone: "Europe/Berlin"},
	}}
	// Monday, 06:00 in Berlin: the window is still shut everywhere in Europe.
	now := time.Date(2031, 3, 3, 5, 0, 0, 0, time.UTC)
	report, err := outbound.Enrol(context.Background(), d, mailboxes, "intro", "march", now, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func candidate(id int, change func(*outreach.EnrolCandidate)) outreach.EnrolCandidate {
	c := outreach.EnrolCandidate{Lead: outreach.Lead{
		ID: outreach.LeadID(id), Email: fmt.Sprintf("p%d@acme.example", id), Stage: outreach.StageNew, Country: "DE",
	}}
	if change != nil {
		change(&c)
	}
	return c
}

func TestLeadsWhoMustNotBeWrittenToAreSkippedWithTheReason(t *testing.T) {
	later, before := time.Date(2031, 8, 1, 0, 0, 0, 0, time.UTC), time.Date(2031, 3, 1, 0, 0, 0, 0, time.UTC)
	d := &enrolDesk{loads: map[outreach.MailboxID]int{"dana": 0}, candidates: []outreach.EnrolCandidate{
		candidate(1, func(c *outreach.EnrolCandidate) { c.Suppressed = true }),
		candidate(2, func(c *outreach.EnrolCandidate) { c.Lead.Stopped = outreach.StopBounced }),
		candidate(3, func(c *outreach.EnrolCandidate) { c.Enrolled = true }),
		candidate(4, func(c *outreach.EnrolCandidate) { c.NoEnrolUntil = &later }),
		candidate(5, func(c *outreach.EnrolCandidate) { c.NoEnrolUntil = &before }),
		candidate(6, func(c *outreach.EnrolCandidate) { c.Lead.Stage = outreach.StageDoNotContact }),
		candidate(7, func(c *outreach.EnrolCandidate) { c.Lead.Stage = outreach.StageQualifying }),
		candidate(8, func(c *outreach.EnrolCandidate) { c.Lead.Stage = outreach.StageWon }),
		candidate(9, nil),
	}}
	report := d.run(t)
	want := map[outreach.Reason]int{
		"suppressed": 1, "lead_stopped": 1, "already_enrolled": 1, "lost_recently": 1, "do_not_contact": 1, "in_conversation": 1, "won": 1,
	}
	if diff := cmp.Diff(want, report.Skipped); diff != "" || report.Enrolled != 2 {
		t.Errorf("enrolled %d, skipped (-want +got):\n%s", report.Enrolled, diff)
	}
}

func TestAnEnrolmentSaysFromWhereInWhoseHoursAndWhenItBegins(t *testing.T) {
	d := &enrolDesk{loads: map[outreach.MailboxID]int{"dana": 0}, candidates: []outreach.EnrolCandidate{
		candidate(1, nil),
		candidate(2, func(c *outreach.EnrolCandidate) { c.Lead.Timezone = "America/New_York" }),
		candidate(3, func(c *outreach.EnrolCandidate) { c.Lead.Country = "US" }),
	}}
	report := d.run(t)
	at := func(hour int) time.Time { return time.Date(2031, 3, 3, hour, 0, 0, 0, time.UTC) }
	want := []outreach.NewEnrolment{
		{LeadID: 1, SequenceID: "intro", RevisionID: 5, MailboxID: "dana", Timezone: "Europe/Berlin", DueAt: at(8),
			Detail: "Begins revision 2 from mailbox dana, in the hours of Europe/Berlin (the country's only zone)."},
		{LeadID: 2, SequenceID: "intro", RevisionID: 5, MailboxID: "dana", Timezone: "America/New_York", DueAt: at(14),
			Detail: "Begins revision 2 from mailbox dana, in the hours of America/New_York (the lead's own zone)."},
		{LeadID: 3, SequenceID: "intro", RevisionID: 5, MailboxID: "dana", Timezone: "country:US", DueAt: at(19),
			Detail: "Begins revision 2 from mailbox dana, in the hours of all zones of US (the country has several)."},
	}
	if diff := cmp.Diff(want, d.enrolled); diff != "" {
		t.Errorf("enrolments (-want +got):\n%s", diff)
	}
	first := at(8)
	if diff := cmp.Diff(&first, report.First); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[zone.Source]int{"country": 1, "lead": 1, "country_hours": 1}, report.Zones); diff != "" {
		t.Errorf("zones (-want +got):\n%s", diff)
	}
}

func TestMailboxesShareTheLeadsAndEachKeepsItsOwn(t *testing.T) {
	deal := func() map[outreach.LeadID]outreach.MailboxID {
		d := &enrolDesk{loads: map[outreach.MailboxID]int{"dana": 10, "dana-2": 0}}
		for id := 1; id <= 2500; id++ {
			d.candidates = append(d.candidates, candidate(id, nil))
		}
		d.candidates[0].MailboxID = "dana" // wrote to the lead before, though it has more to do
		d.candidates[1].MailboxID = "mary" // is none of this sequence's
		d.run(t)
		dealt := make(map[outreach.LeadID]outreach.MailboxID)
		for _, e := range d.enrolled {
			dealt[e.LeadID] = e.MailboxID
		}
		return dealt
	}
	first := deal()
	if diff := cmp.Diff(first, deal()); diff != "" {
		t.Errorf("the same list was dealt out differently:\n%s", diff)
	}
	count := make(map[outreach.MailboxID]int)
	for _, id := range first {
		count[id]++
	}
	if diff := cmp.Diff(map[outreach.MailboxID]int{"dana": 1245, "dana-2": 1255}, count); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
	if first[1] != "dana" || first[2] != "dana-2" {
		t.Errorf("lead 1 got %s, lead 2 got %s", first[1], first[2])
	}
}

func TestAListThatKeepsLeadsOutMustBeThere(t *testing.T) {
	d := &enrolDesk{loads: map[outreach.MailboxID]int{"dana": 0}, audience: "audience: {exclude: {lists: [customers, nobody]}}\n"}
	d.candidates = []outreach.EnrolCandidate{candidate(1, nil)}
	_, err := outbound.Enrol(t.Context(), d, &roster.Roster{}, "intro", "march", time.Date(2031, 3, 3, 5, 0, 0, 0, time.UTC), nil)
	var problem *outreach.Problem
	if !errors.As(err, &problem) || problem.Code != "NO_LIST" || !strings.Contains(problem.Fix, "--list nobody") || len(d.enrolled) != 0 {
		t.Errorf("Enrol: %v, %d enrolled; want NO_LIST about nobody and none", err, len(d.enrolled))
	}
}
