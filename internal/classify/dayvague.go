package classify

import (
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// partOf: "end of May", "early next year", "Mitte März", "mid-November",
// "end of the quarter".
func (d *dayReader) partOf(at int) (dayFound, bool) {
	part, ok := d.is("part", at)
	if !ok {
		return dayFound{}, false
	}
	next := at + 1
	for n := 0; n < 3 && isPartFiller(d.word(next)); n++ {
		next++
	}
	if _, ok := d.monthAndDay(next); ok {
		return dayFound{}, false // "beginning January 5th"
	}
	if f, ok := d.monthAlone(next); ok {
		return dayFound{day: partOfMonth(f.day, part), end: f.end, precision: vagueDay, written: f.written}, true
	}
	if f, ok := d.nextUnit(next); ok {
		if part == partLast {
			f.day = lastOfYear(f.day)
		}
		return f, true
	}
	if year, ok := d.year(next, false); ok {
		day := outreach.NewDay(year, time.January, 1)
		if part == partLast {
			day = lastOfYear(day)
		}
		return dayFound{day: day, end: next + 1, precision: vagueDay, written: true}, true
	}
	unit, ok := d.is("unit", next)
	if !ok || part != partLast || d.word(at-1) == "a" && next == at+1 {
		return dayFound{}, false
	}
	return d.endOf(unit, next)
}

func isPartFiller(word string) bool {
	switch word {
	case "of", "the", "de", "du", "des", "del", "di", "do", "da", "this", "van", "dieses", "diesen", "af", "av", "le", "la", "l", "el", "in":
		return true
	}
	return false
}

// endOf is the last day of the running month, quarter or year.
func (d *dayReader) endOf(unit, at int) (dayFound, bool) {
	f := dayFound{end: at + 1, precision: vagueDay}
	switch unit {
	case 7:
		f.day = d.today.AddDays(5 - isoWeekday(d.today))
	case 30:
		f.day = lastOfMonth(d.today)
	case 90:
		f.day = outreach.NewDay(d.today.Year, (d.today.Month-1)/3*3+4, 1).AddDays(-1)
	case 365:
		f.day = lastOfYear(d.today)
	default:
		return f, false
	}
	return f, true
}

func lastOfYear(day outreach.Day) outreach.Day { return outreach.NewDay(day.Year, time.December, 31) }

func partOfMonth(day outreach.Day, part int) outreach.Day {
	switch part {
	case partMiddle:
		return outreach.NewDay(day.Year, day.Month, 15)
	case partLast:
		return lastOfMonth(day)
	}
	return day
}

// quarter: "Q3", "Q2 2025", "H2", "third quarter", "second half of the year",
// "2. Quartal", "segundo semestre".
func (d *dayReader) quarter(at int) (dayFound, bool) {
	if n, ok := d.is("quarter", at); ok {
		return d.partOfYear(at+1, 3*(n-1)+1)
	}
	if n, ok := d.is("half", at); ok {
		return d.partOfYear(at+1, 6*(n-1)+1)
	}
	n, next := ordinalWord(d.word(at)), at+1
	if digits, ok := d.number(at, 1); ok {
		n = digits
	}
	if n == 0 || n > 4 {
		return dayFound{}, false
	}
	switch d.word(next) {
	case "quarter", "quartal", "trimestre", "kwartaal", "kvartal", "kwartal", "kwartale", "ceyrek", "ctvrtleti":
		return d.partOfYear(next+1, 3*(n-1)+1)
	case "half", "halbjahr", "semestre", "halfjaar", "semester", "halvar", "polrocze", "pololeti", "polroczu", "helft":
		if n > 2 {
			return dayFound{}, false
		}
		return d.partOfYear(next+1, 6*(n-1)+1)
	}
	return dayFound{}, false
}

func ordinalWord(word string) int {
	switch word {
	case "first", "ersten", "erstes", "premier", "eerste", "primer", "primo", "primeiro", "forsta", "forste", "pierwszym", "1st":
		return 1
	case "second", "zweiten", "zweites", "deuxieme", "tweede", "segundo", "secondo", "andra", "andet", "andre", "drugim", "2nd":
		return 2
	case "third", "dritten", "drittes", "troisieme", "derde", "tercer", "terzo", "terceiro", "tredje", "trzecim", "3rd":
		return 3
	case "fourth", "vierten", "viertes", "quatrieme", "vierde", "cuarto", "quarto", "fjarde", "fjerde", "czwartym", "4th":
		return 4
	}
	return 0
}

// partOfYear is the first day of a month that begins a quarter, a half or a
// season, in the written year, in the next one where that is said, else
// forward.
func (d *dayReader) partOfYear(at, month int) (dayFound, bool) {
	f := dayFound{end: at, precision: vagueDay}
	next := at
	for n := 0; n < 3 && (isPartFiller(d.word(next)) || d.word(next) == "the"); n++ {
		next++
	}
	if year, ok := d.year(next, false); ok {
		f.day, f.end, f.written = outreach.NewDay(year, time.Month(month), 1), next+1, true
		return f, true
	}
	if _, ok := d.is("next", next); ok {
		if unit, ok := d.is("unit", next+1); ok && unit == 365 {
			f.day, f.end = outreach.NewDay(d.today.Year+1, time.Month(month), 1), next+2
			return f, true
		}
	}
	f.day = outreach.NewDay(d.today.Year, time.Month(month), 1)
	if !d.today.Before(f.day) {
		f.day.Year++
	}
	return f, true
}

// nextUnit: "next quarter", "nächstes Jahr", "l'année prochaine", "el año que
// viene", "the new year", "next spring".
func (d *dayReader) nextUnit(at int) (dayFound, bool) {
	if d.newYear(at) {
		return dayFound{day: outreach.NewDay(d.today.Year+1, time.January, 1), end: at + 2, precision: vagueDay}, true
	}
	if d.word(at) == "para" && d.word(at+1) == "o" && d.word(at+2) == "ano" && d.language == "pt" {
		return dayFound{day: nextStart(d.today, 365), end: at + 3, precision: vagueDay}, true
	}
	unitAt, end := -1, 0
	if _, ok := d.is("next", at); ok && d.word(at) != "que" {
		unitAt, end = at+1, at+2
		if d.word(unitAt) == "financial" || d.word(unitAt) == "fiscal" || d.word(unitAt) == "school" || d.word(unitAt) == "academic" {
			return dayFound{}, false // nobody says when that begins
		}
	} else if _, ok := d.is("next", at+1); ok {
		unitAt, end = at, at+2
		if d.word(at+1) == "que" {
			if d.word(at+2) != "viene" && d.word(at+2) != "vem" {
				return dayFound{}, false
			}
			end++
		}
	}
	if unitAt < 0 {
		return dayFound{}, false
	}
	if month, ok := d.is("season", unitAt); ok {
		f, _ := d.partOfYear(end, month)
		return f, true
	}
	unit, ok := d.is("unit", unitAt)
	if !ok || unit == 1 {
		return dayFound{}, false
	}
	return dayFound{day: nextStart(d.today, unit), end: end, precision: vagueDay}, true
}

func (d *dayReader) newYear(at int) bool {
	switch d.word(at) + " " + d.word(at+1) {
	case "new year", "neuen jahr", "neues jahr", "neue jahr", "nouvel an", "nieuwe jaar", "anno nuovo", "nuovo anno", "ano novo", "nya aret",
		"nye ar", "nowym roku", "nowego roku", "novem roce", "yeni yil", "nuevo ano", "nouvelle annee":
		return d.word(at-1) != "happy"
	}
	return false
}

// nextStart is the first day of the next week, month, quarter or year.
func nextStart(today outreach.Day, unit int) outreach.Day {
	switch unit {
	case 7:
		return today.AddDays(8 - isoWeekday(today))
	case 30:
		return outreach.NewDay(today.Year, today.Month+1, 1)
	case 90:
		return outreach.NewDay(today.Year, (today.Month-1)/3*3+4, 1)
	}
	return outreach.NewDay(today.Year+1, time.January, 1)
}

// season: "in the autumn", "after the summer" (its end), "à la rentrée",
// "after Easter", "after Christmas", "after the holidays".
func (d *dayReader) season(at int) (dayFound, bool) {
	after := d.isAfter(at)
	switch d.word(at) {
	case "christmas", "xmas", "weihnachten", "noel", "kerst", "navidad", "navidades", "natale", "natal", "jul", "swietach", "vanocich", "holidays", "feiertagen", "fetes", "fiestas", "feste", "feestdagen":
		if after && d.today.Month >= time.October {
			return dayFound{day: outreach.NewDay(d.today.Year+1, time.January, 1), end: at + 1, precision: vagueDay}, true
		}
		return dayFound{}, false
	case "easter", "ostern", "paques", "pasen", "pascua", "pasqua", "pascoa", "pask", "paske", "wielkanocy", "velikonoc":
		if !after && !d.cueBefore(at) {
			return dayFound{}, false
		}
		day := easter(d.today.Year)
		if !d.today.Before(day) {
			day = easter(d.today.Year + 1)
		}
		if !after {
			day = day.AddDays(-1)
		}
		return dayFound{day: day.AddDays(2), end: at + 1, precision: vagueDay}, true
	case "sommerferien", "wakacjach", "zomervakantie", "sommerpause", "ferragosto", "zomer":
		if after {
			return d.partOfYear(at+1, 9)
		}
		return dayFound{}, false
	}
	month, ok := d.is("season", at)
	if !ok || !d.seasonMeant(at) {
		return dayFound{}, false
	}
	if after {
		month = (month+2)%12 + 1
	}
	end := at + 1
	switch d.word(end) {
	case "break", "holidays", "vacation", "holiday":
		end++
	}
	return d.partOfYear(end, month)
}

// isAfter tells whether "after", with an article, stands before a place.
func (d *dayReader) isAfter(at int) bool {
	for back := 1; back <= 3; back++ {
		if strings.ContainsAny(d.between(at-back), ",;") {
			return false // "the week after, 16 February or so"
		}
		if _, ok := d.is("after", at-back); ok {
			return true
		}
		if !isPartFiller(d.word(at-back)) && d.word(at-back) != "den" && d.word(at-back) != "dem" && d.word(at-back) != "les" && d.word(at-back) != "las" && d.word(at-back) != "das" && d.word(at-back) != "os" {
			return false
		}
	}
	return false
}

// seasonMeant guards words that mean other things ("fall", "lata", "vara"):
// a preposition must stand before.
func (d *dayReader) seasonMeant(at int) bool {
	for back := 1; back <= 2; back++ {
		switch d.word(at - back) {
		case "in", "the", "im", "au", "a", "en", "el", "la", "no", "na", "nach", "after", "til", "till", "until", "bis", "to", "this", "i", "w", "po", "het", "l", "der", "dem", "next", "come", "again", "or", "around", "dopo", "apres", "by", "before", "wieder", "pa", "jesienia", "del", "do", "da", "dell", "dall":
			return true
		}
	}
	opening := opens(d.text, at) && d.text.tokens[at].upper && d.word(at) != "fall" && len(d.word(at)) > 4
	return d.word(at) == "rentree" || len(d.word(at)) > 6 || opening
}

// easter is Easter Sunday of the Gregorian calendar (anonymous algorithm, Meeus
// 1991, chapter 8).
func easter(year int) outreach.Day {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	month := (h + l - 7*m + 114) / 31
	return outreach.NewDay(year, time.Month(month), (h+l-7*m+114)%31+1)
}
