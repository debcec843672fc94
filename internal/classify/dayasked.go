package classify

import (
	"strings"

	"drumbeat/internal/outreach"
)

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
		if d.welcomes(f) || d.thenAsked(f) || d.notEarlier(f) || d.explains(f) {
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
	return !d.begins(f.start) && !d.beginsIn(f.start) || !d.away(f)
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

// away tells whether a day's sentence speaks of being absent.
func (d *dayReader) away(f dayFound) bool {
	for _, token := range d.text.tokens {
		if token.sentence < d.text.tokens[f.start].sentence || token.sentence > d.text.tokens[f.end-1].sentence {
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

// welcomes tells whether a day's clause, or its whole sentence, is friendly towards
// hearing again, without a "not" or "until" in it: "in March I'd be glad to hear".
func (d *dayReader) welcomes(f dayFound) bool {
	if d.word(f.start-1) == "to" {
		return false // "runs to July"
	}
	from, to := f.start, f.end
	for from > 0 && d.text.tokens[from-1].sentence == d.text.tokens[f.start].sentence {
		from--
	}
	for to < len(d.text.tokens) && d.text.tokens[to].sentence == d.text.tokens[f.start].sentence {
		to++
	}
	if d.friendly(from, to) {
		return true
	}
	first, last := f.start, f.end
	for first > from && !strings.ContainsAny(d.between(first-1), ",:()–") {
		first--
	}
	for last < to && !strings.ContainsAny(d.between(last-1), ",:()–") {
		last++
	}
	return d.friendly(first, last)
}

// friendly tells whether words invite and none of them denies it.
func (d *dayReader) friendly(from, to int) bool {
	invites := false
	for at := from; at < to; at++ {
		word := d.word(at)
		if negatesWelcome(word) {
			return false
		}
		invites = invites || welcome(word) || word == "have" && d.spare(at) || d.word(at+1) == "to" && (word == "happy" || word == "open")
	}
	return invites
}

// explains tells the day that says when what a sentence waits for is over: "After
// Diwali, 3 November."
func (d *dayReader) explains(f dayFound) bool {
	first := f.start
	for first > 0 && d.text.tokens[first-1].sentence == d.text.tokens[f.start].sentence {
		first--
	}
	_, after := d.is("after", first)
	return after && first < f.start && f.precision == exactDay && f.start-first <= 6
}

// spare tells time that the sender will have: "I'll have a minute".
func (d *dayReader) spare(at int) bool {
	for ahead := 1; ahead <= 3; ahead++ {
		switch d.word(at + ahead) {
		case "minute", "time", "headspace", "space", "room", "capacity", "breath", "hands":
			return true
		}
	}
	return false
}

// notEarlier tells a day behind which comes "not before", "eerder niet", "pas avant".
func (d *dayReader) notEarlier(f dayFound) bool {
	earlier, not := false, false
	for at := f.end; at < min(f.end+5, len(d.text.tokens)) && d.text.tokens[at].sentence == d.text.tokens[f.end-1].sentence; at++ {
		_, before := d.is("before", at)
		word := d.word(at)
		earlier = earlier || before || word == "eerder" || word == "vorher" || word == "fruher" || word == "sooner" || word == "wczesniej" || word == "driv" || word == "forr"
		not = not || negatesWelcome(word) || word == "niks" || word == "nichts" || word == "rien" || word == "nada" || word == "ne"
	}
	return earlier && not
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
	case "glad", "gladly", "willing", "hear", "listen", "compare", "coffee", "send", "resend", "resubmit", "present", "pick", "receptive", "welcome", "human", "better", "besser", "mieux", "mejor", "meglio", "beter", "melhor", "battre", "bedre", "lepiej", "lepsi",
		"gern", "gerne", "vergleichen", "kaffee", "zuhoren", "volontiers", "comparer", "ecouter", "gusto", "comparar", "encantado", "encantada", "volentieri", "confrontare", "graag", "vergelijken", "koffie", "gosto",
		"kommen", "komm", "durchrufen", "anschauen", "zusammensetzen", "revoir", "voyons", "appelez", "toquez", "repasser", "veamos", "vemos", "escribanme", "insista", "mande", "vediamo", "rivediamoci", "scrivimi", "risenta", "chiamami", "chiamate",
		"ripassi", "telefoni", "praten", "klop", "langs", "stuur", "spreken", "veja", "retomemos", "sla", "titta", "hors", "skicka", "kig", "kigger", "titte", "banke", "zadzwon", "napisz", "zapytac", "pogadajmy", "umowmy", "spotkajmy",
		"vratte", "zastavte", "sejdeme", "scrie", "reluam", "bakariz", "haber", "nezzuk", "soittakaa",
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
		asks = asks || again || welcome(word) || word == "put" || word == "bring" || word == "show" || word == "wait"
	}
	return then && asks
}

// thisMonth tells the month that is running, which is no time to wait for: "in April, in
// a nursery?"
func (d *dayReader) thisMonth(f dayFound) bool {
	return f.precision == monthDay && !f.written && f.day.Month == d.today.Month && f.day.Dom == 1
}

// tells tells a month of which is told what was: "we had the inspectors in November",
// "thanks for the demo in January".
// Words that ask between the verb and the month make it another clause's.
func (d *dayReader) tells(f dayFound) bool {
	if f.precision == weekdayDay {
		return d.talked(f)
	}
	if f.precision == exactDay || f.precision == bareNumber || f.written {
		return false
	}
	if _, in := d.is("in", f.start-1); !in {
		return false
	}
	for at := f.start - 2; at >= 0 && d.text.tokens[at].sentence == d.text.tokens[f.start].sentence && at > f.start-11; at-- {
		if _, again := d.is("again", at); again && d.word(at) != "again" && d.word(at-1) != "had" && (d.word(at-1) == "to" || !articled(d.word(at-1))) || d.cueWord("until", at) {
			return false
		}
		if pastVerb(d.word(at)) && !passive(d.word(at-1)) {
			return true
		}
	}
	return false
}

// talked tells a day of the week on which something was talked over, in languages
// whose past the other rules do not know.
func (d *dayReader) talked(f dayFound) bool {
	for at := range d.text.tokens {
		if d.text.tokens[at].sentence != d.text.tokens[f.start].sentence {
			continue
		}
		switch d.word(at) {
		case "parlato", "hablado", "hable", "gesprochen", "besprochen", "falei", "falado", "gesproken", "besproken", "talade", "snakket", "rozmawialem", "rozmawialam", "discute":
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
	case "thanks", "thank", "danke", "merci", "gracias", "grazie", "obrigado", "tack", "tak", "takk", "had", "was", "were", "did", "got", "bought", "went", "came", "took", "gave", "made", "sent", "told", "said", "met", "won", "lost", "put":
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
