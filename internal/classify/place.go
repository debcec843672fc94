package classify

import "strings"

// negatedReach is how many words behind a "not" count as negated.
const negatedReach = 4

// sentence adds the words of one sentence under a name of their own: what opens
// a reply or closes it weighs more than what stands between.
func (b *vectorBuilder) sentence(space string, t text, sentence int) {
	for _, token := range t.tokens {
		if token.sentence == sentence {
			b.once(1, space, plainWord(token.text))
		}
	}
}

// negatedWords adds the words behind a "not" up to the end of the clause.
func (b *vectorBuilder) negatedWords(t text) {
	left := 0
	for i, token := range t.tokens {
		if i > 0 && (t.tokens[i-1].sentence != token.sentence || strings.ContainsAny(t.raw[t.tokens[i-1].end:token.start], ",:()")) {
			left = 0
		}
		if left > 0 {
			b.once(1, "not", plainWord(token.text))
			left--
		}
		if negates(token.text, true) {
			left = negatedReach
		}
	}
}

// askedWords adds the words and pairs of words of questions.
func (b *vectorBuilder) askedWords(t text) {
	for i, token := range t.tokens {
		if !t.questions[token.sentence] {
			continue
		}
		b.once(1, "?", plainWord(token.text))
		if i > 0 && t.tokens[i-1].sentence == token.sentence {
			b.once(1, "?", plainWord(t.tokens[i-1].text), plainWord(token.text))
		}
	}
}
