package postgres_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
)

var monday = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

// numbered yields leads as a file's lines, from 2.
func numbered(leads ...outreach.Lead) iter.Seq2[outreach.NumberedLead, error] {
	return func(yield func(outreach.NumberedLead, error) bool) {
		for i, lead := range leads {
			if !yield(outreach.NumberedLead{Line: i + 2, Lead: lead}, nil) {
				return
			}
		}
	}
}

// importLeads puts leads on the list "march" and gives what was refused.
func importLeads(t *testing.T, db *postgres.DB, leads ...outreach.Lead) (outreach.ImportCounts, []outreach.LineRefusal) {
	t.Helper()
	var refused []outreach.LineRefusal
	counts, err := db.ImportLeads(context.Background(), outreach.ImportBatch{List: "march", At: monday}, numbered(leads...),
		func(r outreach.LineRefusal) error {
			refused = append(refused, r)
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return counts, refused
}

func allLeads(t *testing.T, db *postgres.DB) []outreach.Lead {
	t.Helper()
	views, err := db.Leads(context.Background(), outreach.LeadFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	leads := make([]outreach.Lead, 0, len(views))
	for _, view := range views {
		leads = append([]outreach.Lead{view.Lead}, leads...) // views are newest first
	}
	return leads
}

var withoutID = cmpopts.IgnoreFields(outreach.Lead{}, "ID")

func TestABlankNeverErasesAndASecondImportChangesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ann := outreach.Lead{Email: "Ann@Acme.example", FirstName: "Ann", Company: "Acme", Custom: map[string]string{"seats": "40", "tool": "x"}}
	bob := outreach.Lead{Email: "bob@acme.example"}
	counts, _ := importLeads(t, db, ann, bob)
	if diff := cmp.Diff(outreach.ImportCounts{Added: 2}, counts); diff != "" {
		t.Errorf("first import (-want +got):\n%s", diff)
	}
	counts, _ = importLeads(t, db, ann, bob)
	if diff := cmp.Diff(outreach.ImportCounts{Unchanged: 2}, counts); diff != "" {
		t.Errorf("the same again (-want +got):\n%s", diff)
	}
	more := outreach.Lead{Email: "ann@acme.example", Title: "CTO", Custom: map[string]string{"tool": "y"}}
	counts, _ = importLeads(t, db, more)
	if diff := cmp.Diff(outreach.ImportCounts{Updated: 1}, counts); diff != "" {
		t.Errorf("with more (-want +got):\n%s", diff)
	}
	want := []outreach.Lead{
		{
			Email: "Ann@Acme.example", FirstName: "Ann", Company: "Acme", Title: "CTO", Stage: outreach.StageNew,
			Custom: map[string]string{"seats": "40", "tool": "y"},
		},
		{Email: "bob@acme.example", Stage: outreach.StageNew, Custom: map[string]string{}},
	}
	if diff := cmp.Diff(want, allLeads(t, db), withoutID); diff != "" {
		t.Errorf("leads (-want +got):\n%s", diff)
	}
}

// A lead that waits in "needs data" goes on when a file knows more about it: should that
// not be enough, its step is held again with what is missing then.
func TestALeadThatLackedDataGoesOnWhenAnImportKnowsMore(t *testing.T) {
	t.Parallel()
	db, lead := enrolledLead(t)
	hold := func(reason outreach.HoldReason) {
		if _, err := db.ExecContext(t.Context(), `UPDATE enrolments SET state = 'held', state_reason = $1`, reason); err != nil {
			t.Fatal(err)
		}
	}
	wantState := func(when string, want outreach.EnrolmentState) {
		t.Helper()
		story, err := db.Story(t.Context(), lead.ID)
		if err != nil || story.Enrolments[0].State != want {
			t.Errorf("%s: %s, %v; want %s", when, story.Enrolments[0].State, err, want)
		}
	}
	hold(outreach.HoldNeedsData)
	importLeads(t, db, outreach.Lead{Email: "ann@acme.example", FirstName: "Ann"})
	wantState("a file that knows no more", outreach.EnrolmentHeld)
	importLeads(t, db, outreach.Lead{Email: "ann@acme.example", Title: "CTO"})
	wantState("a file that does", outreach.EnrolmentActive)
	hold(outreach.HoldTriage)
	importLeads(t, db, outreach.Lead{Email: "ann@acme.example", Title: "CEO"})
	wantState("held for another reason", outreach.EnrolmentHeld)
}

func TestDuplicatesAndSuppressedAddressesAreRefusedByLine(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if err := db.Suppress(context.Background(), []postgres.Suppression{
		{Kind: "address", Value: "gone@acme.example", Reason: "asked by phone", Source: "test"},
		{Kind: "domain", Value: "never.example", Reason: "a customer", Source: "test"},
	}, postgres.Act{At: monday, Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	counts, refused := importLeads(t, db,
		outreach.Lead{Email: "a@acme.example", FirstName: "first"}, outreach.Lead{Email: "GONE@acme.example"},
		outreach.Lead{Email: "A@ACME.example", FirstName: "second"}, outreach.Lead{Email: "x@never.example"})
	if diff := cmp.Diff(outreach.ImportCounts{Added: 1, Refused: 3}, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	want := []outreach.LineRefusal{
		{Line: 3, Reason: "suppressed", Detail: "the address is suppressed: asked by phone"},
		{Line: 4, Reason: "duplicate_in_file", Detail: "the address stands in line 2 already"},
		{Line: 5, Reason: "suppressed", Detail: "the domain is suppressed: a customer"},
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if leads := allLeads(t, db); len(leads) != 1 || leads[0].FirstName != "first" {
		t.Errorf("leads = %v, want the first of the two alone", leads)
	}
}

func TestAnImportNeverSetsAStoppedLeadGoing(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	importLeads(t, db, outreach.Lead{Email: "a@acme.example"})
	id := allLeads(t, db)[0].ID
	if err := db.StopLeads(ctx, []outreach.LeadID{id}, outreach.StopUnsubscribed, postgres.Act{At: monday, Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	importLeads(t, db, outreach.Lead{Email: "a@acme.example", FirstName: "Ann"})
	if got := allLeads(t, db)[0]; got.Stopped != outreach.StopUnsubscribed || got.FirstName != "Ann" {
		t.Errorf("lead = %+v, want it filled and still stopped", got)
	}
}

func TestAnImportThatFailsTakesNothingIn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	broken := func(yield func(outreach.NumberedLead, error) bool) {
		_ = yield(outreach.NumberedLead{Line: 2, Lead: outreach.Lead{Email: "a@acme.example"}}, nil) &&
			yield(outreach.NumberedLead{}, outreach.ErrInvalid)
	}
	if _, err := db.ImportLeads(context.Background(), outreach.ImportBatch{List: "march", At: monday}, broken,
		func(outreach.LineRefusal) error { return nil }); err == nil {
		t.Fatal("no error")
	}
	if leads := allLeads(t, db); len(leads) != 0 {
		t.Errorf("leads = %v, want none", leads)
	}
}
