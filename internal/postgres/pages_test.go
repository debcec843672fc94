package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
)

// enrolledLead gives a database with one lead, Ann, in the sequence "intro" of
// the mailbox dana.
func enrolledLead(t *testing.T) (*postgres.DB, outreach.Lead) {
	t.Helper()
	ctx, db := context.Background(), pgtest.New(t)
	importLeads(t, db, outreach.Lead{Email: "ann@acme.example", FirstName: "Ann", LastName: "Lee", Company: "Acme"})
	lead, err := db.FindLead(ctx, "ANN@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SaveMailboxes(ctx, []outreach.MailboxRecord{
		{ID: "dana", Address: "dana@ours.example", RepID: "dana", Timezone: "Europe/Berlin"},
	}); err != nil {
		t.Fatal(err)
	}
	revision, _, err := db.SaveRevision(ctx, outreach.SequenceHead{ID: "intro", Name: "Introduction", Owner: "dana"},
		outreach.Revision{Source: "version: 1", Templates: map[string]string{"a.md": "Hi"}}, "sum-1", monday)
	if err != nil {
		t.Fatal(err)
	}
	n, err := db.Enrol(ctx, []outreach.NewEnrolment{{
		LeadID: lead.ID, SequenceID: "intro", RevisionID: revision.ID, MailboxID: "dana", Timezone: "Europe/Berlin",
		DueAt: monday.Add(time.Hour), Detail: "Writes from dana.",
	}}, monday)
	if err != nil || n != 1 {
		t.Fatalf("Enrol = %d, %v", n, err)
	}
	return db, lead
}

func TestAStoryTellsWhereALeadStandsAndWhy(t *testing.T) {
	t.Parallel()
	db, lead := enrolledLead(t)
	story, err := db.Story(context.Background(), lead.ID)
	if err != nil {
		t.Fatal(err)
	}
	due := monday.Add(time.Hour)
	want := outreach.Story{
		Lead: lead, CreatedAt: monday, Lists: []string{"march"},
		Enrolments: []outreach.EnrolmentView{{
			Enrolment: outreach.Enrolment{
				LeadID: lead.ID, SequenceID: "intro", MailboxID: "dana", Timezone: "Europe/Berlin",
				State: outreach.EnrolmentActive, DueAt: &due,
			},
			SequenceName: "Introduction", Revision: 1, CreatedAt: monday,
		}},
		Decisions: []outreach.Decision{{
			At: monday, Kind: "enrolled", Reason: "intro", Actor: "drumbeat", Detail: "Writes from dana.", SequenceID: "intro",
		}},
	}
	ids := cmpopts.IgnoreFields(outreach.Enrolment{}, "ID", "RevisionID")
	if diff := cmp.Diff(want, story, ids, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("story (-want +got):\n%s", diff)
	}
}

func TestAStepIsSaidToWaitForItsMailboxWhenThatLastsLonger(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, lead := enrolledLead(t)
	tomorrow := monday.AddDate(0, 0, 1)
	if err := db.DelayMailbox(ctx, "dana", tomorrow, outreach.ReasonMailboxCap); err != nil {
		t.Fatal(err)
	}
	waits := func(wantReason outreach.Reason) {
		t.Helper()
		story, err := db.Story(ctx, lead.ID)
		if err != nil {
			t.Fatal(err)
		}
		e := story.Enrolments[0]
		if e.WaitReason != wantReason || e.DueAt == nil || !e.DueAt.Equal(tomorrow) {
			t.Errorf("waits for %q until %v, want %q until %v", e.WaitReason, e.DueAt, wantReason, tomorrow)
		}
	}
	waits(outreach.ReasonMailboxCap)
	if err := db.PauseMailbox(ctx, "dana", postgres.Act{At: monday, Actor: "tester"}); err != nil {
		t.Fatal(err)
	}
	waits(outreach.ReasonMailboxPaused)
}

func TestALeadIsEnrolledOnceAndNeverWhenStopped(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, lead := enrolledLead(t)
	revision, err := db.CurrentRevision(ctx, "intro")
	if err != nil {
		t.Fatal(err)
	}
	importLeads(t, db, outreach.Lead{Email: "bob@acme.example"})
	bob, err := db.FindLead(ctx, "bob@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.StopLeads(ctx, []outreach.LeadID{bob.ID}, outreach.StopByRep, postgres.Act{At: monday, Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	again := func(id outreach.LeadID) outreach.NewEnrolment {
		return outreach.NewEnrolment{LeadID: id, SequenceID: "intro", RevisionID: revision.ID, MailboxID: "dana", Timezone: "UTC", DueAt: monday}
	}
	n, err := db.Enrol(ctx, []outreach.NewEnrolment{again(lead.ID), again(bob.ID)}, monday)
	if err != nil || n != 0 {
		t.Errorf("Enrol = %d, %v; want nobody", n, err)
	}
}

func TestStatusCountsEverythingOnce(t *testing.T) {
	t.Parallel()
	db, _ := enrolledLead(t)
	status, err := db.Status(context.Background(), monday, monday.Truncate(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	due := monday.Add(time.Hour)
	want := outreach.Status{
		At: monday, NextDue: &due,
		Census:    outreach.Census{Leads: map[outreach.Stage]int{"new": 1}, Enrolments: map[outreach.EnrolmentState]int{"active": 1}},
		Mailboxes: []outreach.MailboxView{{ID: "dana", Address: "dana@ours.example", RepID: "dana", Timezone: "Europe/Berlin", Active: 1}},
		Sequences: []outreach.SequenceView{{
			ID: "intro", Name: "Introduction", Owner: "dana", Revision: 1, Enrolments: map[outreach.EnrolmentState]int{"active": 1},
		}},
	}
	if diff := cmp.Diff(want, status, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestARevisionIsMadeOnlyWhenSomethingChanged(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	head := outreach.SequenceHead{ID: "intro", Name: "Introduction", Owner: "dana"}
	save := func(source, sum string) (outreach.Revision, bool) {
		t.Helper()
		r, made, err := db.SaveRevision(ctx, head, outreach.Revision{Source: source}, sum, monday)
		if err != nil {
			t.Fatal(err)
		}
		return r, made
	}
	first, made := save("one", "sum-1")
	same, madeAgain := save("one", "sum-1")
	second, madeSecond := save("two", "sum-2")
	back, madeBack := save("one", "sum-1")
	if !made || madeAgain || !madeSecond || !madeBack {
		t.Errorf("made = %v %v %v %v, want true false true true", made, madeAgain, madeSecond, madeBack)
	}
	if first.ID != same.ID || first.Number != 1 || second.Number != 2 || back.Number != 3 {
		t.Errorf("numbers = %d %d %d %d", first.Number, same.Number, second.Number, back.Number)
	}
	if old, err := db.Revision(ctx, first.ID); err != nil || old.Source != "one" {
		t.Errorf("the first revision reads %+v, %v", old, err)
	}
}

func TestAnErasedLeadLeavesOnlyTheSuppressionOfItsAddress(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, lead := enrolledLead(t)
	if err := db.EraseLead(ctx, lead, postgres.Act{At: monday, Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.FindLead(ctx, lead.Email); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("FindLead = %v, want not found", err)
	}
	for _, table := range []string{"enrolments", "lead_events", "list_leads", "sends", "messages", "facts"} {
		var n int
		if err := db.GetContext(ctx, &n, `SELECT count(*) FROM `+table); err != nil || n != 0 {
			t.Errorf("%s holds %d rows, %v", table, n, err)
		}
	}
	rows, err := db.Suppressions(ctx, "ann@", 10)
	want := []postgres.SuppressionRow{{Kind: "address", Value: "ann@acme.example", Reason: "erased", Source: "test", At: monday}}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Errorf("suppressions (-want +got): %v\n%s", err, diff)
	}
}

func TestLeadsAreFoundByStageListAndWords(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, lead := enrolledLead(t)
	for name, c := range map[string]struct {
		filter outreach.LeadFilter
		want   int
	}{
		"all": {outreach.LeadFilter{}, 1}, "stage": {outreach.LeadFilter{Stage: outreach.StageNew}, 1},
		"other stage": {outreach.LeadFilter{Stage: outreach.StageWon}, 0}, "list": {outreach.LeadFilter{List: "march"}, 1},
		"other list": {outreach.LeadFilter{List: "april"}, 0}, "name": {outreach.LeadFilter{Search: " ann lee"}, 1},
		"company": {outreach.LeadFilter{Search: "acm"}, 1}, "a wildcard is a letter": {outreach.LeadFilter{Search: "%"}, 0},
		"behind the last": {outreach.LeadFilter{Before: lead.ID}, 0},
	} {
		leads, err := db.Leads(ctx, c.filter)
		if err != nil || len(leads) != c.want {
			t.Errorf("%s: %d leads, %v; want %d", name, len(leads), err, c.want)
		}
	}
}
