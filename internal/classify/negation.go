package classify

import "strings"

// negatedAt tells whether the words before a position turn its meaning round:
// "not too expensive", "don't unsubscribe me". Answers such as "No," count
// only directly before it in languages where they also negate.
func negatedAt(t text, at int) bool {
	sentence := t.tokens[at].sentence
	for n := 1; n <= 2 && at-n >= 0 && t.tokens[at-n].sentence == sentence; n++ {
		if strings.Contains(t.raw[t.tokens[at-n].end:t.tokens[at-n+1].start], ",") {
			return false // "not interested, lose my address"
		}
		if negates(t.tokens[at-n].text, n == 1) {
			return true
		}
	}
	return false
}

func negates(word string, adjacent bool) bool {
	switch word {
	case "not", "dont", "doesnt", "didnt", "wont", "wouldnt", "isnt", "arent", "wasnt", "cant", "cannot",
		"never", "nicht", "kein", "keine", "keinen", "nie", "niemals", "niet", "geen", "inte", "ikke",
		"nao", "jamais", "nunca", "mai", "aldri", "aldrig", "nikdy", "hardly", "nor":
		return true
	case "ne", "n", "no", "non", "nu", "pas", "δεν", "μην", "ei":
		return adjacent
	}
	return false
}
