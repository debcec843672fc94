package outreach

import (
	"fmt"
	"time"
)

// Day is a calendar day without time and zone: the day on which somebody is
// back, the day on which a lead wants to be asked again. The zero Day means
// that no day is known. Days compare with ==.
type Day struct {
	Year  int
	Month time.Month
	Dom   int // day of the month, from 1
}

// NewDay gives the day of these numbers, carried over as time.Date does:
// 32 January is 1 February.
func NewDay(year int, month time.Month, dom int) Day {
	return DayOf(time.Date(year, month, dom, 0, 0, 0, 0, time.UTC))
}

// DayOf gives the day of a moment in the moment's own zone.
func DayOf(t time.Time) Day {
	year, month, dom := t.Date()
	return Day{year, month, dom}
}

// ParseDay reads YYYY-MM-DD; a day that no calendar has is an error.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, fmt.Errorf("%w: day %q is not YYYY-MM-DD", ErrInvalid, s)
	}
	return DayOf(t), nil
}

// IsZero tells whether no day is known.
func (d Day) IsZero() bool { return d == Day{} }

// String is YYYY-MM-DD, empty for the zero Day.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Dom)
}

// Time is the moment at which the day begins in a zone. Where the clock is put
// forward at midnight, that is the moment of the change; where it is put back to
// midnight, the first of the two.
func (d Day) Time(zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Dom, 0, 0, 0, 0, zone)
	for DayOf(t).utc().Before(d.utc()) { // midnight does not exist, and was taken for an hour of the day before
		_, t = t.ZoneBounds()
	}
	change, _ := t.ZoneBounds()
	if change.IsZero() {
		return t
	}
	_, before := change.Add(-time.Nanosecond).Zone()
	first := d.utc().Add(-time.Duration(before) * time.Second).In(zone)
	if first.Before(change) && DayOf(first) == d {
		return first
	}
	return t
}

// utc is the day's midnight where no clock is ever changed: for counting days.
func (d Day) utc() time.Time { return time.Date(d.Year, d.Month, d.Dom, 0, 0, 0, 0, time.UTC) }

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// AddDays moves by whole days; negative is back.
func (d Day) AddDays(n int) Day { return NewDay(d.Year, d.Month, d.Dom+n) }

// Sub counts the days from other to d.
func (d Day) Sub(other Day) int {
	return int(d.utc().Sub(other.utc()) / (24 * time.Hour))
}

// Before tells whether d comes before other.
func (d Day) Before(other Day) bool { return d.utc().Before(other.utc()) }

// MarshalText writes YYYY-MM-DD, for JSON and columns of text.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD; empty is the zero Day.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Day{}
		return nil
	}
	day, err := ParseDay(string(text))
	if err != nil {
		return err
	}
	*d = day
	return nil
}
