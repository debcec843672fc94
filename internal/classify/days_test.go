package classify_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"drumbeat/internal/classify"
)

// lines gives the lines of a file of testdata.
func lines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []string
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		all = append(all, scanner.Text())
	}
	return all
}

func TestNumbersAndNamesAreNoDays(t *testing.T) {
	for _, text := range lines(t, "no-days.txt") {
		if got := classify.Classify(human(text)).Days; len(got) > 0 {
			t.Errorf("%q: found %+v", text, got)
		}
	}
}

func TestDaysBesideACueAreRead(t *testing.T) {
	for _, line := range lines(t, "days.jsonl") {
		var test struct{ Text, Want string }
		if err := json.Unmarshal([]byte(line), &test); err != nil {
			t.Fatal(err)
		}
		got := classify.Classify(human(test.Text))
		var days []string
		for _, d := range got.Days {
			days = append(days, d.Day.String())
		}
		if got.ReturnOn != nil {
			days = append(days, got.ReturnOn.String())
		}
		if !slices.Contains(days, test.Want) {
			t.Errorf("%q: %s, read as %s in %q; want %s", test.Text, days, got.Label, got.Language, test.Want)
		}
	}
}
