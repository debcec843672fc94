package classify

import "unicode"

// longAgo: a day without a year that lies further ahead than this was meant as
// the one that has just passed: "the demo on 2 April", said at the end of April.
const longAgo = 330

// noPromise tells the days of human replies that promise nothing: those of
// history ("your mail of 3 March"), of opening hours, and the words that only
// look like days ("Black Friday", "Herr Mai", "1/4 inch").
func (d *dayReader) noPromise(f dayFound) bool {
	if f.written && f.day.Before(d.today) {
		return true
	}
	if !f.written && f.precision == exactDay && f.day.Sub(d.today) > longAgo {
		return true
	}
	return d.named(f) || d.dated(f) || d.opening(f) || d.fraction(f)
}

// named tells a person, a firm or a thing called after a day.
func (d *dayReader) named(f dayFound) bool {
	before, next := d.word(f.start-1), d.word(f.end)
	switch {
	case f.precision != weekdayDay && f.precision != monthDay && f.precision != bareNumber:
		return false
	case honorific(before), before == "black", before == "good", before == "casual":
		return true
	case next == "floor" || next == "time" || next == "century" || next == "down" || next == "people":
		return true
	case f.precision == bareNumber || f.end >= len(d.text.tokens) || d.between(f.end-1) != " ":
		return false
	case f.precision == monthDay && opens(d.text, f.start) && actsFor(next) && next != "is" && next != "in":
		return true // "June does the accounts"
	}
	token := d.text.tokens[f.end]
	return f.precision == weekdayDay && token.upper && d.language == "en" && opens(d.text, f.start) && unicode.IsUpper([]rune(d.raw(f.start))[0]) && !token.day()
}

// day tells the capitalised words that belong to a day: "Friday PM".
func (t token) day() bool {
	switch t.text {
	case "am", "pm", "morning", "afternoon", "i", "ill", "im", "et", "est", "cet", "gmt", "bst", "or", "and":
		return true
	}
	return false
}

// dated tells the day of a paper or of something past: "the invoice of 12 April",
// "last Tuesday", "since Monday", "wrote on 15 April".
func (d *dayReader) dated(f dayFound) bool {
	switch d.word(f.start - 1) {
	case "last", "dated", "since", "seit", "depuis", "sinds", "sedan":
		return true
	case "the", "der", "dem", "den", "l", "le", "de":
		switch d.word(f.start - 2) {
		case "since", "seit", "depuis", "sinds":
			return true
		}
	case "of", "vom", "du", "del", "z", "van", "fran":
		switch d.word(f.start - 2) {
		case "week", "beginning", "end", "start", "middle", "first", "half", "evening", "morning", "afternoon", "hasta", "semaine", "semana", "settimana", "partir":
			return false
		}
		return f.precision <= weekdayDay && !d.slot(f)
	}
	sentence := d.text.tokens[f.start].sentence
	if d.text.questions[sentence] || d.slot(f) || f.precision > weekdayDay {
		return false
	}
	for at := range d.text.tokens {
		if d.text.tokens[at].sentence == sentence && tellsPast(d.word(at)) {
			return true
		}
	}
	return false
}

func tellsPast(word string) bool {
	switch word {
	case "wrote", "met", "told", "sent", "saw", "received":
		return true
	}
	return false
}

// opening tells opening hours and days of rest.
func (d *dayReader) opening(f dayFound) bool {
	if _, weekday := d.is("weekday", f.start); !weekday {
		return false
	}
	sentence := d.text.tokens[f.start].sentence
	for at := range d.text.tokens {
		if d.text.tokens[at].sentence != sentence {
			continue
		}
		switch d.word(at) {
		case "open", "hours", "closed", "geoffnet", "geschlossen", "ruhetag", "ouvert", "ferme", "abierto", "cerrado", "cerramos", "aperto", "chiuso", "chiusi", "gesloten", "aberto", "fechado":
			return true
		}
	}
	return false
}

// fraction tells "1/4 inch" and "4.5 by 6.5" from "5/6 10am": numbers alone are a
// day only behind a preposition, with a year, or before an hour.
func (d *dayReader) fraction(f dayFound) bool {
	if f.precision != exactDay || f.written {
		return false
	}
	for at := f.start; at < f.end; at++ {
		if _, number := d.number(at, 4); !number {
			return false
		}
	}
	if f.end-f.start < 2 || d.slot(f) {
		return false
	}
	switch d.word(f.start - 1) {
	case "on", "am", "le", "el", "il", "den", "the", "for", "dia", "d", "op", "ab", "after", "before", "until", "till", "bis", "nach", "vor", "week", "again", "date", "dnia":
		return false
	}
	return true
}

// past tells whether a month or season is spoken of as over: "renewed in August",
// "cut by a fifth in June".
func (d *dayReader) past(f dayFound) bool {
	if f.precision == exactDay || f.precision == bareNumber || f.written {
		return false
	}
	if f.precision != monthDay && d.told(f) {
		return true
	}
	if f.precision != monthDay {
		return false
	}
	for at := max(0, f.start-6); at < min(f.end+5, len(d.text.tokens)); at++ {
		if d.text.tokens[at].sentence == d.text.tokens[f.start].sentence && (at < f.start && isOver(d.word(at)) && d.word(at-1) != "be" || endsOver(d.word(at))) {
			return true
		}
	}
	return false
}

// told tells a season or a day of the week of which something is told that has
// been: "we looked at three of you in the spring", "they pitched on Monday".
func (d *dayReader) told(f dayFound) bool {
	if d.isAfter(f.start) || d.cueJustBefore("until", f) || d.cueJustBefore("before", f) || d.cueJustBefore("next", f) {
		return false
	}
	if _, next := d.is("next", f.start); next {
		return false
	}
	for at := max(0, f.start-10); at < f.start; at++ {
		if d.text.tokens[at].sentence != d.text.tokens[f.start].sentence {
			continue
		}
		switch d.word(at) {
		case "will", "ll", "well", "ill", "would", "could", "may", "can", "let", "lets", "if", "until", "till":
			return false
		case "was", "were", "looked", "got", "gave", "rebuilt", "sat", "put", "pitched", "replaced", "joined", "terminated", "came", "did", "took", "chose", "installed",
			"haben", "hatten", "war", "waren", "avons", "etait", "hemos", "estaba", "abbiamo", "era", "hebben", "fizemos", "foi":
			return true
		}
		if isOver(d.word(at)) {
			return true
		}
	}
	return false
}

// endsOver: participles that stand behind their day.
func endsOver(word string) bool {
	switch word {
	case "umgestellt", "gewechselt", "unterschrieben", "verlangert", "overgestapt", "verlengd":
		return true
	}
	return false
}

// isOver: what has been done, not what will be.
func isOver(word string) bool {
	switch word {
	case "renewed", "signed", "finished", "cut", "bought", "launched", "switched", "moved", "left", "lost", "closed", "evaluated", "migration", "extended", "rolled", "went", "opened", "renovamos", "firmamos",
		"renove", "signe", "rinnovato", "firmato", "renovado", "joined", "rebuilt":
		return true
	}
	return false
}
