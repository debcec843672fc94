package classify

import (
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// isoDay: 2025-05-15, 2025/05/15 (ISO 8601).
func (d *dayReader) isoDay(at int) (dayFound, bool) {
	year, ok := d.year(at, false)
	separator := d.between(at)
	if !ok || separator != "-" && separator != "/" && separator != "." || d.between(at+1) != separator {
		return dayFound{}, false
	}
	month, ok1 := d.number(at+1, 2)
	dom, ok2 := d.number(at+2, 2)
	if !ok1 || !ok2 || month < 1 || month > 12 || dom < 1 || dom > 31 {
		return dayFound{}, false
	}
	return dayFound{day: outreach.NewDay(year, time.Month(month), dom), end: at + 3, written: true}, true
}

// ideographicDay: 5月12日, 2025年5月12日.
func (d *dayReader) ideographicDay(at int) (dayFound, bool) {
	month, ok1 := d.number(at, 2)
	dom, ok2 := d.number(at+2, 2)
	if !ok1 || !ok2 || d.word(at+1) != "月" || d.word(at+3) != "日" || month < 1 || month > 12 {
		return dayFound{}, false
	}
	return dayFound{day: d.forward(time.Month(month), dom), end: at + 4}, true
}

// weekdayWithDate: "Monday 12 May", "Tue 5/6", "Dienstag, den 12.5.". The date
// counts; the weekday tells day from month in a numeric one.
func (d *dayReader) weekdayWithDate(at int) (dayFound, bool) {
	weekday, ok := d.is("weekday", at)
	if !ok {
		return dayFound{}, false
	}
	next := at + 1
	for n := 0; n < 3 && isDayFiller(d.word(next)); n++ {
		next++
	}
	if strings.ContainsAny(d.between(next-1), ".?!\n") && !strings.HasPrefix(d.between(next-1), ". ") {
		return dayFound{}, false
	}
	for _, form := range []func(int) (dayFound, bool){d.isoDay, d.dayAndMonth, d.monthAndDay} {
		if f, ok := form(next); ok {
			return f, true
		}
	}
	if f, ok := d.numericByWeekday(next, weekday); ok {
		return f, true
	}
	// "Monday 17", "lunedì 17", "den 18:e": the next such day that is a 17th
	if dom, ok := d.dayNumber(next); ok && d.clockless(next) {
		for n := range 62 {
			if day := d.today.AddDays(n); day.Dom == dom && isoWeekday(day) == weekday {
				return dayFound{day: day, end: next + 1}, true
			}
		}
	}
	return dayFound{}, false
}

// clockless tells whether a number is not an hour: "Monday 10am", "Friday 9:30".
func (d *dayReader) clockless(at int) bool {
	switch d.word(at + 1) {
	case "am", "pm", "uhr", "h", "uur", "oclock", "kl", "or", "oder", "ou", "o", "et", "est":
		return false
	}
	between := d.between(at)
	return between == "" || between[0] != ':' && between[0] != '-' && between[0] != '/'
}

func isDayFiller(word string) bool {
	switch word {
	case "the", "den", "dem", "der", "le", "el", "il", "dia", "feira", "d", "a", "o", "gunu", "em", "on", "next":
		return true
	}
	return false
}

// isoWeekday counts from Monday, 1, to Sunday, 7 (ISO 8601).
func isoWeekday(day outreach.Day) int { return (int(day.Weekday())+6)%7 + 1 }

// dayAndMonth: "12 May", "12. Mai 2025", "3rd of September", "15 de mayo de 2024".
func (d *dayReader) dayAndMonth(at int) (dayFound, bool) {
	dom, ok := d.dayNumber(at)
	if d.word(at) == "first" && d.word(at+1) == "of" {
		dom, ok = 1, true
	}
	if !ok {
		return dayFound{}, false
	}
	next := at + 1
	for d.word(next) == "of" || d.word(next) == "de" || d.word(next) == "do" || d.word(next) == "day" {
		next++
	}
	month, ok := d.is("month", next)
	if !ok || strings.ContainsAny(d.between(next-1), "\n,;?!") {
		return dayFound{}, false
	}
	return d.withYear(next+1, month, dom, false)
}

// monthAndDay: "May 6th, 2025", "February 16". Not "May 10 people": the modal
// is told by its capital.
func (d *dayReader) monthAndDay(at int) (dayFound, bool) {
	month, ok := d.is("month", at)
	if !ok || d.language != "en" && d.language != "hu" && d.language != "" && !d.text.tokens[at].upper {
		return dayFound{}, false
	}
	next := at + 1
	if d.word(next) == "the" {
		next++
	}
	dom, ok := d.dayNumber(next)
	if d.shortYear(next) {
		return dayFound{}, false
	}
	if !ok || strings.ContainsAny(d.between(at), "\n.;?!") && d.between(at) != ". " {
		return dayFound{}, false
	}
	return d.withYear(next+1, month, dom, false)
}

// relative: "tomorrow", "in two weeks", "dans deux mois", "3 months from now".
func (d *dayReader) relative(at int) (dayFound, bool) {
	if days, ok := d.is("relative", at); ok && days > 0 && !d.morning(at) {
		return dayFound{day: d.today.AddDays(days), end: at + 1}, true
	}
	next := at
	for _, kind := range []string{"in", "after"} {
		if _, ok := d.is(kind, at); ok {
			next = at + 1
		}
	}
	if _, ok := d.quarter(next); ok && next > at && strings.HasPrefix(d.between(next), ".") {
		return dayFound{}, false // "im 2. Quartal"
	}
	amount, unit, end, ok := d.span(next)
	if !ok || amount*unit > 5*365 {
		return dayFound{}, false
	}
	behind := d.behindSpan(end)
	if next == at && behind == end && !d.given(at) || d.repeated(at, behind) {
		return dayFound{}, false // "two weeks": how long, not when
	}
	return dayFound{day: addUnits(d.today, amount, unit), end: behind, precision: vagueDay}, true
}

// given tells a span that is asked for: "give it six weeks".
func (d *dayReader) given(at int) bool {
	switch d.word(at - 1) {
	case "it", "us", "me", "another":
		return d.word(at-2) == "give" || d.word(at-2) == "gimme" || d.word(at-3) == "give"
	}
	return false
}

// repeated tells how often or how much, not when: "once in a year", "after two
// months of meetings", "over een jaar of tien".
func (d *dayReader) repeated(at, behind int) bool {
	switch d.word(at - 1) {
	case "once", "twice", "times", "einmal", "zweimal":
		return true
	}
	if _, after := d.is("after", at); after && d.word(behind) == "of" {
		return true
	}
	return d.word(behind) == "of" && d.language == "nl" && d.word(behind+1) == "tien"
}

// span reads how long: "two weeks", "a couple of months", "half a year".
func (d *dayReader) span(at int) (amount, unit, end int, ok bool) {
	next := at
	if d.word(next) == "a" && (d.word(next+1) == "couple" || d.word(next+1) == "few") || d.word(next) == "another" || d.word(next) == "about" {
		next++
	}
	amount, ok = d.is("number", next)
	if n, isNumber := d.number(next, 2); isNumber {
		amount, ok = n, true
	}
	if !ok {
		return 0, 0, 0, false
	}
	half := isHalf(d.word(next))
	next++
	if d.word(next) == "of" || d.word(next) == "or" || d.word(next) == "a" {
		next++
	}
	if isHalf(d.word(next)) {
		half = true
		next++
	}
	unit, ok = d.is("unit", next)
	switch {
	case d.word(next) == "fortnight":
		amount = 2
	case half && unit == 365:
		amount, unit = 6, 30
	}
	return amount, unit, next + 1, ok
}

// behindSpan skips the words that make a span a day: "two weeks from today".
func (d *dayReader) behindSpan(at int) int {
	switch d.word(at) {
	case "sonra", "jalkeen", "kuluttua":
		return at + 1
	case "from":
		if d.word(at+1) != "now" && d.word(at+1) != "today" && d.word(at+1) != "then" {
			return at // "an implant a month from Google"
		}
		return at + 2
	case "on":
		if at+1 < len(d.text.tokens) && d.text.tokens[at+1].sentence == d.text.tokens[at].sentence {
			return at // "six hours a week on planning"
		}
		return at + 1
	case "time", "later", "hence":
		if d.word(at+1) == "now" || d.word(at+1) == "today" {
			return at + 2
		}
		return at + 1
	}
	return at
}

func isHalf(word string) bool {
	switch word {
	case "half", "halben", "halbes", "halve", "halv", "medio", "mezzo", "demi", "meio", "pol", "polowy":
		return true
	}
	return false
}

// morning tells the greeting and the time of day from tomorrow: "Guten
// Morgen", "de la mañana".
func (d *dayReader) morning(at int) bool {
	switch d.word(at - 1) {
	case "guten", "gutenmorgen", "la", "goede", "por", "dobre", "god", "una", "di", "esta":
		return true
	}
	return false
}

// addUnits adds days, weeks, months, quarters or years. A month that is too
// short for the day gives its last day.
func addUnits(day outreach.Day, n, unit int) outreach.Day {
	switch unit {
	case 30:
		return addMonths(day, n)
	case 90:
		return addMonths(day, 3*n)
	case 365:
		return addMonths(day, 12*n)
	}
	return day.AddDays(n * unit)
}

func addMonths(day outreach.Day, n int) outreach.Day {
	first := outreach.NewDay(day.Year, day.Month+time.Month(n), 1)
	return outreach.Day{Year: first.Year, Month: first.Month, Dom: min(day.Dom, lastOfMonth(first).Dom)}
}

func lastOfMonth(day outreach.Day) outreach.Day {
	return outreach.NewDay(day.Year, day.Month+1, 1).AddDays(-1)
}

// calendarWeek: "KW 35", "week 35", "uge 32": its Monday (ISO 8601).
func (d *dayReader) calendarWeek(at int) (dayFound, bool) {
	if _, ok := d.is("week", at); !ok {
		return dayFound{}, false
	}
	next := at + 1
	week, ok := d.number(next, 2)
	if !ok || week < 1 || week > 53 {
		return dayFound{}, false
	}
	year, written := d.year(next+1, false)
	if !written {
		year = d.today.Year
	}
	monday := isoWeek(year, week)
	end := next + 1
	if written {
		end++
	} else if behind, ok := d.nextYear(next + 1); ok {
		monday, end, written = isoWeek(year+1, week), behind, true
	} else if d.today.Sub(monday) > 6 {
		monday = isoWeek(year+1, week)
	}
	return dayFound{day: monday, end: end, precision: monthDay, written: written}, true
}

// isoWeek is the Monday of a week; 4 January is always in week 1.
func isoWeek(year, week int) outreach.Day {
	fourth := outreach.NewDay(year, time.January, 4)
	return fourth.AddDays(1 - isoWeekday(fourth) + 7*(week-1))
}

// monthAlone: "in September", "January 2026". In English the month's name must
// be written as one, or stand behind a preposition.
func (d *dayReader) monthAlone(at int) (dayFound, bool) {
	month, ok := d.is("month", at)
	if !ok || len(d.word(at)) < 4 && !d.text.tokens[at].upper && !d.behindPreposition(at) {
		return dayFound{}, false
	}
	if d.personal(at) || d.compound(at) || d.everyOne(at) {
		return dayFound{}, false
	}
	if (d.word(at) == "may" || d.word(at) == "march" || d.word(at) == "mars") && !d.behindPreposition(at) {
		return dayFound{}, false
	}
	f, ok := d.withYear(at+1, month, 1, d.shortYear(at+1))
	if !f.written && d.today.Month == time.Month(month) {
		f.day = outreach.NewDay(d.today.Year+1, time.Month(month), 1)
	}
	f.precision = monthDay
	return f, ok
}

// everyOne tells a month that comes again and again: "each August".
func (d *dayReader) everyOne(at int) bool { return d.word(at-1) == "every" || d.word(at-1) == "each" }

// compound tells a month that is part of another word: "die Januar-Mail".
func (d *dayReader) compound(at int) bool {
	if d.between(at) != "-" || strings.Trim(d.word(at+1), "0123456789") == "" {
		return false
	}
	_, month := d.is("month", at+1)
	return !month
}

// shortYear tells a year of two digits behind a month, where a language writes no
// day of the month there: "im Oktober 25".
func (d *dayReader) shortYear(at int) bool {
	n, ok := d.number(at, 2)
	if !ok || d.language == "en" || d.language == "hu" || d.language == "" {
		return false
	}
	return 2000+n >= d.today.Year && 2000+n <= d.today.Year+4
}

// personal tells a month that is somebody's name: "April Miller".
func (d *dayReader) personal(at int) bool {
	if at+1 >= len(d.text.tokens) || d.between(at) != " " || !d.text.tokens[at+1].upper || d.word(at+1) == "i" || d.behindPreposition(at) {
		return false
	}
	_, weekday := d.is("weekday", at+1)
	return !weekday
}

func (d *dayReader) behindPreposition(at int) bool {
	for _, kind := range []string{"in", "from", "until", "after", "before", "again", "next", "return", "part"} {
		if _, ok := d.is(kind, at-1); ok {
			return true
		}
	}
	switch d.word(at - 1) {
	case "be", "thats", "me", "us", "allá", "alla", "by", "of", "for", "around", "about", "early", "late", "mid", "end", "this", "say", "to", "on", "come", "de", "since":
		return true
	}
	_, year := d.year(at+1, false)
	return year
}

// weekday alone: "Thursday", "next Monday": the next such day.
func (d *dayReader) weekday(at int) (dayFound, bool) {
	start := at
	if _, ok := d.is("next", at); ok {
		start++
	}
	weekday, ok := d.is("weekday", start)
	if !ok || strings.ContainsAny(d.raw(start), "'’") || len(d.word(start)) <= 3 && !d.text.tokens[start].upper && d.word(start) != "mon" && d.word(start) != "fri" && d.word(start) != "thu" {
		return dayFound{}, false
	}
	if d.habit(at) {
		return dayFound{}, false
	}
	days := (weekday - isoWeekday(d.today) + 7) % 7
	if days == 0 {
		days = 7
	}
	return dayFound{day: d.today.AddDays(days), end: start + 1, precision: weekdayDay}, true
}

// habit tells a day that comes again and again: "every first Monday", "on Sunday
// nights", "the second Tuesday of every month".
func (d *dayReader) habit(at int) bool {
	for back := 1; back <= 2; back++ {
		switch d.word(at - back) {
		case "every", "each", "jeden", "chaque", "cada", "ogni", "elke", "varje", "hver", "kazdy", "kazdego":
			return true
		}
	}
	switch d.word(at + 1) {
	case "nights", "mornings", "evenings", "afternoons":
		return true
	}
	return d.word(at+1) == "of" && (d.word(at+2) == "every" || d.word(at+2) == "each" || d.word(at+2) == "the" && d.word(at+3) == "month")
}

// yearAlone: "in 2027": its first day.
func (d *dayReader) yearAlone(at int) (dayFound, bool) {
	year, ok := d.year(at, false)
	if !ok || year <= d.today.Year || year > d.today.Year+5 {
		return dayFound{}, false
	}
	return dayFound{day: outreach.NewDay(year, time.January, 1), end: at + 1, precision: vagueDay, written: true}, true
}

// ordinal: "the 16th", "le 5", "den 12.": that day of this month or the next.
func (d *dayReader) ordinal(at int) (dayFound, bool) {
	dom, ok := d.dayNumber(at)
	if !ok {
		return dayFound{}, false
	}
	switch d.word(at - 1) {
	case "the", "le", "el", "il", "am", "den", "dia", "dnia", "zum":
	default:
		return dayFound{}, false
	}
	if plain, isNumber := d.number(at, 2); isNumber && d.word(at-1) == "the" && plain > 0 {
		return dayFound{}, false // "the 12 of us"
	}
	if _, more := d.number(at+1, 4); more && d.between(at) == " " {
		return dayFound{}, false // "le 06 12 34 56 78"
	}
	if between := d.between(at); between != "" && strings.ContainsAny(between[:1], "/%:-€$£") {
		return dayFound{}, false
	}
	day := outreach.NewDay(d.today.Year, d.today.Month, dom)
	if !d.today.Before(day) {
		day = outreach.NewDay(d.today.Year, d.today.Month+1, dom)
	}
	return dayFound{day: day, end: at + 1, precision: bareNumber}, true
}
