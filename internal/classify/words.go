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

// nameFile, placeFile and brandFile list given names, places and well-known products,
// folded; they hold what a table knows better than a rule about capitals.
var (
	//go:embed data/names.txt
	nameFile string
	//go:embed data/places.txt
	placeFile string
	//go:embed data/brands.txt
	brandFile string
)

func readWords(file string) map[string]struct{} {
	words := make(map[string]struct{}, strings.Count(file, "\n"))
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			words[word] = struct{}{}
		}
	}
	return words
}

// markOrdinary tells the ordinary words of a text from those that may be names:
// of people and of vendors alike, what is no word of the language is a name. It
// marks given names and places too.
func (c *Classifier) markOrdinary(t text) {
	for at := range t.tokens {
		token := &t.tokens[at]
		_, token.ordinary = c.words[token.text]
		_, token.given = c.names[token.text]
		_, token.place = c.places[token.text]
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
