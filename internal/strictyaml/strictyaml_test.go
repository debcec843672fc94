package strictyaml_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/strictyaml"
)

// schema has one of every type.
func schema() *strictyaml.Type {
	return strictyaml.Map("A greeting.",
		strictyaml.Required("to", strictyaml.Text("Whom to greet.")),
		strictyaml.Optional("times", strictyaml.Int("How often.", 1, 9)),
		strictyaml.Optional("loud", strictyaml.Bool("With capitals.")),
		strictyaml.Optional("tone", strictyaml.Choice("How.", "warm", "formal")),
		strictyaml.Optional("words", strictyaml.List("What to say.", strictyaml.Text("A word."))),
		strictyaml.Optional("extra", strictyaml.Entries("Anything else.", strictyaml.Text("A text."))),
		strictyaml.Optional("code", strictyaml.Scalar("A code of three letters.", "BAD_CODE", "abc", threeLetters)),
		strictyaml.Optional("card", strictyaml.Map("A card.",
			strictyaml.Required("picture", strictyaml.Text("Its picture.")),
			strictyaml.Optional("text", strictyaml.Text("Its text."))).OrJust("picture")),
		strictyaml.Refused("song", "NO_SONGS", "A card does not sing.", "write the words"),
	)
}

type threeLetterCode string

func threeLetters(text string) (threeLetterCode, error) {
	if len(text) != 3 {
		return "", errors.New("three letters are wanted")
	}
	return threeLetterCode(text), nil
}

func codes(diagnostics []strictyaml.Diagnostic) []string {
	var found []string
	for _, d := range diagnostics {
		found = append(found, d.Code)
	}
	return found
}

func TestWhatFitsIsHandedOutByItsType(t *testing.T) {
	doc := strictyaml.Parse("a.yaml", []byte(`
to: 1.10
times: 3
loud: true
tone: warm
words: [good, morning]
extra: {z: last, a: first}
code: abc
card: sun.png
`), schema())
	if d := doc.Diagnostics(); len(d) > 0 {
		t.Fatalf("diagnostics: %+v", d)
	}
	root := doc.Root
	if got := root.Get("to").Text(); got != "1.10" {
		t.Errorf("a number as text became %q", got)
	}
	if root.Get("times").Int() != 3 || !root.Get("loud").Bool() || root.Get("tone").Text() != "warm" {
		t.Error("a scalar reads otherwise than written")
	}
	if diff := cmp.Diff([]string{"good", "morning"}, root.Get("words").Texts()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"z", "a"}, root.Get("extra").Names()); diff != "" {
		t.Errorf("names are not in the order of the file:\n%s", diff)
	}
	if got := strictyaml.Read[threeLetterCode](root.Get("code")); got != "abc" {
		t.Errorf("Read = %q", got)
	}
	if got := root.Get("card").Get("picture").Text(); got != "sun.png" {
		t.Errorf("the short form gives %q", got)
	}
	if got := root.Get("no").Get("such").Get("place").TextOr("nothing"); got != "nothing" {
		t.Errorf("an absent value reads %q", got)
	}
}

func TestAllFaultsAreFoundAtOnceInTheOrderOfTheFile(t *testing.T) {
	doc := strictyaml.Parse("a.yaml", []byte(`
times: 12
times: 3
loud: yes
tone: wram
words: hello
code: abcd
card: {text: x}
sing: a
song: b
`), schema())
	want := []string{
		"MISSING_KEY", "OUT_OF_RANGE", "DUPLICATE_KEY", "WRONG_TYPE", "BAD_VALUE", "WRONG_TYPE",
		"BAD_CODE", "MISSING_KEY", "UNKNOWN_KEY", "NO_SONGS",
	}
	if diff := cmp.Diff(want, codes(doc.Diagnostics())); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

func TestHostileFilesAreRefusedCheaply(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for name := 'b'; name <= 'z'; name++ {
		bomb += string(name) + ": &" + string(name) + " [" + strings.Repeat("*"+string(name-1)+",", 9) + "]\n"
	}
	for name, test := range map[string]struct{ src, code string }{
		"a bomb of aliases":       {bomb, strictyaml.CodeAlias},
		"a nest of brackets":      {strings.Repeat("[", 20_000), strictyaml.CodeTooDeep},
		"a nest of braces":        {strings.Repeat("{a: ", 10_000), strictyaml.CodeTooDeep},
		"a nest of dashes":        {strings.Repeat("- ", 10_000) + "x", strictyaml.CodeTooDeep},
		"two megabytes":           {"to: " + strings.Repeat("x", 2<<20), strictyaml.CodeTooLarge},
		"a key of a megabyte":     {strings.Repeat("k", 1000_000) + ": x\nto: y", strictyaml.CodeUnknownKey},
		"an alias without anchor": {"to: *nobody", strictyaml.CodeAlias},
		"a merge key":             {"to: x\n<<: {times: 1}", strictyaml.CodeAlias},
		"a second document":       {"to: x\n---\nto: y", strictyaml.CodeDocuments},
		"nothing but comments":    {"# nothing\n", strictyaml.CodeEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			src := []byte(test.src)
			allocated := testing.AllocsPerRun(1, func() { strictyaml.Parse("a.yaml", src, schema()) })
			if allocated > 50_000 {
				t.Errorf("%v allocations", allocated)
			}
			got := codes(strictyaml.Parse("a.yaml", src, schema()).Diagnostics())
			if len(got) == 0 || !slices.Contains(got, test.code) {
				t.Errorf("codes %v lack %s", got, test.code)
			}
		})
	}
}

func TestATemplateWithoutQuotesIsCalledByItsName(t *testing.T) {
	for _, src := range []string{"to: {{ name }}", "to: {{ name }} and more", "to: x\nwords: [{{ name }}]", "to: x\nwords:\n  - {{ name }}!"} {
		got := codes(strictyaml.Parse("a.yaml", []byte(src), schema()).Diagnostics())
		if !slices.Contains(got, strictyaml.CodeUnquoted) {
			t.Errorf("%q gives %v", src, got)
		}
	}
}

func TestTheUsualSlipsOfYAMLHaveAWayOut(t *testing.T) {
	for src, want := range map[string]string{
		"id: x\nowner:dana\ngoal: meeting\n":         "write a space behind the colon on line 2",
		"name: Dana: the sequence\n":                 `put the value into quotes: "..."`,
		"steps:\n  - id: a\n   - id: b\n  - id: c\n": "begin the line in the same column as those it belongs to",
		"send:\n  bcc: a\n   gap: b\n":               "begin the line in the same column as those it belongs to",
		"send:\n   bcc: a\n  gap: b\n":               "begin the line in the same column as those it belongs to",
	} {
		diagnostics := strictyaml.Parse("a.yaml", []byte(src), schema()).Diagnostics()
		if len(diagnostics) != 1 || diagnostics[0].Fix != want {
			t.Errorf("%q: %v, want %s", src, diagnostics, want)
		}
	}
}

func TestTheCaretStandsUnderTheFaultAndControlsAreNotPrinted(t *testing.T) {
	src := []byte("to: x\ntone: \"é\x7f\x1b[31m\"\n")
	d := strictyaml.Diagnostic{
		File: "a.yaml", Line: 2, Column: 7, Code: "X", Message: "wrong \x1b[31m", Fix: "write warm", Severity: strictyaml.Warning,
	}
	var text bytes.Buffer
	if err := strictyaml.WriteText(&text, []strictyaml.Diagnostic{d}, func(string) []byte { return src }); err != nil {
		t.Fatal(err)
	}
	want := "a.yaml:2:7: warning: X wrong  [31m\n    2 | tone: \"é  [31m\"\n      |       ^ write warm\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestGitHubCommandsCannotBeBrokenOutOf(t *testing.T) {
	d := strictyaml.Diagnostic{File: "a,b:c.yaml", Line: 1, Column: 2, Code: "X", Message: "50%\n::error::", Severity: strictyaml.Error}
	var text bytes.Buffer
	if err := strictyaml.WriteGitHub(&text, []strictyaml.Diagnostic{d}); err != nil {
		t.Fatal(err)
	}
	want := "::error file=a%2Cb%3Ac.yaml,line=1,col=2,title=X::50%25%0A::error::\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestTheNearestWordForgivesOneSlipInThreeLetters(t *testing.T) {
	known := []string{"window", "timezone", "gap", "price"}
	for word, want := range map[string]string{
		"windwo": "window", "Timezone": "timezone", "time_zone": "timezone", "gpa": "gap", "prise": "price", "colour": "", "": "",
	} {
		if got := strictyaml.Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestEditorsGetTheSameSchema(t *testing.T) {
	text, err := strictyaml.JSONSchema("Greeting", schema())
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Required             []string
		AdditionalProperties bool
		Properties           map[string]map[string]any
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"to"}, got.Required); diff != "" || got.AdditionalProperties {
		t.Errorf("required keys (-want +got):\n%s\nothers allowed: %v", diff, got.AdditionalProperties)
	}
	if _, refused := got.Properties["song"]["not"]; !refused {
		t.Error("an unsupported key is not marked")
	}
	if got := got.Properties["card"]["anyOf"]; len(got.([]any)) != 2 {
		t.Errorf("the short form is missing: %v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("to: x\nwords: [a, {b: c}]\ncard: {picture: y}\n"))
	f.Add([]byte("? {a: b}\n: {{ x }}\n"))
	f.Add([]byte("to: &a [*a]\n"))
	f.Add([]byte("--- !!binary x\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		doc := strictyaml.Parse("fuzz.yaml", src, schema())
		for _, d := range doc.Diagnostics() {
			if d.Line < 1 || d.Column < 1 || d.Code == "" || d.Message == "" {
				t.Errorf("incomplete diagnostic %+v", d)
			}
		}
		var text bytes.Buffer
		if err := strictyaml.WriteText(&text, doc.Diagnostics(), func(string) []byte { return src }); err != nil || !utf8.Valid(text.Bytes()) {
			t.Errorf("text %q, error %v", text.String(), err)
		}
		if doc.Root != nil && !strictyaml.HasErrors(doc.Diagnostics()) && !doc.Root.Get("to").Present() {
			t.Error("a required key is missing and nobody said so")
		}
	})
}
