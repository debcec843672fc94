package linediff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"drumbeat/internal/linediff"
)

func TestChangesAreShownWithALittleAround(t *testing.T) {
	before := "a\nb\nc\nd\ne\nf\ng\nh\n"
	after := "a\nb\nc\nd\nE\nf\ng\nh\ni\n"
	want := []string{"...", "  c", "  d", "- e", "+ E", "  f", "  g", "  h", "+ i"}
	if diff := cmp.Diff(want, linediff.Unified(before, after)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := linediff.Unified(before, before); got != nil {
		t.Errorf("no change shows %v", got)
	}
}

// The marks tell both texts: without '+' it is the first, without '-' the second.
func TestTheMarksTellBothTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 5)
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		lines := linediff.Unified(strings.Join(before, "\n"), strings.Join(after, "\n"))
		var was, is []string
		for _, line := range lines {
			if line == "..." {
				return // left out
			}
			if line[0] != '+' {
				was = append(was, line[2:])
			}
			if line[0] != '-' {
				is = append(is, line[2:])
			}
		}
		if lines == nil {
			was, is = before, before
		}
		if diff := cmp.Diff(before, was) + cmp.Diff(after, is); diff != "" {
			t.Fatalf("%v:\n%s", lines, diff)
		}
	})
}
