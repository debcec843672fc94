package sequence_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"drumbeat/internal/casestudy"
	"drumbeat/internal/icp"
	"drumbeat/internal/render"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

const reference = "../../docs/SEQUENCES.md"

// section compares a generated part of the reference, or writes it.
func section(t *testing.T, name, want string) {
	t.Helper()
	page, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	between := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^\n]* -->\n)(.*?)(<!-- end of ` + name + ` -->)`)
	parts := between.FindSubmatchIndex(page)
	if parts == nil {
		t.Fatalf("%s has no section %s", reference, name)
	}
	if got := string(page[parts[4]:parts[5]]); got == want {
		return
	}
	if !*update {
		t.Fatalf("the section %s of %s is out of date: go test ./internal/sequence -update", name, reference)
	}
	page = slices.Concat(page[:parts[4]], []byte(want), page[parts[5]:])
	if err := os.WriteFile(reference, page, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTheReferenceListsEveryKey(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n| key | what may stand there | what it means |\n|---|---|---|\n")
	for _, key := range strictyaml.Reference(sequence.Schema()) {
		needed := ""
		if key.Required {
			needed = " (needed)"
		}
		fmt.Fprintf(&b, "| `%s`%s | %s | %s |\n", key.Path, needed, inCell(key.Expects), inCell(key.Doc))
	}
	section(t, "keys", b.String()+"\n")
}

// The example of a code is the first line of its golden file.
func TestTheReferenceListsEveryCode(t *testing.T) {
	first := regexp.MustCompile(`^\S+:\d+:\d+: (?:(warning): )?([A-Z0-9_]+) (.*)\n`)
	var b strings.Builder
	b.WriteString("\n| code | | for example |\n|---|---|---|\n")
	for _, code := range codes(t) {
		text, err := os.ReadFile("testdata/bad/" + code + ".golden")
		if err != nil {
			t.Fatal(err)
		}
		match := first.FindStringSubmatch(string(text))
		if match == nil || match[2] != code {
			t.Fatalf("%s.golden does not begin with its code:\n%s", code, text)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", code, match[1], inCell(match[3]))
	}
	section(t, "codes", b.String()+"\n")
}

func inCell(text string) string {
	return strings.NewReplacer("|", `\|`, "{{", "`{{", "}}", "}}`", "<", "&lt;").Replace(text)
}

// Every example of the documentation that is a file of ours is valid.
func TestTheExamplesOfTheDocumentationAreValid(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```(yaml|markdown)\n(.*?)```")
	seen := 0
	for _, file := range append(pages, "../../README.md") {
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range block.FindAllSubmatch(page, -1) {
			kind, src := string(match[1]), match[2]
			for _, d := range faultsOf(kind, src) {
				t.Errorf("%s: %s: %s\n%s", file, d.Code, d.Message, src)
			}
			seen++
		}
	}
	if seen < 5 {
		t.Errorf("only %d examples", seen)
	}
}

// faultsOf checks an example by what it is: a part of a file, such as a list of
// steps, is not checked.
func faultsOf(kind string, src []byte) (diagnostics []strictyaml.Diagnostic) {
	has := func(text string) bool { return strings.Contains("\n"+string(src), "\n"+text) }
	switch {
	case kind == "markdown":
		_, faults := render.ParseTemplate("example.md", src)
		for _, fault := range faults {
			diagnostics = append(diagnostics, fault.Diagnostic())
		}
	case has("criteria:"):
		_, diagnostics = icp.Parse("example.yaml", src)
	case has("title:"):
		_, diagnostics = casestudy.Parse("example.yaml", src)
	case has("version:") && has("steps:"):
		_, diagnostics = sequence.Parse("example.yaml", src)
	}
	return diagnostics
}
