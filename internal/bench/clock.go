package bench

import (
	"time"

	"drumbeat/internal/clock"
)

// fastClock is sales time that runs faster than the machine's, so that a pause
// of minutes after a 4xx takes seconds. All processes of a bench share it.
type fastClock struct {
	Origin time.Time `json:"origin"` // the machine's time at Start
	Start  time.Time `json:"start"`
	Factor int       `json:"factor"`
}

// newFastClock begins on a Monday morning in 2031.
func newFastClock(factor int) fastClock {
	return fastClock{Origin: clock.Machine{}.Now().Round(0), Start: time.Date(2031, 3, 3, 6, 0, 0, 0, time.UTC), Factor: factor}
}

// Now is sales time.
func (c fastClock) Now() time.Time {
	return c.Start.Add(time.Duration(c.Factor) * clock.Machine{}.Since(c.Origin)).UTC()
}

// machine is the machine's time since the start at a sales time.
func (c fastClock) machine(sales time.Time) time.Duration {
	return sales.Sub(c.Start) / time.Duration(c.Factor)
}
