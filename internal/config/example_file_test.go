package config

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var exampleLine = regexp.MustCompile(`(?m)^(?:# )?([A-Z][A-Z0-9_]*)=`)

// forCompose matches what docker-compose.yml alone reads.
var forCompose = regexp.MustCompile(`\$\{([A-Z][A-Z0-9_]*)`)

// The file .env.example lists every variable that is read, and no other.
func TestEnvExampleListsExactlyWhatIsRead(t *testing.T) {
	example, compose := read(t, "../../.env.example"), read(t, "../../docker-compose.yml")
	want := append(Names(), ForTests()...)
	want = append(want, matches(forCompose, compose)...)
	slices.Sort(want)
	got := matches(exampleLine, example)
	slices.Sort(got)
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Errorf(".env.example (-read by the code or docker-compose.yml +listed):\n%s", diff)
	}
}

func matches(pattern *regexp.Regexp, text string) []string {
	var names []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
