package classify

import "drumbeat/internal/outreach"

// putOff tells whether a day is named as the one to wait for though nobody says
// "write again": "September.", "Q2 at the earliest", "week of 12 January is better".
func (d *dayReader) putOff(f dayFound, label outreach.Label) bool {
	waits := label == outreach.LabelBrushOff || label == outreach.LabelPrice
	if (waits || label == outreach.LabelStatusQuo) && !d.past(f) && (earliest(d.word(f.end)) || earliest(d.word(f.end+2)) || d.word(f.end+3) == "earliest" || d.word(f.start-1) == "of" && d.word(f.start-2) == "week") {
		return true
	}
	if waits && !d.past(f) && (d.settledOn(f) || d.freeThen(f)) {
		return true
	}
	if f.precision < monthDay || d.cueJustBefore("from", f) || d.past(f) {
		return false
	}
	if waits && hedges(d.word(f.start-1)) {
		return true
	}
	words := len(d.text.tokens)
	if waits {
		words = d.sentenceWords(f)
	}
	return words <= 6 && d.isAnswer(f, words)
}

// settledOn tells whether a sentence settles on a day: "that would be March", "say
// the 8th", "3 November, let's say", "takže leden".
func (d *dayReader) settledOn(f dayFound) bool {
	at := f.start - 1
	for isPartFiller(d.word(at)) {
		at--
	}
	switch d.word(at) {
	case "thats", "say", "takze", "czyli", "sagen", "disons", "digamos", "diciamo", "zeg", "zeggen", "lad":
		return true
	case "is", "be", "means", "makes":
		return d.word(at-1) == "that" || d.word(at-2) == "that" || d.word(at-1) == "which" || d.word(at-2) == "which"
	case "so", "also", "donc", "dus", "quindi", "alltsa", "altsa":
		return d.sentenceWords(f) <= 12 && d.endsSentence(f)
	}
	for ahead := range 2 {
		switch d.word(f.end + ahead) {
		case "lets", "say", "disons", "digamos", "diciamo":
			return ahead == 0 || d.word(f.end) == "lets" || d.word(f.end) == "let"
		}
	}
	return false
}

func (d *dayReader) endsSentence(f dayFound) bool {
	return f.end >= len(d.text.tokens) || d.text.tokens[f.end].sentence != d.text.tokens[f.end-1].sentence
}

// freeThen tells whether the sender has time on a day: "In February I'm free",
// "im Februar habe ich Zeit". A "no" in the sentence says the contrary.
func (d *dayReader) freeThen(f dayFound) bool {
	free := false
	for at, token := range d.text.tokens {
		if token.sentence != d.text.tokens[f.start].sentence {
			continue
		}
		switch token.text {
		case "no", "not", "never", "nothing", "dont", "wont", "cant", "until", "till", "kein", "keine", "nicht", "bis", "pas", "plus", "aucun", "jusqu", "sin", "hasta",
			"non", "senza", "fino", "nao", "sem", "ate", "geen", "niet", "tot", "nie", "nem", "ikke", "inte":
			return false
		case "free", "surface", "calmer", "quieter", "calm", "zeit", "luft", "ruhiger", "dispo", "disponible", "calme", "libre", "tranquilo", "libero", "tranquillo", "livre", "tijd", "rustiger", "cas", "czas", "tid":
			free = free || at < f.start-4 || at >= f.start-4 && at < f.end+8
		}
	}
	return free
}

// sentenceWords counts the words of a day's sentence.
func (d *dayReader) sentenceWords(f dayFound) int {
	words := 0
	for _, token := range d.text.tokens {
		if token.sentence == d.text.tokens[f.start].sentence {
			words++
		}
	}
	return words
}

func earliest(word string) bool {
	switch word {
	case "earliest", "fruhestens", "plus", "vroegste", "temprano", "najwczesniej", "semmai", "eventualmente":
		return true
	}
	return false
}

func hedges(word string) bool {
	switch word {
	case "maybe", "perhaps", "vielleicht", "eher", "peut", "etre", "misschien", "quiza", "quizas", "forse", "talvez", "moze", "kanske", "maske", "kanskje":
		return true
	}
	return false
}

// isAnswer tells whether a day is all that a short reply says, or stands behind a
// preposition: "September.", "maybe in Q3", "nach den Ferien".
func (d *dayReader) isAnswer(f dayFound, words int) bool {
	if 2*(f.end-f.start) > words || f.precision == vagueDay && f.end-f.start > 1 {
		return true
	}
	switch d.word(f.start - 1) {
	case "early", "late", "mid", "next", "try":
		return true
	}
	return hedges(d.word(f.start-1)) || d.cueJustBefore("in", f) || d.isAfter(f.start)
}
