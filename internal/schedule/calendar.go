package schedule

import (
	"time"

	"drumbeat/internal/outreach"
)

// horizon bounds every search for an open moment, in days. A window that stays
// shut for so long (holidays on every day, zones without an hour in common) is
// reported as never opening.
const horizon = 60

// Calendar says when one lead can be written to: a window that must be open in
// all zones at once. Several zones stand for a lead whose country is known and
// whose zone is not. At least one zone is needed; days are counted in the first.
type Calendar struct {
	Window  Window
	Zones   []*time.Location
	Holiday func(outreach.Day) bool // nil: no holidays
}

// Open tells whether the window is open at t in every zone.
func (c Calendar) Open(t time.Time) bool {
	for _, zone := range c.Zones {
		if !c.openOn(wallOf(t, zone)) {
			return false
		}
	}
	return true
}

// Next is the first moment at or after t at which the window is open, in UTC. It
// is false when there is none for two months.
func (c Calendar) Next(t time.Time) (time.Time, bool) {
	at, limit := t.UTC(), t.AddDate(0, 0, horizon)
	for agreed := 0; agreed < len(c.Zones); {
		for _, zone := range c.Zones {
			next, ok := c.nextIn(zone, at)
			if !ok || next.After(limit) {
				return time.Time{}, false
			}
			if next.After(at) {
				at, agreed = next, 0
			}
			agreed++
		}
	}
	return at, true
}

// End is the moment at which the window that is open at t closes: a mail that has
// not gone by then waits for the next. A shut window ends at t. A window that is
// never shut ends after a week, so that a claim never lives for ever.
func (c Calendar) End(t time.Time) time.Time {
	end := t.UTC().AddDate(0, 0, 7)
	for _, zone := range c.Zones {
		if shut := c.endIn(zone, t.UTC(), end); shut.Before(end) {
			end = shut
		}
	}
	return end
}

// Due is the first moment in the window at or after base plus wait: when the next
// step of a lead may go whose last one went at base. It is false when the window
// does not open in the two months after the wait.
func (c Calendar) Due(base time.Time, wait Wait) (time.Time, bool) {
	t, ok := c.After(base, wait)
	if !ok {
		return time.Time{}, false
	}
	return c.Next(t)
}

// After is base plus wait, whatever the window says.
func (c Calendar) After(base time.Time, wait Wait) (time.Time, bool) {
	days := wait.Days
	if wait.BusinessDays > 0 {
		var ok bool
		if days, ok = c.daysFor(base, wait.BusinessDays); !ok {
			return time.Time{}, false
		}
	}
	t := base.UTC()
	if days > 0 {
		t = instantOf(wallOf(base, c.Zones[0]).AddDate(0, 0, days), c.Zones[0])
	}
	return t.Add(wait.Exact), true
}

// daysFor counts the calendar days that n business days after base take.
func (c Calendar) daysFor(base time.Time, n int) (int, bool) {
	day := outreach.DayOf(wallOf(base, c.Zones[0]))
	business := c.Window.Days.Business()
	limit := 7*n + horizon
	for days := 1; days <= limit; days++ {
		day = day.AddDays(1)
		if business.Has(day.Weekday()) && !c.holiday(day) {
			n--
		}
		if n == 0 {
			return days, true
		}
	}
	return 0, false
}

func (c Calendar) holiday(day outreach.Day) bool { return c.Holiday != nil && c.Holiday(day) }

// opensOn tells whether the window opens at all on the day of a wall-clock time.
func (c Calendar) opensOn(wall time.Time) bool {
	return c.Window.Days.Has(wall.Weekday()) && !c.holiday(outreach.DayOf(wall))
}

func (c Calendar) openOn(wall time.Time) bool {
	minutes := wall.Sub(midnight(wall))
	return c.opensOn(wall) && minutes >= c.Window.From.duration() && minutes < c.Window.To.duration()
}

// nextIn is Next in one zone.
func (c Calendar) nextIn(zone *time.Location, t time.Time) (time.Time, bool) {
	for limit := t.AddDate(0, 0, horizon); t.Before(limit); {
		span := offsetAt(t, zone)
		wall, ok := c.nextWall(span.wall(t))
		if !ok {
			return time.Time{}, false
		}
		if at := span.instant(wall); span.holds(at) {
			return at, true
		}
		t = span.end.UTC()
	}
	return time.Time{}, false
}

// nextWall is the first open wall-clock time at or after wall, as if the clock
// were never changed.
func (c Calendar) nextWall(wall time.Time) (time.Time, bool) {
	for day := 0; day < horizon; day++ {
		start := midnight(wall)
		from, to := start.Add(c.Window.From.duration()), start.Add(c.Window.To.duration())
		if c.opensOn(wall) && wall.Before(to) {
			if wall.Before(from) {
				return from, true
			}
			return wall, true
		}
		wall = start.AddDate(0, 0, 1)
	}
	return time.Time{}, false
}

// endIn is End in one zone, at most limit.
func (c Calendar) endIn(zone *time.Location, t, limit time.Time) time.Time {
	for t.Before(limit) {
		span := offsetAt(t, zone)
		wall := span.wall(t)
		if !c.openOn(wall) {
			return t
		}
		t = span.instant(midnight(wall).Add(c.Window.To.duration()))
		if !span.holds(t) {
			t = span.end.UTC()
		}
	}
	return limit
}
