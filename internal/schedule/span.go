package schedule

import "time"

// Wall-clock times are kept as time.Time in UTC that carry the numbers of the
// clock on the wall. Between two changes of a zone's offset a wall clock runs
// like any other, so the arithmetic walks from change to change and never asks
// time.Date what 02:30 means in a night that has none, or two.

// offsetSpan is a stretch of time in which a zone keeps one offset.
type offsetSpan struct {
	shift time.Duration // east of UTC
	end   time.Time     // the next change; zero: none
}

// offsetAt gives the stretch that holds t.
func offsetAt(t time.Time, zone *time.Location) offsetSpan {
	local := t.In(zone)
	_, seconds := local.Zone()
	_, end := local.ZoneBounds()
	return offsetSpan{shift: time.Duration(seconds) * time.Second, end: end}
}

// holds tells whether t, which is not before the stretch, lies in it.
func (s offsetSpan) holds(t time.Time) bool { return s.end.IsZero() || t.Before(s.end) }

func (s offsetSpan) wall(t time.Time) time.Time       { return t.UTC().Add(s.shift) }
func (s offsetSpan) instant(wall time.Time) time.Time { return wall.Add(-s.shift) }

// wallOf is the wall clock of a zone at t.
func wallOf(t time.Time, zone *time.Location) time.Time { return offsetAt(t, zone).wall(t) }

// instantOf is the first moment at which the wall clock of a zone shows wall, or,
// where a clock change jumps over it, the moment of the change.
func instantOf(wall time.Time, zone *time.Location) time.Time {
	const furthest = 27 * time.Hour // beyond any zone's offset, with a day to spare
	t := wall.Add(-furthest)
	for {
		span := offsetAt(t, zone)
		at := span.instant(wall)
		if at.Before(t) {
			return t
		}
		if span.holds(at) {
			return at
		}
		t = span.end.UTC()
	}
}

// midnight is the start of the day of a wall-clock time.
func midnight(wall time.Time) time.Time {
	year, month, day := wall.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
