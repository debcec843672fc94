package e2e

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/stepper"
	"drumbeat/internal/strictyaml"
)

// editor is a house whose sequence is edited while its leads are under way.
type editor struct {
	*house
	stepped   *clock.Stepped
	templates fstest.MapFS
}

const editedSend = `send: {window: {days: mon-sun, from: "09:00", to: "17:00"}, gap: 0s, daily_new_leads: 5000}
`

func newEditor(t *testing.T, leads int, steps string) *editor {
	t.Helper()
	stepped := clock.NewStepped(time.Date(2031, time.March, 3, 6, 0, 0, 0, time.UTC))
	template := func(text string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\nsubject: \"" + text + "\"\n---\nHi {{ first_name }},\n\n" + text + " of revision 1.\n")}
	}
	e := &editor{stepped: stepped, templates: fstest.MapFS{
		"hello.md": template("hello"), "bump.md": template("bump"), "last.md": template("last"), "more.md": template("more"),
	}}
	e.house = newHouse(t, houseOptions{
		clock: stepped, mailboxes: 2, leads: leads, sequence: editedSend + steps, templates: e.templates, redis: redistest.New(t),
	})
	e.engine(app.AllRoles())
	return e
}

// until lets sales time run to a day of March.
func (e *editor) until(day int) {
	e.t.Helper()
	s := stepper.Stepper{Clock: e.stepped, Sources: []stepper.Source{stepping{e.house}}}
	if _, err := s.Run(e.t.Context(), time.Date(2031, time.March, day, 6, 0, 0, 0, time.UTC)); err != nil {
		e.t.Fatal(err)
	}
}

// apply applies other steps, and gives the codes of what is wrong.
func (e *editor) apply(steps string, letFinish bool) (outbound.ApplyReport, string) {
	e.t.Helper()
	files := fstest.MapFS{
		"hello.yaml":     &fstest.MapFile{Data: []byte("version: 1\nid: hello\nowner: dana\n" + editedSend + steps)},
		"mailboxes.yaml": e.Sequences.(fstest.MapFS)["mailboxes.yaml"],
	}
	report, err := outbound.Apply{Files: files, LetFinish: letFinish, Templates: append(e.Templates[:1:1], render.Layer{Name: "test", FS: e.templates})}.
		Run(e.t.Context(), e.DB, e.clock.Now())
	if err != nil {
		e.t.Fatal(err)
	}
	var codes []string
	for _, d := range report.Diagnostics {
		if d.Severity == strictyaml.Error {
			codes = append(codes, d.Code)
		}
	}
	return report, strings.Join(codes, " ")
}

func (e *editor) mustApply(steps string, letFinish bool, number int) {
	e.t.Helper()
	report, codes := e.apply(steps, letFinish)
	if len(report.Applied) != 1 || report.Applied[0].Number != number || !report.Applied[0].Made {
		e.t.Fatalf("applied %+v, want revision %d; %s %v", report.Applied, number, codes, report.Diagnostics)
	}
}

// enrol puts more leads in.
func (e *editor) enrol(list string, addresses ...string) {
	e.t.Helper()
	csv := "email,first_name,company,timezone\n"
	for _, address := range addresses {
		csv += address + ",Ana,Late,Europe/Berlin\n"
	}
	if _, err := (outbound.Import{
		Batch: outreach.ImportBatch{List: list, At: e.clock.Now()}, ValidZone: func(string) bool { return true },
		Open:    func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(csv)), nil },
		Rejects: func() (io.WriteCloser, error) { return nil, outreach.ErrInvalid },
	}).Run(e.t.Context(), e.DB); err != nil {
		e.t.Fatal(err)
	}
	if report, err := outbound.Enrol(e.t.Context(), e.DB, e.team.Roster, "hello", list, e.clock.Now(), nil); err != nil || report.Enrolled != len(addresses) {
		e.t.Fatalf("enrol: %+v, %v", report, err)
	}
}

// got counts how many leads got which mails, on which days: "hello 3, bump 5".
func (e *editor) got() map[string]int {
	e.t.Helper()
	by := map[string][]string{}
	for _, a := range e.world.Accepted() {
		text := string(a.Raw)
		revision := "?"
		for _, n := range []string{"1", "2"} {
			if strings.Contains(text, "of revision "+n) {
				revision = n
			}
		}
		by[a.To] = append(by[a.To], fmt.Sprintf("%s/%s on %d", strings.TrimPrefix(a.Subject, "Re: "), revision, a.At.Day()))
	}
	counts := map[string]int{}
	for _, mails := range by {
		counts[strings.Join(mails, ", ")]++
	}
	return counts
}

// TestEditingWhileAThousandLeadsAreUnderWay changes a wait, adds a step, changes
// templates, takes a step out and takes that back, while leads stand in between.
func TestEditingWhileAThousandLeadsAreUnderWay(t *testing.T) {
	t.Parallel()
	const (
		first = `steps:
  - {id: intro, email: {template: hello.md}}
  - {id: bump, wait: 2d, email: {template: bump.md, thread: new}}
  - {id: last, wait: 3d, email: {template: last.md, thread: new}}
`
		longer = `steps:
  - {id: intro, email: {template: hello.md}}
  - {id: bump, wait: 1d, email: {template: bump.md, thread: new}}
  - {id: more, wait: 1d, email: {template: more.md, thread: new}}
  - {id: last, wait: 3d, email: {template: last.md, thread: new}}
`
		shorter = `steps:
  - {id: intro, email: {template: hello.md}}
  - {id: bump, wait: 1d, email: {template: bump.md, thread: new}}
`
	)
	e := newEditor(t, 1000, first)
	e.until(4) // all have the intro of the 3rd and wait for the bump
	for name, file := range maps.Clone(e.templates) {
		e.templates[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(file.Data), "revision 1", "revision 2"))}
	}
	e.mustApply(longer, false, 2)
	e.enrol("late", "early@late.example")
	e.until(6) // and the bump of the 5th; they wait for the last
	if _, codes := e.apply(shorter, false); strings.Count(codes, outbound.CodeStepRemoved) != 2 {
		t.Errorf("two steps with leads (last, and more of the second revision) are taken out: %q", codes)
	}
	e.mustApply(shorter, true, 3)
	e.enrol("later", "middle@later.example")
	back, err := outbound.Rollback(t.Context(), e.DB, "hello", 0, e.clock.Now())
	if want := (outbound.RolledBack{From: 3, To: 2, Number: 4, Made: true}); err != nil || back != want {
		t.Fatalf("rollback: %+v, %v", back, err)
	}
	if _, err := outbound.Rollback(t.Context(), e.DB, "hello", 4, e.clock.Now()); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("a rollback to the current revision: %v", err)
	}
	e.enrol("latest", "end@latest.example")
	e.until(20)
	want := map[string]int{
		"hello/1 on 3, bump/1 on 5, last/1 on 8":               1000, // who has begun finishes on it
		"hello/2 on 4, bump/2 on 5, more/2 on 6, last/2 on 9":  1,
		"hello/2 on 6, bump/2 on 7":                            1, // began while the step was out
		"hello/2 on 6, bump/2 on 7, more/2 on 8, last/2 on 11": 1,
	}
	if diff := cmp.Diff(want, e.got()); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	if n := e.world.Duplicates(); n != 0 {
		t.Errorf("%d mails went twice", n)
	}
	if got := e.text(`SELECT state || ' ' || count(*) FROM enrolments GROUP BY state`); got != "finished 1003" {
		t.Errorf("enrolments: %s", got)
	}
}

// TestLeadsAtAStepThatIsGoneGoOnWhereMovedSays: they go on at a step of the new
// revision, and whoever had that step already does not get it again.
func TestLeadsAtAStepThatIsGoneGoOnWhereMovedSays(t *testing.T) {
	t.Parallel()
	e := newEditor(t, 30, `steps:
  - {id: intro, email: {template: hello.md}}
  - {id: bump, wait: 2d, email: {template: bump.md, thread: new}}
  - {id: last, wait: 3d, email: {template: last.md, thread: new}}
`)
	e.until(4) // they wait for the bump
	const without = `steps:
  - {id: intro, email: {template: hello.md}}
  - {id: more, wait: 4d, email: {template: more.md, thread: new}}
moved: {bump: more, last: intro}
`
	report, codes := e.apply(without, false)
	if codes != "" || len(report.Applied) != 1 || report.Applied[0].Moved != 30 {
		t.Fatalf("applied %+v, %s", report.Applied, codes)
	}
	if report, _ := e.apply(without, false); report.Applied[0].Made || report.Applied[0].Moved != 0 {
		t.Errorf("applied again: %+v", report.Applied)
	}
	e.until(20)
	// They go on when the step that is gone would have been due.
	if diff := cmp.Diff(map[string]int{"hello/1 on 3, more/1 on 5": 30}, e.got()); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	if got := e.text(`SELECT kind || ' ' || reason || ' ' || detail FROM lead_events WHERE kind = 'moved' LIMIT 1`); got != `moved step_removed The step "bump" is gone: goes on at "more".` {
		t.Errorf("the event is %q", got)
	}
	if got := e.text(`SELECT state || ' ' || count(*) FROM enrolments GROUP BY state`); got != "finished 30" {
		t.Errorf("enrolments: %s", got)
	}
}

// TestMovedLeadsGetEachStepOnceWhereverItStands: places of steps change with the
// revision, so what a lead has had is told by the steps' names. A step that stands
// where another stood before is no step that the lead has had, and one that it has
// had is passed over at whatever place it comes again.
func TestMovedLeadsGetEachStepOnceWhereverItStands(t *testing.T) {
	t.Parallel()
	e := newEditor(t, 30, `steps:
  - {id: intro, email: {template: hello.md}}
  - {id: bump, wait: 2d, email: {template: bump.md, thread: new}}
  - {id: last, wait: 3d, email: {template: last.md, thread: new}}
`)
	e.until(6) // they have had two mails and wait for the last
	report, codes := e.apply(`steps:
  - {id: intro, email: {template: hello.md}}
  - {id: more, wait: 1d, email: {template: more.md, thread: new}}
  - {id: bump, wait: 1d, email: {template: bump.md, thread: new}}
moved: {last: more}
`, false)
	if codes != "" || len(report.Applied) != 1 || report.Applied[0].Moved != 30 {
		t.Fatalf("applied %+v, %s", report.Applied, codes)
	}
	e.until(20)
	if diff := cmp.Diff(map[string]int{"hello/1 on 3, bump/1 on 5, more/1 on 8": 30}, e.got()); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	if got := e.text(`SELECT state || ' ' || count(*) FROM enrolments GROUP BY state`); got != "finished 30" {
		t.Errorf("enrolments: %s", got)
	}
}
