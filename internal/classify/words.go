package classify

import (
	_ "embed"
	"strings"
)

// wordFile lists the ordinary words, folded, one a line: those that two of the
// shipped replies hold without meaning a name. "drumbeat reply train --words"
// writes it anew.
//
//go:embed data/words.txt
var wordFile string

func readWords(file string) map[string]struct{} {
	words := make(map[string]struct{}, strings.Count(file, "\n"))
	for _, word := range strings.Fields(file) {
		words[word] = struct{}{}
	}
	return words
}

// markOrdinary tells the ordinary words of a text from those that may be names:
// of people and of vendors alike, what is no word of the language is a name.
func (c *Classifier) markOrdinary(t text) {
	for at := range t.tokens {
		_, t.tokens[at].ordinary = c.words[t.tokens[at].text]
	}
}

// Word is a word of a text, folded, with how it is written there.
type Word struct {
	Folded  string
	Capital bool
	First   bool // it begins a sentence
}

// Words gives the words of a text; the list of ordinary words is made of them.
func Words(raw string) []Word {
	t := tokenise(raw)
	words := make([]Word, len(t.tokens))
	for i, token := range t.tokens {
		words[i] = Word{token.text, token.upper, i == 0 || t.tokens[i-1].sentence != token.sentence}
	}
	return words
}
