package outbound_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
)

// shelf keeps revisions by sequence, as the database does.
type shelf struct {
	sums      map[outreach.SequenceID]string
	revisions map[outreach.SequenceID]outreach.Revision
	mailboxes []outreach.MailboxRecord

	standing   []outreach.StandingAt
	standingOn outreach.Revision
	moves      []outreach.StepMove
}

func (s *shelf) SaveMailboxes(_ context.Context, all []outreach.MailboxRecord) error {
	s.mailboxes = all
	return nil
}

func (s *shelf) SaveRevision(_ context.Context, head outreach.SequenceHead, r outreach.Revision, sum string, _ time.Time) (outreach.Revision, bool, error) {
	if s.sums[head.ID] == sum {
		return s.revisions[head.ID], false, nil
	}
	r.Number = s.revisions[head.ID].Number + 1
	s.sums[head.ID], s.revisions[head.ID] = sum, r
	return r, true, nil
}

func (s *shelf) CurrentRevision(_ context.Context, id outreach.SequenceID) (outreach.Revision, error) {
	if s.sums[id] == "" {
		return outreach.Revision{}, outreach.ErrNotFound
	}
	return s.revisions[id], nil
}

func (s *shelf) Revision(context.Context, outreach.RevisionID) (outreach.Revision, error) {
	return s.standingOn, nil
}

func (s *shelf) Standing(context.Context, outreach.SequenceID) ([]outreach.StandingAt, error) {
	return s.standing, nil
}

func (s *shelf) MoveStanding(_ context.Context, move outreach.StepMove) (int, error) {
	s.moves = append(s.moves, move)
	return 1, nil
}

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestARevisionFollowsItsFileAndTheTemplatesItUses(t *testing.T) {
	files := fstest.MapFS{
		"mailboxes.yaml": text("version: 1\nmailboxes:\n  - {id: dana, address: dana@ours.example, smtp: {host: 127.0.0.1, port: 2525, tls: none}}\n" +
			"reps:\n  - {id: dana, name: Dana, email: dana@ours.example, timezone: Europe/Berlin}\n" +
			"sender: {company: Ours, postal_address: 1 Example St}\nnotify: {mailbox: dana}\n"),
		"intro.yaml": text("version: 1\nid: intro\nowner: dana\nsteps: [{email: a.md}]\n"),
	}
	shipped := fstest.MapFS{"a.md": text("---\nsubject: Hello\n---\nShipped.\n"), "b.md": text("---\nsubject: Hello\n---\nNobody needs it.\n")}
	own := fstest.MapFS{"c.md": text("---\nsubject: Hello\n---\nLeft over.\n")}
	store := &shelf{sums: map[outreach.SequenceID]string{}, revisions: map[outreach.SequenceID]outreach.Revision{}}
	apply := func() outbound.ApplyReport {
		t.Helper()
		report, err := outbound.Apply{Files: files, Templates: []render.Layer{{Name: "shipped", FS: shipped}, {Name: "own", FS: own}}}.
			Run(context.Background(), store, time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	made := func(number int, made bool) []outbound.Applied {
		return []outbound.Applied{{File: "intro.yaml", Sequence: "intro", Number: number, Made: made}}
	}
	first := apply()
	if diff := cmp.Diff(made(1, true), first.Applied); diff != "" {
		t.Errorf("first (-want +got):\n%s\n%v", diff, first.Diagnostics)
	}
	if diff := cmp.Diff([]string{"c.md"}, first.Unused); diff != "" {
		t.Errorf("unused (-want +got):\n%s", diff)
	}
	shipped["b.md"] = text("---\nsubject: Hello\n---\nChanged, and still not used.\n")
	if diff := cmp.Diff(made(1, false), apply().Applied); diff != "" {
		t.Errorf("nothing that it uses changed (-want +got):\n%s", diff)
	}
	own["a.md"] = text("---\nsubject: Hello\n---\nOur own words.\n")
	if diff := cmp.Diff(made(2, true), apply().Applied); diff != "" {
		t.Errorf("a template lies over the shipped one (-want +got):\n%s", diff)
	}
	if got := store.revisions["intro"].Templates["a.md"]; got != "---\nsubject: Hello\n---\nOur own words.\n" {
		t.Errorf("the revision holds %q", got)
	}
	own["a.md"] = text("---\nsubject: Hello\n---\nHi {{ first_nam }}.\n")
	if report := apply(); len(report.Diagnostics) == 0 || report.Applied != nil || store.revisions["intro"].Number != 2 {
		t.Errorf("a faulty template was applied: %+v", report)
	}
}
