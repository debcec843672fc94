package learn

import (
	"sort"
	"unicode"
	"unicode/utf8"

	"drumbeat/internal/classify"
)

// OrdinaryWords lists, folded and sorted, the words that a reply writes small, the
// German nouns, and what two replies write large inside a sentence ("Hamburg"),
// without what is part of a name: package classify takes a word that is not
// among them for one.
func OrdinaryWords(cases []Case) []string {
	small, large, names := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, kase := range cases {
		for _, name := range kase.names() {
			for _, word := range classify.Words(name) {
				names[word.Folded] = true
			}
		}
		seen := map[string]bool{}
		previous := ""
		for _, word := range classify.Words(kase.ReplyText) {
			r, _ := utf8.DecodeRuneInString(word.Folded)
			switch {
			case seen[word.Folded] || !unicode.IsLetter(r):
			case !word.Capital:
				small[word.Folded]++
				seen[word.Folded] = true
			case !word.First && !addressed(previous):
				large[word.Folded]++
				if kase.Language == "de" {
					large[word.Folded]++ // a noun
				}
				seen[word.Folded] = true
			}
			previous = word.Folded
		}
	}
	var words []string
	for word, n := range small {
		if n >= 2 || !names[word] {
			words = append(words, word)
		}
	}
	for word, n := range large {
		if n >= 2 && small[word] == 0 && !names[word] {
			words = append(words, word)
		}
	}
	sort.Strings(words)
	return words
}

// names gives what a case says to be the name of somebody or of a vendor.
func (c Case) names() []string {
	names := []string{c.Input().From.Name}
	if c.Contact != nil {
		names = append(names, c.Contact.Name)
	}
	if c.Competitor != nil {
		names = append(names, *c.Competitor)
	}
	return names
}

// addressed: words behind which a name stands.
func addressed(word string) bool {
	switch word {
	case "frau", "herr", "herrn", "hallo", "hi", "hello", "dear", "hey", "liebe", "lieber", "moin", "kollege", "kollegin", "mr", "mrs", "ms", "dr", "bonjour", "hola", "ciao", "hej":
		return true
	}
	return false
}
