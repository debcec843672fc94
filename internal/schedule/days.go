package schedule

import (
	"fmt"
	"strings"
	"time"
)

// Days is a set of weekdays, one bit for each time.Weekday.
type Days uint8

// The usual sets.
const (
	Workdays Days = 1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday
	Weekend  Days = 1<<time.Saturday | 1<<time.Sunday
	AllDays       = Workdays | Weekend
)

// weekdayNames are the days as files spell them, in the order of a week.
var weekdayNames = [7]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// weekdayAt is the weekday that stands at a place of weekdayNames.
func weekdayAt(place int) time.Weekday { return time.Weekday((place + 1) % 7) }

// Has tells whether the day is in the set.
func (d Days) Has(day time.Weekday) bool { return d&(1<<day) != 0 }

// Business is the days that "business days" count: the window's own, so that a
// sun-thu window counts Sunday; a window that is open on both days of the weekend
// says nothing about business, so mon-fri is meant.
func (d Days) Business() Days {
	if d == 0 || d&Weekend == Weekend {
		return Workdays
	}
	return d
}

// String writes the set as ParseDays reads it: "mon-fri", "mon,wed".
func (d Days) String() string {
	var parts []string
	for place := 0; place < 7; place++ {
		first := place
		for place < 7 && d.Has(weekdayAt(place)) {
			place++
		}
		switch place - first {
		case 0:
		case 1:
			parts = append(parts, weekdayNames[first])
		case 2:
			parts = append(parts, weekdayNames[first], weekdayNames[first+1])
		default:
			parts = append(parts, weekdayNames[first]+"-"+weekdayNames[place-1])
		}
	}
	return strings.Join(parts, ",")
}

// ParseDays reads "mon-fri", "mon,wed,fri", "sun-thu" (a range may pass the end
// of the week). Full names and capitals are understood.
func ParseDays(text string) (Days, error) {
	var days Days
	for _, part := range strings.Split(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := weekdayPlace(from)
		if err != nil {
			return 0, err
		}
		last := first
		if isRange {
			if last, err = weekdayPlace(to); err != nil {
				return 0, err
			}
		}
		for place := first; ; place = (place + 1) % 7 {
			days |= 1 << weekdayAt(place)
			if place == last {
				break
			}
		}
	}
	return days, nil
}

func weekdayPlace(text string) (int, error) {
	word := strings.ToLower(strings.TrimSpace(text))
	for place, name := range weekdayNames {
		full := strings.ToLower(weekdayAt(place).String())
		if word == name || word == full {
			return place, nil
		}
	}
	return 0, fmt.Errorf("%q is not a day of the week", strings.TrimSpace(text))
}
