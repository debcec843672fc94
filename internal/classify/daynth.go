package classify

import (
	"time"

	"drumbeat/internal/outreach"
)

// nthOf: "the first Monday in February", "second week of October", "erste Woche
// im März", "primera semana de septiembre". A week of a month begins on its 1st,
// 8th, 15th or 22nd.
func (d *dayReader) nthOf(at int) (dayFound, bool) {
	n := ordinalWord(d.word(at))
	if n == 0 {
		n = firstWord(d.word(at))
	}
	last := n == 0 && lastWord(d.word(at))
	if n == 0 && !last {
		return dayFound{}, false
	}
	if f, ok := d.lastQuarter(at, last); ok {
		return f, true
	}
	weekday, isWeekday := d.is("weekday", at+1)
	unit, isUnit := d.is("unit", at+1)
	if !isWeekday && !(isUnit && unit == 7) {
		return dayFound{}, false
	}
	next := at + 2
	for n := 0; n < 3 && (isPartFiller(d.word(next)) || d.word(next) == "im" || d.word(next) == "i" || d.word(next) == "en" || d.word(next) == "em" || d.word(next) == "a" || d.word(next) == "w" || d.word(next) == "v"); n++ {
		next++
	}
	f, ok := d.monthAlone(next)
	if !ok {
		return dayFound{}, false
	}
	f.day = nthDay(f.day, n, weekday)
	f.precision = vagueDay
	return f, true
}

// nthDay counts weeks, or days of the week (Monday 1; 0: weeks), from the first of
// a month; n is 0 for the last.
func nthDay(first outreach.Day, n, weekday int) outreach.Day {
	if weekday == 0 {
		if n == 0 {
			return lastOfMonth(first).AddDays(-6)
		}
		return first.AddDays(7 * (n - 1))
	}
	if n == 0 {
		last := lastOfMonth(first)
		return last.AddDays(-(isoWeekday(last) - weekday + 7) % 7)
	}
	return first.AddDays((weekday-isoWeekday(first)+7)%7 + 7*(n-1))
}

// lastQuarter: "el último trimestre", "im letzten Quartal": the first day of the
// fourth one.
func (d *dayReader) lastQuarter(at int, last bool) (dayFound, bool) {
	unit, ok := d.is("unit", at+1)
	if !last || !ok || unit != 90 {
		return dayFound{}, false
	}
	return d.partOfYear(at+2, int(time.October))
}

func firstWord(word string) int {
	switch word {
	case "erste", "erster", "1e", "premiere", "primera", "prima", "primeira", "pierwszy", "pierwsza", "prvni":
		return 1
	case "zweite", "deuxieme", "segunda", "seconda", "druga", "druhy":
		return 2
	case "dritte", "troisieme", "tercera", "terza", "terceira":
		return 3
	}
	return 0
}

func lastWord(word string) bool {
	switch word {
	case "last", "letzte", "letzten", "letztes", "dernier", "derniere", "ultimo", "ultima", "laatste", "sista", "sidste", "siste", "ostatni", "ostatnim":
		return true
	}
	return false
}
