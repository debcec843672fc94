package classify

import (
	"strconv"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// dayReader finds days in a text. It reads expressions only; what a day stands
// for is the business of role.go.
type dayReader struct {
	calendar calendar
	text     text
	language string
	today    outreach.Day
	order    numericOrder
}

// precision is how exact a day expression is. Vague ones need a cue.
type precision int

const (
	exactDay   precision = iota // 12 May, tomorrow
	weekdayDay                  // Thursday
	monthDay                    // in September: its first day
	vagueDay                    // next quarter, after the summer, in two weeks
	bareNumber                  // the 16th
)

// dayFound is a day expression: tokens start to end (exclusive).
type dayFound struct {
	day        outreach.Day
	start, end int
	precision  precision
	written    bool // the year is written
}

// maxDays is how many days of a text are looked at; a timetable needs no more.
const maxDays = 40

// find gives the first day expressions of the text, none overlapping.
func (d *dayReader) find() []dayFound {
	d.order = d.numericOrder()
	var found []dayFound
	for at := 0; at < len(d.text.tokens) && len(found) < maxDays; {
		f, ok := d.at(at)
		if !ok {
			at++
			continue
		}
		found = append(found, f)
		at = max(f.end, at+1)
	}
	return found
}

// at reads the expression that begins at a token, the most exact form first.
func (d *dayReader) at(at int) (dayFound, bool) {
	forms := []func(int) (dayFound, bool){
		d.isoDay, d.ideographicDay, d.weekdayWithDate, d.numericDay, d.dayAndMonth, d.monthAndDay, d.relative, d.calendarWeek,
		d.nthOf, d.partOf, d.quarter, d.nextUnit, d.monthAlone, d.feastDay, d.season, d.weekday, d.yearAlone, d.ordinal,
	}
	for _, form := range forms {
		if f, ok := form(at); ok && f.end > at && validDay(f.day) {
			f.start = at
			if _, weekday := d.is("weekday", f.end); weekday && f.precision == exactDay {
				f.end++ // "19 Mayıs Pazartesi"
			}
			return f, true
		}
	}
	return dayFound{}, false
}

func validDay(day outreach.Day) bool { return day.Year >= 2000 && day.Year < 2100 }

// word is the folded token at a place, empty beyond the end.
func (d *dayReader) word(at int) string {
	if at < 0 || at >= len(d.text.tokens) {
		return ""
	}
	return d.text.tokens[at].text
}

// raw is a token as written: "We'd" is not "Wed".
func (d *dayReader) raw(at int) string {
	if at < 0 || at >= len(d.text.tokens) {
		return ""
	}
	return d.text.raw[d.text.tokens[at].start:d.text.tokens[at].end]
}

// between is the raw text between a token and the next.
func (d *dayReader) between(at int) string {
	if at < 0 || at+1 >= len(d.text.tokens) {
		return ""
	}
	return d.text.raw[d.text.tokens[at].end:d.text.tokens[at+1].start]
}

func (d *dayReader) is(kind string, at int) (int, bool) {
	word := d.word(at)
	if word == "" {
		return 0, false
	}
	return d.calendar.is(kind, word, d.language)
}

// number reads a token of digits of at most n places.
func (d *dayReader) number(at, places int) (int, bool) {
	word := d.word(at)
	if word == "" || len(word) > places || strings.Trim(word, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(word)
	return n, err == nil
}

// dayNumber reads a day of the month with its ending: 6th, 1er, 2., 3:a.
func (d *dayReader) dayNumber(at int) (int, bool) {
	word := d.word(at)
	digits := strings.TrimRight(word, "abcdefghijklmnopqrstuvwxyzº")
	switch strings.TrimPrefix(word, digits) {
	case "", "st", "nd", "rd", "th", "er", "e", "ste", "de", "º", "o", "a", "an", "inci", "ta":
	default:
		return 0, false
	}
	if len(digits) == 0 || len(digits) > 2 {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 1 && n <= 31
}

// year reads a four-digit year, or a two-digit one where short is allowed.
func (d *dayReader) year(at int, short bool) (int, bool) {
	if n, ok := d.number(at, 4); ok && n >= 2000 && n < 2100 && len(d.word(at)) == 4 {
		return n, true
	}
	if n, ok := d.number(at, 2); short && ok && len(d.word(at)) == 2 {
		return 2000 + n, true
	}
	return 0, false
}

// forward puts a day without a year into the next twelve months. One that was
// up to two weeks ago stays: a stale notice of absence.
func (d *dayReader) forward(month time.Month, dom int) outreach.Day {
	day := outreach.NewDay(d.today.Year, month, dom)
	if d.today.Sub(day) > 0 {
		return outreach.NewDay(d.today.Year+1, month, dom)
	}
	return day
}

// withYear completes a day and month with the year behind it, if one is there.
func (d *dayReader) withYear(at int, month, dom int, short bool) (dayFound, bool) {
	if month < 1 || month > 12 || dom < 1 || dom > 31 {
		return dayFound{}, false
	}
	next := at
	for d.word(next) == "de" || d.word(next) == "del" || d.word(next) == "of" || d.word(next) == "do" {
		next++
	}
	if year, ok := d.year(next, short); ok && !strings.ContainsAny(d.between(next-1), "\n;") {
		return dayFound{day: outreach.NewDay(year, time.Month(month), dom), end: next + 1, written: true}, true
	}
	if year, end, ok := d.thatYear(at); ok {
		return dayFound{day: outreach.NewDay(year, time.Month(month), dom), end: end, written: true}, true
	}
	if end, ok := d.nextYear(at); ok {
		return dayFound{day: outreach.NewDay(d.today.Year+1, time.Month(month), dom), end: end, written: true}, true
	}
	return dayFound{day: d.forward(time.Month(month), dom), end: at}, true
}

// thatYear reads "of that year", "desselben Jahres": the last year written before.
func (d *dayReader) thatYear(at int) (year, end int, ok bool) {
	if isPartFiller(d.word(at)) {
		at++
	}
	switch d.word(at) + " " + d.word(at+1) {
	case "that year", "same year", "desselben jahres", "jenes jahres", "ese ano", "esse ano", "quell anno", "dat jaar", "daquele ano", "naquele ano", "aquel ano", "cette annee":
	default:
		return 0, 0, false
	}
	for before := at - 1; before >= 0 && before > at-40; before-- {
		if year, ok := d.year(before, false); ok {
			return year, at + 2, true
		}
	}
	return 0, 0, false
}

// nextYear reads "next year", "nächsten Jahres", "do ano que vem", "de l'année
// prochaine" behind a month or week, and where it ends.
func (d *dayReader) nextYear(at int) (end int, ok bool) {
	for n := 0; n < 3 && (isPartFiller(d.word(at)) || d.word(at) == "dell"); n++ {
		at++
	}
	year := func(at int) bool { unit, ok := d.is("unit", at); return ok && unit == 365 }
	next := func(at int) bool { _, ok := d.is("next", at); return ok && d.word(at) != "que" }
	switch {
	case next(at) && (year(at+1) || d.word(at+1) == "jahres"), (year(at) || d.word(at) == "jahres") && next(at+1):
		return at + 2, true
	case year(at) && d.word(at+1) == "que" && (d.word(at+2) == "vem" || d.word(at+2) == "viene"):
		return at + 3, true
	}
	return 0, false
}
