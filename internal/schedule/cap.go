package schedule

import "drumbeat/internal/outreach"

// Cap is how many mails a mailbox may send in one of its own days.
type Cap struct {
	PerDay int
	Ramp   Ramp
}

// Ramp warms a new mailbox up: Start mails on its first day and AddPerDay more on
// each calendar day after it, up to the cap. The zero Ramp is none.
type Ramp struct {
	Start     int
	AddPerDay int
}

// DefaultCap is 50 mails a day without a ramp.
func DefaultCap() Cap { return Cap{PerDay: 50} }

// On is the cap of a day for a mailbox that sent its first mail on first; a
// mailbox that has sent none yet (the zero Day) starts on that day.
func (c Cap) On(day, first outreach.Day) int {
	if c.Ramp == (Ramp{}) {
		return c.PerDay
	}
	age := 0
	if !first.IsZero() {
		age = max(0, day.Sub(first))
	}
	return min(c.PerDay, c.Ramp.Start+age*c.Ramp.AddPerDay)
}
