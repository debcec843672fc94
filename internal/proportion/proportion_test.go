package proportion_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"drumbeat/internal/proportion"
)

func TestIntervalsAreThoseOfTheTextbook(t *testing.T) {
	for _, test := range []struct {
		share     proportion.Share
		low, high float64
	}{
		{proportion.Share{Count: 10, Of: 100}, 0.0552, 0.1744},
		{proportion.Share{Count: 0, Of: 20}, 0, 0.1611},
		{proportion.Share{Count: 81, Of: 263}, 0.2553, 0.3662}, // Newcombe 1998, table I
		{proportion.Share{Count: 1, Of: 29}, 0.0061, 0.1718},   // the same
		{proportion.Share{}, 0, 1},
	} {
		low, high := test.share.Interval()
		if math.Abs(low-test.low) > 0.00006 || math.Abs(high-test.high) > 0.00006 {
			t.Errorf("%+v: %.4f-%.4f, want %.4f-%.4f", test.share, low, high, test.low, test.high)
		}
	}
}

func TestADifferenceIsCalledOneOnlyWhenChanceIsUnlikely(t *testing.T) {
	for _, test := range []struct {
		a, b  proportion.Share
		above bool
	}{
		{proportion.Share{Count: 56, Of: 70}, proportion.Share{Count: 48, Of: 80}, true}, // Newcombe 1998, table II: 0.0524 to 0.3339
		{proportion.Share{Count: 9, Of: 10}, proportion.Share{Count: 3, Of: 10}, true},   // 0.1705 to 0.8090
		{proportion.Share{Count: 3, Of: 10}, proportion.Share{Count: 9, Of: 10}, false},
		{proportion.Share{Count: 5, Of: 56}, proportion.Share{Count: 0, Of: 29}, false}, // -0.0381 to 0.1926
		{proportion.Share{Count: 6, Of: 100}, proportion.Share{Count: 3, Of: 100}, false},
		{proportion.Share{Count: 60, Of: 1000}, proportion.Share{Count: 30, Of: 1000}, true},
		{proportion.Share{Count: 5, Of: 5}, proportion.Share{}, false},
	} {
		if got := test.a.Above(test.b); got != test.above {
			t.Errorf("%+v above %+v: %t", test.a, test.b, got)
		}
	}
}

func TestAnIntervalHoldsItsShareAndShrinksWithTheSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.IntRange(1, 5000).Draw(t, "of")
		s := proportion.Share{Count: rapid.IntRange(0, of).Draw(t, "count"), Of: of}
		low, high := s.Interval()
		if low < 0 || high > 1 || low > s.Value() || high < s.Value() {
			t.Fatalf("%+v: %f-%f", s, low, high)
		}
		tenfoldLow, tenfoldHigh := proportion.Share{Count: 10 * s.Count, Of: 10 * of}.Interval()
		if tenfoldHigh-tenfoldLow >= high-low {
			t.Fatalf("%+v: ten times as many say no more", s)
		}
		if s.Above(s) {
			t.Fatalf("%+v is above itself", s)
		}
	})
}
