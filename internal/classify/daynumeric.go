package classify

import (
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// numericOrder is how a text writes a numeric date.
type numericOrder int

const (
	orderUnknown numericOrder = iota
	dayFirst
	monthFirst
)

// numericOrder tells it from the text's own dates that can be read in one way
// only, then from country, language and the sender's zone.
func (d *dayReader) numericOrder() numericOrder {
	for at := range d.text.tokens {
		first, second, _, ok := d.numericParts(at)
		switch {
		case ok && first > 12 && second <= 12:
			return dayFirst
		case ok && second > 12 && first <= 12:
			return monthFirst
		}
	}
	if d.order != orderUnknown {
		return d.order
	}
	if d.language != "en" && d.language != "" {
		return dayFirst
	}
	return orderUnknown
}

// orderOf tells the order of a country and zone: the United States write the
// month first, from zones that are four hours or more behind.
func orderOf(country string, at time.Time) numericOrder {
	switch country {
	case "US":
		return monthFirst
	case "":
	default:
		return dayFirst
	}
	_, offset := at.Zone()
	switch {
	case offset <= -4*3600:
		return monthFirst
	case offset != 0:
		return dayFirst
	}
	return orderUnknown
}

// hour tells "10.30 Uhr" and "kl. 9.15" from dates.
func (d *dayReader) hour(at int) bool {
	switch d.word(at + 2) {
	case "uhr", "uur", "hrs", "am", "pm":
		return true
	}
	switch d.word(at - 1) {
	case "um", "kl", "klo", "klockan", "alle", "ore", "godz", "kell":
		return true
	}
	return false
}

// numericParts reads "28.04.2025", "5.6.", "11/3", "9-5-2025": two small numbers
// with the same separator, and where they end.
func (d *dayReader) numericParts(at int) (first, second, end int, ok bool) {
	first, ok1 := d.number(at, 2)
	second, ok2 := d.number(at+1, 2)
	separator := d.between(at)
	if !ok1 || !ok2 || first < 1 || second < 1 || max(first, second) > 31 || min(first, second) > 12 {
		return 0, 0, 0, false
	}
	if separator != "/" && d.hour(at) {
		return 0, 0, 0, false
	}
	switch separator {
	case "/", ".", ". ":
	case "-":
		if _, year := d.year(at+2, false); !year || d.between(at+1) != "-" {
			return 0, 0, 0, false // "2-3 days"
		}
	default:
		return 0, 0, 0, false
	}
	if d.partOfNumber(at) || first == 24 && second == 7 && !d.cued(at) {
		return 0, 0, 0, false
	}
	return first, second, at + 2, true
}

// partOfNumber tells a date from a decimal, a price, a version, a phone number:
// digits or signs of money directly around it, or three parts that are no date.
func (d *dayReader) partOfNumber(at int) bool {
	if before := d.between(at - 1); at > 0 && before != "" && strings.ContainsAny(before[len(before)-1:], "+.,:/$€£#") {
		return true
	}
	switch d.word(at - 1) {
	case "€", "$", "£", "version", "v", "eur", "usd", "room", "gate", "iso":
		return true
	}
	switch d.word(at + 2) {
	case "%", "€", "$", "£", "eur", "euro", "k", "m", "percent", "stars", "hours", "points", "mm", "cm", "kg", "times":
		return true
	}
	if d.between(at) == "." && d.between(at+1) == "." {
		_, year := d.year(at+2, true)
		_, number := d.number(at+2, 9)
		return number && !year
	}
	return d.between(at) == "." && (d.language == "en" || d.language == "") && !strings.HasPrefix(d.between(at+1), ".") &&
		!d.cued(at)
}

// cued tells whether a word of time stands directly before a place.
func (d *dayReader) cued(at int) bool {
	for back := 1; back <= 2; back++ {
		for _, kind := range []string{"until", "return", "from", "weekday"} {
			if _, ok := d.is(kind, at-back); ok {
				return true
			}
		}
	}
	switch d.word(at - 1) {
	case "on", "the", "am", "le", "to", "den", "by", "before":
		return true
	}
	return false
}

// numericDay reads a numeric date in the text's order.
func (d *dayReader) numericDay(at int) (dayFound, bool) {
	first, second, end, ok := d.numericParts(at)
	if !ok {
		return dayFound{}, false
	}
	order := d.order
	if strings.HasPrefix(d.between(at), ".") {
		order = dayFirst
	}
	if order == dayFirst && second > 12 || order == monthFirst && first > 12 {
		order = dayFirst + monthFirst - order
	}
	byDay, okDay := d.numericYear(at, end, second, first)
	byMonth, okMonth := d.numericYear(at, end, first, second)
	switch {
	case order == dayFirst || !okMonth:
		return byDay, okDay
	case order == monthFirst || !okDay:
		return byMonth, okMonth
	case byMonth.day.Before(d.today) != byDay.day.Before(d.today):
		if byMonth.day.Before(d.today) {
			return byDay, true
		}
		return byMonth, true
	case byMonth.day.Before(byDay.day):
		return byMonth, true // what comes first is the likelier absence
	}
	return byDay, true
}

// numericByWeekday picks the reading that falls on the weekday named before it.
func (d *dayReader) numericByWeekday(at, weekday int) (dayFound, bool) {
	first, second, end, ok := d.numericParts(at)
	if !ok {
		return dayFound{}, false
	}
	byDay, okDay := d.numericYear(at, end, second, first)
	byMonth, okMonth := d.numericYear(at, end, first, second)
	onDay, onMonth := okDay && isoWeekday(byDay.day) == weekday, okMonth && isoWeekday(byMonth.day) == weekday
	switch {
	case onDay && !onMonth:
		return byDay, true
	case onMonth && !onDay:
		return byMonth, true
	}
	return d.numericDay(at)
}

// numericYear adds the year of a numeric date: the same separator must lead to
// it.
func (d *dayReader) numericYear(at, end, month, dom int) (dayFound, bool) {
	if month > 12 || dom > lastOfMonth(outreach.NewDay(2024, time.Month(month), 1)).Dom {
		return dayFound{}, false
	}
	if strings.TrimSpace(d.between(end-1)) == strings.TrimSpace(d.between(at)) {
		if year, ok := d.year(end, true); ok {
			return dayFound{day: outreach.NewDay(year, time.Month(month), dom), end: end + 1, written: true}, true
		}
	}
	return dayFound{day: d.forward(time.Month(month), dom), end: end}, true
}
