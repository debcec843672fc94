package sequence_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

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

func TestEachMistakeIsExplained(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		code := strings.TrimSuffix(name, ".yaml")
		t.Run(code, func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parsed, diagnostics := sequence.Parse(name, src)
			if parsed != nil {
				t.Error("the sequence can be used")
			}
			for _, d := range diagnostics {
				if d.Code != code {
					t.Errorf("line %d has the code %s, want %s", d.Line, d.Code, code)
				}
			}
			golden(t, "testdata/bad/"+code+".golden", explain(t, diagnostics, src))
		})
	}
}

func TestEachCodeHasAFileThatShowsIt(t *testing.T) {
	const aboutSets = "DUPLICATE_SEQUENCE UNKNOWN_REP UNKNOWN_MAILBOX NO_MAILBOX UNKNOWN_TEMPLATE UNKNOWN_ICP NO_CASE_STUDIES " + // TestASetIsCheckedAgainstWhatItNames
		"SUBJECT_MISSING SUBJECT_LONG VARIANTS_EQUAL CASE_STUDY_UNASKED FIELD_MAY_BE_BLANK PLACEHOLDER_LEFT LINK_SHORTENER TEXT_LONG MANY_LINKS" // TestWhatAMailSaysIsChecked
	const tooLarge = "YAML_TOO_LARGE"       // TestHostileFilesAreRefusedCheaply
	const nothingLeft = "NOT_SUPPORTED_YET" // every key is carried out
	codes := 0
	for _, file := range []string{"codes.go", "../strictyaml/diagnostic.go"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(src)) {
			_, quoted, isCode := strings.Cut(line, `= "`)
			code, _, _ := strings.Cut(quoted, `"`)
			if !isCode || !strings.HasPrefix(strings.TrimSpace(line), "Code") || strings.Contains(aboutSets, code) || code == tooLarge || code == nothingLeft {
				continue
			}
			codes++
			if _, err := os.Stat("testdata/bad/" + code + ".yaml"); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
	if codes < 30 {
		t.Errorf("found %d codes only", codes)
	}
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
		"icp/eu.yaml":     {Data: []byte("version: 1\nid: eu\ncriteria: [{field: title}]\n")},
		"notes.txt":       {Data: []byte("not YAML")},
		"g.yaml":          {Data: []byte("version: 1\n")},
		"signatures/d.md": {Data: []byte("Dana")},
	})
	if err != nil {
		t.Fatal(err)
	}
	diagnostics = append(diagnostics, sequence.Check(set, fstest.MapFS{"intro.md": {Data: []byte("---\nsubject: Hello\n---\nHi there.\n")}})...)
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
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestWhatAMailSaysIsChecked(t *testing.T) {
	files := fstest.MapFS{
		"a.yaml": {Data: []byte(`version: 1
id: a
owner: dana
steps:
  - email: {template: intro.md, require: [company]}
  - wait: 3d
    email: {template: bump.md, thread: new}
  - wait: 3d
    email:
      template: long.md
      thread: new
      variants:
        - {id: a, subject: "` + strings.Repeat("so many words ", 8) + `"}
        - {id: b, subject: Short}
        - {id: c, subject: Short}
`)},
		"case_studies/acme.yaml": {Data: []byte("version: 1\nid: acme\ntitel: Acme\n")},
	}
	templates := fstest.MapFS{
		"intro.md": {Data: []byte("---\nsubject: For {{ company }}\n---\nHi {{ first_name }}, {{ title | default: 'there' }}{% if region %} in {{ region }}{% endif %},\n\n" +
			"dear [NAME] of {{ company }}: [one](https://bit.ly/x) [two](https://a.example) [three](https://b.example)\n\n{{ case_study.title }}\n")},
		"bump.md": {Data: []byte("Hi {{ company }}, {{ nobody }} {% loop %}\n")},
		"long.md": {Data: []byte(strings.Repeat("word ", 201) + "\n")},
		"mute.md": {Data: []byte("Hi there.\n")},
	}
	files["b.yaml"] = &fstest.MapFile{Data: []byte("version: 1\nid: b\nowner: dana\nsteps: [{email: mute.md}]\n")}
	set, diagnostics, err := sequence.Load(files)
	if err != nil || len(diagnostics) > 0 {
		t.Fatal(err, diagnostics)
	}
	diagnostics = sequence.Check(set, templates)
	var text bytes.Buffer
	err = strictyaml.WriteText(&text, diagnostics, func(file string) []byte {
		if f := files[file]; f != nil {
			return f.Data
		}
		return set.Sources[file]
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/copy.golden", text.String())
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
		if parsed != nil && parsed.FirstEmail() < 0 {
			t.Error("a valid sequence without an email")
		}
	})
}
