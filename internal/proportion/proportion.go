// Package proportion says how far a share that was counted can be trusted: 3 of 40
// is not 7.5 %, it is something between 3 and 20 %. It knows nothing of mails.
package proportion

import (
	"fmt"
	"math"
)

// Share is how many of a number had something.
type Share struct{ Count, Of int }

// z is the quantile of the normal distribution for intervals of 95 %.
const z = 1.959964

// Value is the share as counted, 0 of nothing.
func (s Share) Value() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.Count) / float64(s.Of)
}

// Interval is where the true share lies, in 95 of 100 cases: Wilson's score
// interval, which is right for small numbers and for none as well. Of nothing it is
// everything.
func (s Share) Interval() (low, high float64) {
	if s.Of == 0 {
		return 0, 1
	}
	n, p := float64(s.Of), s.Value()
	middle := p + z*z/(2*n)
	spread := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	return max(0, min(p, (middle-spread)/scale)), min(1, max(p, (middle+spread)/scale)) // rounding must not leave p outside
}

// String is for people: "2.5 % (0.9-7.1 %)".
func (s Share) String() string {
	if s.Of == 0 {
		return "-"
	}
	low, high := s.Interval()
	return fmt.Sprintf("%.1f %% (%.1f-%.1f %%)", 100*s.Value(), 100*low, 100*high)
}

// Above tells whether chance is an unlikely reason for s to be higher than other: the
// interval of 95 % of their difference (Newcombe 1998, method 10) lies above
// zero. Who looks again and again finds such a difference sooner or later.
func (s Share) Above(other Share) bool {
	if s.Of == 0 || other.Of == 0 {
		return false
	}
	low, _ := s.Interval()
	_, high := other.Interval()
	a, b := s.Value()-low, high-other.Value()
	return s.Value()-other.Value() > math.Sqrt(a*a+b*b)
}
