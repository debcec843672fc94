package classify_test

import (
	"strings"
	"testing"

	"drumbeat/internal/classify"
)

// BenchmarkHostile reads 64 KiB of what costs most: the figure is the worst
// case of one mail.
func BenchmarkHostile(b *testing.B) {
	for _, piece := range []string{"1/1 ", "back on 1.1. ", "stop ", "please don't stop ", "not enough of this ", "take my ", "Ana Ruiz a@b.cc ", "don't not no ", "😀", "a", "zu ", "until "} {
		in := human(strings.Repeat(piece, 64<<10/len(piece)))
		b.Run(strings.TrimSpace(piece), func(b *testing.B) {
			for b.Loop() {
				classify.Classify(in)
			}
		})
	}
}
