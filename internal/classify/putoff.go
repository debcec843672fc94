package classify

import "drumbeat/internal/outreach"

// putOff tells whether a day is named as the one to wait for though nobody says
// "write again": "September.", "Q2 at the earliest", "week of 12 January is better".
func (d *dayReader) putOff(f dayFound, label outreach.Label) bool {
	waits := label == outreach.LabelBrushOff || label == outreach.LabelPrice
	if (waits || label == outreach.LabelStatusQuo) && !d.past(f) && (earliest(d.word(f.end)) || earliest(d.word(f.end+2)) || d.word(f.start-1) == "of" && d.word(f.start-2) == "week") {
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
