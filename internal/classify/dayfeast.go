package classify

import (
	"time"

	"drumbeat/internal/outreach"
)

// feastDay: "after Labor Day", "until Pentecost", "dopo la Befana": holidays that a
// table or Easter gives. Only behind a word that makes a day of them; behind "after"
// it is the day that follows.
func (d *dayReader) feastDay(at int) (dayFound, bool) {
	f := dayFound{end: at + 1, precision: vagueDay}
	feast := feastNamed(d.word(at))
	if feast == noFeast {
		if feast = feastNamed(d.word(at) + " " + d.word(at+1)); feast == noFeast {
			return f, false
		}
		f.end++
	}
	after := d.isAfter(at)
	if !after && !d.cueBefore(at) {
		return f, false
	}
	f.day = feastIn(d.today.Year, feast)
	if !d.today.Before(f.day) {
		f.day = feastIn(d.today.Year+1, feast)
	}
	if after {
		f.day = f.day.AddDays(1)
	}
	return f, true
}

// cueBefore tells whether "until", "before" or "around" stands right before a place,
// with an article at most.
func (d *dayReader) cueBefore(at int) bool {
	for back := 1; back <= 2; back++ {
		for _, kind := range []string{"until", "before"} {
			if _, ok := d.is(kind, at-back); ok {
				return true
			}
		}
		switch d.word(at - back) {
		case "around", "by", "about", "um", "vers", "rond", "omkring", "runt", "kring", "alrededor", "verso":
			return true
		}
		if !isPartFiller(d.word(at - back)) {
			return false
		}
	}
	return false
}

type feast int

const (
	noFeast feast = iota
	epiphany
	whitMonday
	ascension
	ashWednesday
	memorialDay
	laborDay
	thanksgiving
	allSaints
	easterSunday
)

func feastNamed(words string) feast {
	switch words {
	case "epiphany", "befana", "epifania", "dreikonig", "dreikonigstag", "reyes", "reis", "trettonhelgen", "loppiainen":
		return epiphany
	case "pentecost", "whitsun", "pfingsten", "pentecote", "pinksteren", "pinse", "pingst", "pentecoste", "pentecostes", "helluntai":
		return whitMonday
	case "ascension", "himmelfahrt", "hemelvaart", "ascensione", "ascensao":
		return ascension
	case "carnival", "karneval", "fasching", "fasnacht", "carnaval", "carnevale", "mardi gras":
		return ashWednesday
	case "memorial day":
		return memorialDay
	case "labor day":
		return laborDay
	case "thanksgiving":
		return thanksgiving
	case "semana santa":
		return easterSunday
	case "toussaint", "allerheiligen", "ognissanti", "all saints":
		return allSaints
	}
	return noFeast
}

// feastIn gives the day in a year, of feasts that last the last one.
func feastIn(year int, f feast) outreach.Day {
	switch f {
	case epiphany:
		return outreach.NewDay(year, time.January, 6)
	case whitMonday:
		return easter(year).AddDays(50)
	case ascension:
		return easter(year).AddDays(39)
	case ashWednesday:
		return easter(year).AddDays(-46)
	case easterSunday:
		return easter(year)
	case memorialDay:
		return nthDay(outreach.NewDay(year, time.May, 1), 0, 1)
	case laborDay:
		return nthDay(outreach.NewDay(year, time.September, 1), 1, 1)
	case thanksgiving:
		return nthDay(outreach.NewDay(year, time.November, 1), 4, 4)
	}
	return outreach.NewDay(year, time.November, 1)
}
