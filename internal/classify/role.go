package classify

import (
	"cmp"
	"strings"

	"drumbeat/internal/outreach"
)

// How many words a cue may stand before or behind its day.
const (
	cueBefore = 7
	cueBehind = 4
)

// spokenDay is a day expression with what it stands for.
type spokenDay struct {
	dayFound
	role Role
	back outreach.Day // of an absence: the first day after it
}

// roles gives what the days of a text stand for. Days without a cue, such as
// those in prices, addresses and histories, are left out.
func (d *dayReader) roles(found []dayFound, label outreach.Label) []spokenDay {
	var days []spokenDay
	for i, f := range found {
		role := d.role(found, i, label)
		if role == "" || role == RoleReturn && label.Objection() {
			role = cmp.Or(d.impliedRole(found, i, label), role) // "in the spring there is money again, knock then"
		}
		if role == "" || role == RoleFollowUp && (d.tells(f) || d.thisMonth(f)) {
			continue
		}
		if f.precision == bareNumber && i > 0 && (found[i-1].precision == monthDay || role == RoleFollowUp && found[i-1].precision == vagueDay) && f.start-found[i-1].end <= 12 {
			f.day, f.precision = outreach.NewDay(found[i-1].day.Year, found[i-1].day.Month, f.day.Dom), exactDay // "in January: on the 18th"
		}
		if role == RoleFollowUp && (d.until(found, i) || f.precision == vagueDay && d.cueJustBefore("before", f)) && d.thereafter(f) {
			f.day = behindDay(f)
		}
		back := f.day
		if role == RoleUntil && d.inclusive(found, i) || role == RoleReturn && f.precision == exactDay && d.isAfter(f.start) {
			back = back.AddDays(1)
			if _, week := d.is("week", f.start); week {
				back = back.AddDays(6) // of a calendar week, f.day is the Monday
			}
		}
		if role == RoleFollowUp && f.precision == monthDay && d.isAfter(f.start) {
			f.day = addMonths(f.day, 1)
		}
		if role == RoleFollowUp && f.precision == exactDay && d.isAfter(f.start) && !d.onOrAfter(f.start) {
			f.day = f.day.AddDays(1)
		}
		days = append(days, spokenDay{f, role, back})
	}
	if len(days) == 0 && label == outreach.LabelOutOfOffice && len(found) == 1 && found[0].precision >= vagueDay {
		days = append(days, spokenDay{found[0], RoleReturn, found[0].day}) // "signed off, two weeks from today"
	}
	return days
}

// thereafter tells whether the next sentence asks for the time behind a day: "bis
// Februar. Melden Sie sich danach", "until the end of 2026; write when it runs out".
func (d *dayReader) thereafter(f dayFound) bool {
	last := d.text.tokens[f.end-1].sentence
	for at := f.end; at < len(d.text.tokens) && d.text.tokens[at].sentence <= last+1; at++ {
		switch d.word(at) {
		case "danach", "afterwards", "daarna", "thereafter", "dopo", "despues", "depois", "apres", "derefter", "darefter", "potem":
			return true
		case "runs", "expires", "ends":
			return d.word(at-2) == "when" || d.word(at-2) == "once"
		}
	}
	return false
}

// behindDay is the first day behind a day, month or end of something.
func behindDay(f dayFound) outreach.Day {
	if f.precision == monthDay && f.day.Dom == 1 {
		return addMonths(f.day, 1)
	}
	return f.day.AddDays(1)
}

func (d *dayReader) role(found []dayFound, i int, label outreach.Label) Role {
	f := found[i]
	if label == outreach.LabelOutOfOffice || label == outreach.LabelAutoReply {
		return d.absenceRole(found, i)
	}
	if d.noPromise(f) {
		return ""
	}
	switch label {
	case outreach.LabelMeeting:
		if f.precision <= weekdayDay || f.precision == bareNumber {
			return RoleMeeting
		}
	case outreach.LabelLeftCompany, outreach.LabelUnsubscribe:
		return ""
	}
	invited := d.invited(f) && !d.past(f) && d.invites(f, label)
	switch {
	case invited:
		return RoleFollowUp
	case f.precision == bareNumber:
		return ""
	case d.cueNear("return", found, i) && label != outreach.LabelMeeting:
		return RoleReturn
	case d.until(found, i):
		return RoleUntil
	case label.Objection() && label != outreach.LabelAuthority && (d.cueJustBefore("before", f) || d.isAfter(f.start) && !d.past(f)):
		return RoleFollowUp
	case f.precision <= weekdayDay && d.slot(f):
		return RoleMeeting
	case d.putOff(f, label):
		return RoleFollowUp
	}
	return ""
}

// invites tells whether a reply of a label names days to come back at all: who hands
// on to a colleague tells when that one can be reached, and a buyer's questions speak
// of days of all kinds.
func (d *dayReader) invites(f dayFound, label outreach.Label) bool {
	switch label {
	case outreach.LabelAuthority:
		return false
	case outreach.LabelInterested:
		return f.precision == exactDay || f.precision == monthDay
	}
	return true
}

// absenceRole reads a day of a notice of absence.
func (d *dayReader) absenceRole(found []dayFound, i int) Role {
	f := found[i]
	if len(found) > i+1 && d.ranged(f, found[i+1]) {
		return "" // the beginning of an absence
	}
	begins := len(found) > i+1 && d.begins(f.start)
	switch {
	case f.precision == weekdayDay && d.working(f.start):
		return ""
	case d.until(found, i), i > 0 && d.ranged(found[i-1], f) && !d.andBefore(f.start):
		return RoleUntil
	case d.cueNear("return", found, i):
		return RoleReturn
	case i > 0 && d.ranged(found[i-1], f):
		return RoleUntil
	case begins:
		return "" // "away from Thursday, and back in week 21"
	case d.invited(f) && f.precision != bareNumber:
		return RoleReturn
	}
	return ""
}

// andBefore tells an "and" before a day, which joins clauses too: "closes on 13
// December and reopens 6 January".
func (d *dayReader) andBefore(at int) bool {
	for back := 1; back <= 3; back++ {
		switch d.word(at - back) {
		case "and", "und", "et", "y", "e", "og", "och", "en", "ve":
			return true
		}
	}
	return false
}

// working tells the days of the week on which somebody is at work.
func (d *dayReader) working(at int) bool {
	for n, token := range d.text.tokens {
		if token.sentence != d.text.tokens[at].sentence {
			continue
		}
		switch token.text {
		case "working", "workdays":
			if d.word(n+1) == "days" || d.word(n+1) == "hours" || d.word(n+1) == "pattern" || token.text == "workdays" {
				return true
			}
		case "arbeitstage", "burozeiten", "werkdagen", "arbetsdagar", "hours", "geoffnet", "ouvert", "jours":
			if token.text != "jours" || d.word(n+1) == "travailles" || d.word(n+2) == "travail" {
				return true
			}
		}
	}
	return false
}

// begins tells a day from which on something holds.
func (d *dayReader) begins(at int) bool {
	_, one := d.is("from", at-1)
	_, two := d.is("from", at-2)
	return one || two
}

// cueNear looks for a cue before or behind a day, in its sentence, that belongs
// to no other day.
func (d *dayReader) cueNear(kind string, found []dayFound, i int) bool {
	f := found[i]
	from, to := max(0, f.start-cueBefore), min(len(d.text.tokens), f.end+cueBehind)
	if i > 0 {
		from = max(from, found[i-1].end)
	}
	first := d.text.tokens[f.start].sentence
	for at := f.start - 1; at >= from && d.text.tokens[at].sentence == first; at-- {
		if _, ok := d.is(kind, at); ok {
			return true
		}
	}
	sentence := d.text.tokens[f.end-1].sentence
	for at := f.end; at < to && d.text.tokens[at].sentence == sentence; at++ {
		if i+1 < len(found) && found[i+1].start-at <= cueBefore {
			return false // the next day's cue
		}
		if _, ok := d.is(kind, at); ok {
			return true
		}
	}
	return false
}

// cueJustBefore looks for a cue in the three words before a day.
func (d *dayReader) cueJustBefore(kind string, f dayFound) bool {
	for back := 1; back <= 3; back++ {
		if _, ok := d.is(kind, f.start-back); ok {
			return true
		}
	}
	return false
}

// until tells whether a day ends something: a cue directly before it, or
// behind it in Turkish and Finnish.
func (d *dayReader) until(found []dayFound, i int) bool {
	f := found[i]
	for back := 1; back <= 4 && f.start-back >= 0; back++ {
		if i > 0 && f.start-back < found[i-1].end {
			break
		}
		if _, ok := d.is("until", f.start-back); ok && !behindItsDay(d.word(f.start-back)) {
			return true
		}
		if _, ok := d.is("inclusive", f.start-back); ok && back == 1 {
			return true
		}
	}
	if _, ok := d.is("inclusive", f.end); ok && f.precision == exactDay || d.through(f.start) || d.spanBefore(f.start) {
		return true
	}
	for ahead := 0; ahead < 2; ahead++ {
		switch d.word(f.end + ahead) {
		case "kadar", "dek", "asti", "saakka", "ig", "ま":
			return true
		}
	}
	return false
}

// behindItsDay: words for until that stand behind their day.
func behindItsDay(word string) bool {
	switch word {
	case "asti", "saakka", "kadar", "dek", "ig":
		return true
	}
	return false
}

// ranged tells whether two days are the ends of a span: "28 April to 9 May",
// "8.07-2.08.2024", "vom 3. bis 7. Juni".
func (d *dayReader) ranged(from, to dayFound) bool {
	if to.start-from.end > 3 || to.start < from.end {
		return false
	}
	if to.start == from.end {
		between := strings.TrimSpace(d.between(from.end - 1))
		return between == "-" || between == "–" || between == "—" || between == ".-" || between == ". -" || between == ".–" || between == ". –"
	}
	switch d.word(from.end) {
	case "to", "and", "through", "thru", "until", "till", "bis", "au", "al", "a", "tot", "tm", "t", "hasta", "do", "til",
		"ate", "ao", "az", "pana", "og", "et", "und", "y", "e", "ile", "jusqu", "εως", "ve":
		return true
	}
	return false
}

// inclusive tells whether the day itself still belongs to the absence.
func (d *dayReader) inclusive(found []dayFound, i int) bool {
	f := found[i]
	if d.through(f.start) || d.spanBefore(f.start) {
		return true
	}
	for at := max(0, f.start-4); at < f.start; at++ {
		if i > 0 && at < found[i-1].end-1 {
			continue
		}
		if _, ok := d.is("inclusive", at); ok && f.precision != monthDay {
			return true
		}
	}
	for at := f.end; at < min(f.end+4, len(d.text.tokens)); at++ {
		if _, ok := d.is("inclusive", at); ok && d.text.tokens[at].sentence == d.text.tokens[f.end-1].sentence {
			return true
		}
	}
	return i > 0 && d.ranged(found[i-1], f) && !d.untilWord(f.start-1)
}

// through tells "tot en met 9 mei", "t.o.m. den 9 maj": the day still belongs to it.
func (d *dayReader) through(at int) bool {
	if d.word(at-1) == "den" || d.word(at-1) == "d" {
		at--
	}
	last := d.word(at-3) + " " + d.word(at-2) + " " + d.word(at-1)
	return last == "tot en met" || last == "bis und mit" || last == "t o m" || last == "till och med" || last == "til og med"
}

// spanBefore tells whether a bare day of the month opens the span that a day
// closes: "vom 2. bis 16. Mai", "dal 2 al 16 maggio".
func (d *dayReader) spanBefore(at int) bool {
	if _, ok := d.dayNumber(at - 2); !ok {
		return false
	}
	switch d.word(at - 3) {
	case "vom", "von", "from", "dal", "dall", "del", "du", "van", "od", "de", "fran", "fra":
		return true
	}
	return false
}

// onOrAfter: "on or after 1 March" still means that day.
func (d *dayReader) onOrAfter(at int) bool {
	return d.word(at-2) == "or" || d.word(at-3) == "or" && d.word(at-4) == "on"
}

// untilWord tells whether a word says that its day is already free.
func (d *dayReader) untilWord(at int) bool {
	_, ok := d.is("until", at)
	return ok && d.word(at) != "bis"
}

// invited tells whether the day's sentence asks for a new contact.
func (d *dayReader) invited(f dayFound) bool {
	if d.word(f.end) == "is" && d.word(f.end+1) == "when" {
		return true // "October 1st is when I'd be able to listen"
	}
	sentence := d.text.tokens[f.start].sentence
	last := d.text.tokens[f.end-1].sentence
	for at := range d.text.tokens {
		if s := d.text.tokens[at].sentence; s < sentence || s > last || at >= f.start && at < f.end {
			continue
		}
		if _, ok := d.is("again", at); ok {
			return true
		}
	}
	return d.pointedAt(f, last)
}

// pointedAt: one of the next two sentences asks, and means this day by "then".
func (d *dayReader) pointedAt(f dayFound, sentence int) bool {
	then, asks := false, false
	for at := f.end; at < len(d.text.tokens); at++ {
		switch s := d.text.tokens[at].sentence; {
		case s > sentence+2:
			return then && asks
		case s <= sentence:
			continue
		}
		switch d.word(at) {
		case "once", "runs", "expires", "ends", "expired", "started", "then", "dann", "danach", "alors", "dan", "daarna", "entonces", "allora", "entao", "da", "wtedy", "potom", "pak", "atunci",
			"afterwards", "point", "time", "luego", "poi", "silloin", "τοτε":
			then = true
		}
		if d.word(at) == "that" {
			unit, ok := d.is("unit", at+1)
			then = then || ok && unit > 1 // "write in that week"
		}
		if _, ok := d.is("again", at); ok || d.word(at) == "conversation" {
			asks = true
		}
	}
	return then && asks
}

// slot tells whether a day is offered for a meeting: a time of day behind it,
// or a question.
func (d *dayReader) slot(f dayFound) bool {
	for at := f.end; at < min(f.end+4, len(d.text.tokens)); at++ {
		word := d.word(at)
		switch word {
		case "am", "pm", "uhr", "kl", "klo", "uur", "saat", "godz", "h", "noon", "morning", "afternoon", "vormittag", "nachmittag", "works", "suits", "passt":
			return true
		}
		if n := len(word); n > 2 && word[0] >= '0' && word[0] <= '9' && (word[n-2:] == "am" || word[n-2:] == "pm") || n > 1 && word[n-1] == 'h' && word[0] >= '0' && word[0] <= '9' {
			return true
		}
		if hours, minutes, ok := strings.Cut(word, "h"); ok && hours != "" && strings.Trim(hours+minutes, "0123456789") == "" {
			return true // "9h30"
		}
		if strings.HasPrefix(d.between(at), ":") && word[0] >= '0' && word[0] <= '9' {
			return true
		}
	}
	return f.precision == weekdayDay && d.text.questions[d.text.tokens[f.end-1].sentence]
}
