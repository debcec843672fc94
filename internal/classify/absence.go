package classify

import (
	"strings"

	"drumbeat/internal/outreach"
)

// somebodyElses tells whether the absence that a person's mail speaks of is not
// the writer's own: "Pawel's off with his back again" says nothing about who
// will read ours. The sender of an absence says "I", or leaves the subject out
// ("Back on Monday"); here somebody is named where it would stand, and nowhere
// does the writer speak of themselves.
func (c *Classifier) somebodyElses(r reading) bool {
	if r.automatic() {
		return false
	}
	for _, token := range r.text.tokens {
		if ofOneself(token.text) {
			return false
		}
	}
	for _, h := range r.hits {
		if c.lexicon.concepts[h.concept].label == outreach.LabelOutOfOffice && r.text.subjectIsOther(h.start) {
			return true
		}
	}
	return false
}

// subjectIsOther tells whether a name with a verb, or a pronoun of the third
// person, stands right before a token: "Pawel's", "Pawel is", "she's".
func (t text) subjectIsOther(at int) bool {
	sentence := t.tokens[at].sentence
	for n := 1; n <= 3 && at-n >= 0 && t.tokens[at-n].sentence == sentence; n++ {
		token := t.tokens[at-n]
		if ofOthers(token.text) {
			return true
		}
		begins := at-n == 0 || t.tokens[at-n-1].sentence != sentence
		contracted := strings.ContainsAny(t.raw[token.start:token.end], "'’")
		if token.upper && !begins && (contracted || n > 1 && ofBeing(t.tokens[at-n+1].text)) {
			return true
		}
	}
	return false
}

// withoutRetiredThings drops the departures that are of things: who retires a
// machine has not left.
func (c *Classifier) withoutRetiredThings(r reading) []hit {
	kept := make([]hit, 0, len(r.hits))
	for _, h := range r.hits {
		thing := r.text.tokens[h.end-1].text == "retired" && h.end < len(r.text.tokens) &&
			r.text.tokens[h.end].sentence == r.text.tokens[h.end-1].sentence && determines(r.text.tokens[h.end].text)
		if !thing || c.lexicon.concepts[h.concept].label != outreach.LabelLeftCompany {
			kept = append(kept, h)
		}
	}
	return kept
}

func determines(word string) bool {
	switch word {
	case "the", "our", "my", "that", "those", "this", "these", "it", "them", "its", "their", "all":
		return true
	}
	return false
}

func ofOneself(word string) bool {
	switch word {
	case "i", "im", "ive", "ill", "id", "my", "me", "mine", "we", "were", "our", "us", "ich", "bin", "mein", "meine", "mir", "mich", "wir",
		"je", "j", "jai", "mon", "ma", "mes", "moi", "nous", "yo", "estoy", "estare", "mi", "mis", "sono", "mio", "mia", "saro", "io",
		"eu", "estou", "estarei", "meu", "minha", "ik", "ben", "mijn", "mij", "jag", "min", "mitt", "jeg", "mig", "meg", "mina", "olen", "jestem", "moj", "moje",
		"jsem", "som", "vagyok", "sunt", "я", "мой", "меня", "мы", "ja", "benim":
		return true
	}
	return false
}

func ofBeing(word string) bool {
	switch word {
	case "is", "has", "will", "ist", "hat", "wird", "est", "sera", "es", "esta", "e", "ha", "er", "ar", "jest":
		return true
	}
	return false
}

func ofOthers(word string) bool {
	switch word {
	case "he", "hes", "his", "her", "their", "she", "shes", "they", "theyre", "er", "elle", "ella", "lui", "lei", "ele", "ela", "hij", "zij", "ona", "он", "она":
		return true
	}
	return false
}
