package classify

import "drumbeat/internal/outreach"

// impliedRole reads the days that no cue of role.go explains: who declines and would
// be glad to hear on a day invites from it, and the one day of a notice of absence is
// that of the return.
func (d *dayReader) impliedRole(found []dayFound, i int, label outreach.Label) Role {
	f := found[i]
	switch label {
	case outreach.LabelOutOfOffice:
		if d.soleReturn(found, i) {
			return RoleReturn
		}
	case outreach.LabelBrushOff, outreach.LabelPrice, outreach.LabelStatusQuo:
		if f.precision == weekdayDay || f.precision == bareNumber || d.noPromise(f) || d.past(f) || !d.today.Before(f.day) {
			return ""
		}
		if d.welcomes(f) || d.thenAsked(f) {
			return RoleFollowUp
		}
	}
	return ""
}

// soleReturn tells the only day ahead that a notice of absence names. Not the one from
// which on somebody is away: "I'm on leave from 3 May".
func (d *dayReader) soleReturn(found []dayFound, i int) bool {
	f := found[i]
	if len(found) != 1 || f.precision == weekdayDay || f.precision == bareNumber || !d.today.Before(f.day) {
		return false
	}
	return !d.begins(f.start) && !d.beginsIn(f.start) || !d.away(d.text.tokens[f.start].sentence)
}

// beginsIn tells a day from which on something holds, in the words of any language.
func (d *dayReader) beginsIn(at int) bool {
	for back := 1; back <= 2; back++ {
		if _, ok := d.is("from", at-back); ok {
			return true
		}
	}
	return false
}

// away tells whether a sentence speaks of being absent.
func (d *dayReader) away(sentence int) bool {
	for _, token := range d.text.tokens {
		if token.sentence != sentence {
			continue
		}
		switch token.text {
		case "away", "out", "off", "leave", "holiday", "holidays", "vacation", "closed", "absent", "unavailable", "travelling", "traveling", "urlaub", "abwesend", "geschlossen", "elternzeit", "mutterschutz", "conge", "conges",
			"absente", "ferme", "fermes", "vacaciones", "ausente", "fuera", "cerrado", "ferie", "assente", "chiuso", "chiusi", "vakantie", "afwezig", "gesloten", "verlof", "ferias", "fechado", "fora", "ledig", "semester", "borta", "orlov", "barsel",
			"urlopie", "urlop", "nieobecny", "nieobecna", "dovolene", "concediu", "izinde", "lomalla", "szabadsagon":
			return true
		}
	}
	return false
}

// welcomes tells whether a day's sentence is friendly towards hearing again, without
// a "not" or "until" in it: "in March I'd be glad to hear from you".
func (d *dayReader) welcomes(f dayFound) bool {
	if d.word(f.start-1) == "to" {
		return false // "runs to July"
	}
	friendly := false
	for at, token := range d.text.tokens {
		if token.sentence != d.text.tokens[f.start].sentence {
			continue
		}
		if negatesWelcome(token.text) {
			return false
		}
		friendly = friendly || welcome(token.text) || d.word(at+1) == "to" && (token.text == "happy" || token.text == "open")
	}
	return friendly
}

func negatesWelcome(word string) bool {
	switch word {
	case "no", "not", "never", "nothing", "nobody", "dont", "wont", "cant", "isnt", "until", "till", "til", "kein", "keine", "nicht", "nie", "bis", "pas", "plus", "aucun", "jamais", "jusqu", "sin", "hasta", "nunca",
		"non", "senza", "fino", "mai", "nao", "sem", "ate", "geen", "niet", "nooit", "tot", "nem", "ikke", "inte", "ej", "renewed", "signed":
		return true
	}
	return false
}

func welcome(word string) bool {
	switch word {
	case "glad", "gladly", "willing", "hear", "listen", "compare", "coffee", "send", "resend", "resubmit", "present", "pick", "receptive", "welcome", "human",
		"gern", "gerne", "vergleichen", "kaffee", "zuhoren", "volontiers", "comparer", "ecouter", "gusto", "comparar", "encantado", "encantada", "volentieri", "confrontare", "graag", "vergelijken", "koffie", "gosto",
		"garna", "jamfora", "sammenligne", "chetnie", "porownac", "rado", "radi", "porovnat", "placere", "memnuniyetle":
		return true
	}
	return false
}

// thenAsked tells whether one of the next two sentences asks for something and means
// the day by "then": "The new year starts in July. Send me a quote then".
func (d *dayReader) thenAsked(f dayFound) bool {
	last := d.text.tokens[f.end-1].sentence
	then, asks := false, false
	for at := f.end; at < len(d.text.tokens) && d.text.tokens[at].sentence <= last+2; at++ {
		if d.text.tokens[at].sentence == last {
			continue
		}
		word := d.word(at)
		switch word {
		case "then", "dann", "danach", "alors", "dan", "daarna", "entonces", "allora", "entao", "wtedy", "potom", "pak", "atunci", "luego", "afterwards":
			then = true
		case "time", "point", "stage", "day":
			then = then || d.word(at-1) == "that"
		}
		_, again := d.is("again", at)
		asks = asks || again || welcome(word) || word == "put" || word == "bring" || word == "show"
	}
	return then && asks
}

// tells tells a month of which is told what was: "we had the inspectors in November".
// Words that ask between the verb and the month make it another clause's.
func (d *dayReader) tells(f dayFound) bool {
	if f.precision != monthDay || f.written {
		return false
	}
	if _, in := d.is("in", f.start-1); !in {
		return false
	}
	for at := f.start - 2; at >= 0 && d.text.tokens[at].sentence == d.text.tokens[f.start].sentence && at > f.start-11; at-- {
		if _, again := d.is("again", at); again && d.word(at) != "again" || d.cueWord("until", at) {
			return false
		}
		if pastVerb(d.word(at)) && !passive(d.word(at-1)) {
			return true
		}
	}
	return false
}

func (d *dayReader) cueWord(kind string, at int) bool {
	_, ok := d.is(kind, at)
	return ok
}

// pastVerb tells English verbs of what was.
func pastVerb(word string) bool {
	switch word {
	case "had", "was", "were", "did", "got", "bought", "went", "came", "took", "gave", "made", "sent", "told", "said", "met", "won", "lost", "put":
		return true
	case "need", "needed", "planned", "budgeted", "supposed", "allowed", "tied", "interested", "used":
		return false
	}
	return len(word) > 4 && word[len(word)-2:] == "ed"
}

// passive: words behind which a participle is no past.
func passive(word string) bool {
	switch word {
	case "be", "is", "are", "get", "gets", "being", "to", "will":
		return true
	}
	return false
}
