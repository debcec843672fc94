package sequence_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/roster"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
	"drumbeat/sequences"
	"drumbeat/templates"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file, or writes the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func explain(t *testing.T, diagnostics []strictyaml.Diagnostic, src []byte) string {
	t.Helper()
	var text bytes.Buffer
	if err := strictyaml.WriteText(&text, diagnostics, func(string) []byte { return src }); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestTheFullFormIsRead(t *testing.T) {
	src, err := os.ReadFile("testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parsed, diagnostics := sequence.Parse("full.yaml", src)
	if len(diagnostics) > 0 {
		t.Fatal(explain(t, diagnostics, src))
	}
	stored, err := json.Marshal(parsed)
	if err != nil {
		t.Fatal(err)
	}
	var readable bytes.Buffer
	if err := json.Indent(&readable, stored, "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/good/full.json", readable.String()+"\n")
	var restored sequence.Sequence
	if err := json.Unmarshal(stored, &restored); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parsed, &restored); diff != "" {
		t.Errorf("a stored revision reads back otherwise (-want +got):\n%s", diff)
	}
}

func TestTheSchemaForEditorsIsThatOfTheChecks(t *testing.T) {
	schema, err := strictyaml.JSONSchema("Drumbeat sequence", sequence.Schema())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/schema.json", string(schema))
}

func TestTheShippedSequencesAreValid(t *testing.T) {
	set, diagnostics, err := sequence.Load(sequences.FS)
	if err != nil {
		t.Fatal(err)
	}
	diagnostics = append(diagnostics, sequence.Check(set, templates.FS)...)
	if len(diagnostics) > 0 || len(set.Sequences) == 0 || set.Roster == nil {
		t.Errorf("%d sequences, roster %v, diagnostics %+v", len(set.Sequences), set.Roster != nil, diagnostics)
	}
}

func TestASetIsCheckedAgainstWhatItNames(t *testing.T) {
	const (
		mailboxes = `version: 1
mailboxes: [{id: dana, address: dana@ours.example, smtp: {host: localhost, port: 25, tls: none}}]
reps:
  - {id: dana, name: Dana, email: dana@ours.example, timezone: Europe/Berlin}
  - {id: mary, name: Mary, email: mary@ours.example, timezone: Europe/Berlin}
sender: {company: Ours, postal_address: 1 Example St}
`
		good = "version: 1\nid: good\nowner: dana\nsteps: [{email: intro.md}]\n"
	)
	set, diagnostics, err := sequence.Load(fstest.MapFS{
		"mailboxes.yaml":  {Data: []byte(mailboxes)},
		"a.yaml":          {Data: []byte(good)},
		"b.yaml":          {Data: []byte(good)},
		"c.yaml":          {Data: []byte(strings.NewReplacer("good", "c", "dana", "dona").Replace(good))},
		"d.yaml":          {Data: []byte(strings.NewReplacer("good", "d", "dana", "mary").Replace(good))},
		"e.yaml":          {Data: []byte(strings.Replace(good, "good", "e", 1) + "send: {mailboxes: [dana-2]}\n")},
		"h.yaml":          {Data: []byte("version: 1\nid: h\nowner: dana\nsteps: [{email: {template: intro.md, case_study: match}}]\n")},
		"f.yaml":          {Data: []byte(strings.NewReplacer("good", "f", "intro", "intor").Replace(good))},
		"i.yaml":          {Data: []byte("version: 1\nid: i\nowner: dana\nsteps: [{email: intro.md}]\naudience: {icp: ue}\n")},
		"j.yaml":          {Data: []byte(strings.NewReplacer("good", "j", "intro", "deep").Replace(good))},
		"k.yaml":          {Data: []byte(strings.NewReplacer("good", "k", "intro", "both").Replace(good))},
		"icp/eu.yaml":     {Data: []byte("version: 1\nid: eu\ncriteria: [{field: title}]\n")},
		"notes.txt":       {Data: []byte("not YAML")},
		"g.yaml":          {Data: []byte("version: 1\n")},
		"signatures/d.md": {Data: []byte("Dana")},
	})
	if err != nil {
		t.Fatal(err)
	}
	diagnostics = append(diagnostics, sequence.Check(set, fstest.MapFS{
		"intro.md": {Data: []byte("---\nsubject: Hello\n---\nHi there.\n")}, "founders/deep.md": {Data: []byte("---\nsubject: Hello\n---\nHi.\n")},
		"founders/both.md": {Data: []byte("Hi.\n")}, "ops/both.md": {Data: []byte("Hi.\n")},
	})...)
	var got []string
	for _, d := range diagnostics {
		got = append(got, d.File+" "+d.Code+" "+d.Fix)
	}
	want := []string{
		"b.yaml DUPLICATE_SEQUENCE give one of them another id",
		"c.yaml UNKNOWN_REP did you mean dana?",
		"d.yaml NO_MAILBOX name some under send: mailboxes:",
		"e.yaml UNKNOWN_MAILBOX did you mean dana?",
		"f.yaml UNKNOWN_TEMPLATE did you mean intro.md?",
		"g.yaml MISSING_KEY add id: ...",
		"g.yaml MISSING_KEY add owner: ...",
		"g.yaml MISSING_KEY add steps: ...",
		"h.yaml NO_CASE_STUDIES write one, or leave case_study: out",
		"i.yaml UNKNOWN_ICP did you mean eu?",
		"icp/eu.yaml CRITERION_TEST write is:, contains: or between:",
		"j.yaml UNKNOWN_TEMPLATE did you mean founders/deep.md?",
		"k.yaml UNKNOWN_TEMPLATE did you mean one of founders/both.md, ops/both.md?",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// One run tells all that is wrong, also what a faulty key used to hide.
func TestAllFaultsOfAFileAreToldAtOnce(t *testing.T) {
	set, diagnostics, err := sequence.Load(fstest.MapFS{
		"mailboxes.yaml": {Data: []byte(`version: 1
mailboxes: [{id: dana, address: dana@ours.example, smtp: {host: localhost, port: 25, tls: none}}]
reps: [{id: dana, name: Dana, email: dana@ours.example, timezone: Europe/Berlin}]
sender: {company: Ours, postal_address: 1 Example St}
`)},
		"a.yaml": {Data: []byte(`version: 1
id: a
owner: dona
send: {mailboxes: [dan], gap: soon}
audience: {icp: ue}
steps:
  - {wiat: 3d, email: intro.md}
  - {wait: 3 moons, email: missing.md}
  - {wait: 3d, when: lead.titel != "", email: {template: broken.md, case_study: match}}
on_reply: {price: {draft: prices.md}}
`)},
		"b.yaml": {Data: []byte("version: 1\nid: a\nowner: dana\ncolour: red\nsteps: [{task: {kind: call}}]\n")},
		"c.yaml": {Data: []byte("version: 1\nid: c\nowner: dana\ncolour: red\nsteps: []\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	diagnostics = append(diagnostics, sequence.Check(set, fstest.MapFS{
		"intro.md": {Data: []byte("Hello {{ company }}, TODO\n")}, "broken.md": {Data: []byte("Hi {{ first_name\n")},
	})...)
	var got []string
	for _, d := range diagnostics {
		got = append(got, d.File+" "+d.Code)
	}
	slices.Sort(got)
	want := []string{
		"a.yaml BAD_CONDITION", "a.yaml BAD_GAP", "a.yaml BAD_WAIT", "a.yaml NO_CASE_STUDIES", "a.yaml UNKNOWN_ICP", "a.yaml UNKNOWN_KEY",
		"a.yaml UNKNOWN_MAILBOX", "a.yaml UNKNOWN_REP", "a.yaml UNKNOWN_TEMPLATE", "a.yaml UNKNOWN_TEMPLATE",
		"b.yaml DUPLICATE_SEQUENCE", "b.yaml NO_EMAIL", "b.yaml UNKNOWN_KEY",
		"broken.md TEMPLATE_TAG", "c.yaml NO_STEPS", "c.yaml UNKNOWN_KEY", "intro.md PLACEHOLDER_LEFT",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if len(set.Sequences) > 0 {
		t.Errorf("%d faulty sequences count as valid", len(set.Sequences))
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		parsed, diagnostics := sequence.Parse("fuzz.yaml", src)
		if (parsed == nil) != strictyaml.HasErrors(diagnostics) {
			t.Errorf("sequence %v with %+v", parsed != nil, diagnostics)
		}
		explain(t, diagnostics, src)
		set := sequence.Set{Beside: fstest.MapFS{}}
		set.Add("fuzz.yaml", src)
		sequence.Check(&set, templates.FS) // a file that was read half-way is checked as far
		if parsed != nil && parsed.FirstEmail() < 0 {
			t.Error("a valid sequence without an email")
		}
	})
}

// A roster with a fault of its own still tells who there is; one in which somebody has
// no id that can be read does not.
func TestAFaultyRosterHidesNoUnknownMailbox(t *testing.T) {
	const mailboxes = "version: 1\nreps: [{id: dana, name: Dana, email: dana@ours.example, timezone: Europe/Berlin}]\n" +
		"mailboxes:\n  - {id: %s, address: dana@ours.example, smtp: {host: smtp.ours.example, port: 587, tls: %s}}\nsender: {company: Ours, postal_address: Here}\n"
	const file = "version: 1\nid: a\nowner: dana\nsend: {mailboxes: [dnaa]}\nsteps: [{email: a.md}]\n"
	for _, test := range []struct {
		id, tls string
		want    []string
	}{
		{"dana", "starttls", []string{"a.yaml UNKNOWN_MAILBOX"}},
		{"dana", "starttsl", []string{"a.yaml UNKNOWN_MAILBOX", "mailboxes.yaml BAD_VALUE"}},
		{"Dana!", "starttls", []string{"mailboxes.yaml BAD_ID"}},
	} {
		set, faults, err := sequence.Load(fstest.MapFS{
			"a.yaml": {Data: []byte(file)}, roster.FileName: {Data: fmt.Appendf(nil, mailboxes, test.id, test.tls)},
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range append(faults, sequence.Check(set, nil)...) {
			got = append(got, d.File+" "+d.Code)
		}
		slices.Sort(got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("id %s, tls %s: %s", test.id, test.tls, diff)
		}
	}
}
