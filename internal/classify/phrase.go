package classify

import (
	"fmt"
	"strings"
)

// maxGap is how many words ".." may stand for.
const maxGap = 5

// itemKind is what one place of a phrase accepts.
type itemKind uint8

const (
	itemWord   itemKind = iota // this word
	itemPrefix                 // a word that begins so: "teuer*"
	itemAny                    // one word, whichever: "*"
	itemGap                    // no word up to maxGap words: ".."
	itemGroup                  // one of several ways: "(a|b c|)"
)

// item is one place of a phrase.
type item struct {
	kind  itemKind
	word  string
	words map[string]struct{} // of a group: the ways that are one plain word
	alts  [][]item            // of a group: the other ways
}

// parsePhrase reads the form of phrases: words, "word*", "*", "..", and groups
// "(a|b c|)" which may nest.
func parsePhrase(source string) ([]item, error) {
	p := phraseParser{source: source}
	items := p.sequence()
	if p.at < len(source) {
		return nil, fmt.Errorf("phrase %q: unexpected %q", source, source[p.at:])
	}
	if p.open != 0 {
		return nil, fmt.Errorf("phrase %q: a parenthesis is not closed", source)
	}
	return items, nil
}

type phraseParser struct {
	source string
	at     int
	open   int
}

func (p *phraseParser) sequence() []item {
	var items []item
	for p.at < len(p.source) {
		switch c := p.source[p.at]; c {
		case ' ':
			p.at++
		case '(':
			items = append(items, p.group())
		case ')', '|':
			return items
		default:
			end := strings.IndexAny(p.source[p.at:], " ()|")
			if end < 0 {
				end = len(p.source) - p.at
			}
			items = append(items, wordItems(p.source[p.at:p.at+end])...)
			p.at += end
		}
	}
	return items
}

func (p *phraseParser) group() item {
	p.at++
	p.open++
	g := item{kind: itemGroup, words: map[string]struct{}{}}
	for {
		alt := p.sequence()
		if len(alt) == 1 && alt[0].kind == itemWord {
			g.words[alt[0].word] = struct{}{}
		} else {
			g.alts = append(g.alts, alt)
		}
		if p.at >= len(p.source) {
			return g
		}
		p.at++
		if p.source[p.at-1] == ')' {
			p.open--
			return g
		}
	}
}

// wordItems folds a word as texts are folded; a word that the tokeniser splits
// gives several items.
func wordItems(word string) []item {
	switch word {
	case "..":
		return []item{{kind: itemGap}}
	case "*":
		return []item{{kind: itemAny}}
	case nameWord, nameOwns:
		return []item{{kind: itemWord, word: word}}
	}
	stem, prefix := strings.CutSuffix(word, "*")
	if folded(stem) {
		if prefix {
			return []item{{kind: itemPrefix, word: stem}}
		}
		return []item{{kind: itemWord, word: stem}}
	}
	var items []item
	for _, token := range tokenise(stem).tokens {
		items = append(items, item{kind: itemWord, word: token.text})
	}
	if prefix && len(items) > 0 {
		items[len(items)-1].kind = itemPrefix
	}
	return items
}

// folded tells words that folding would not change, which are most: reading the
// lexicon at the start takes half the time for it.
func folded(word string) bool {
	for i := 0; i < len(word); i++ {
		if c := word[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return word != ""
}

// frame is what must match behind a group.
type frame struct {
	items []item
	next  *frame
}

// matchItems matches items from token at on, within one sentence, and gives
// the token behind the match.
func matchItems(t text, items []item, next *frame, at, sentence int) (int, bool) {
	for len(items) == 0 {
		if next == nil {
			return at, true
		}
		items, next = next.items, next.next
	}
	first, rest := &items[0], items[1:]
	inside := at < len(t.tokens) && t.tokens[at].sentence == sentence
	switch first.kind {
	case itemGap:
		return matchGap(t, rest, next, at, sentence)
	case itemGroup:
		return matchGroup(t, first, rest, next, at, sentence)
	case itemWord:
		inside = inside && t.tokens[at].text == first.word
	case itemPrefix:
		inside = inside && strings.HasPrefix(t.tokens[at].text, first.word)
	}
	if !inside {
		return 0, false
	}
	return matchItems(t, rest, next, at+1, sentence)
}

func matchGap(t text, rest []item, next *frame, at, sentence int) (int, bool) {
	for n := 0; n <= maxGap; n++ {
		if end, ok := matchItems(t, rest, next, at+n, sentence); ok {
			return end, true
		}
		if at+n >= len(t.tokens) || t.tokens[at+n].sentence != sentence {
			break
		}
	}
	return 0, false
}

func matchGroup(t text, group *item, rest []item, next *frame, at, sentence int) (int, bool) {
	if at < len(t.tokens) && t.tokens[at].sentence == sentence {
		if _, ok := group.words[t.tokens[at].text]; ok {
			if end, ok := matchItems(t, rest, next, at+1, sentence); ok {
				return end, true
			}
		}
	}
	for _, alt := range group.alts {
		if end, ok := matchItems(t, alt, &frame{rest, next}, at, sentence); ok {
			return end, true
		}
	}
	return 0, false
}

// firstWords collects what a phrase can begin with.
type firstWords struct {
	words, prefixes map[string]bool
}

// of collects from items and tells whether they can be empty or begin with any
// word.
func (f *firstWords) of(items []item) bool {
	for _, it := range items {
		switch it.kind {
		case itemWord:
			f.words[it.word] = true
			return false
		case itemPrefix:
			f.prefixes[it.word] = true
			return false
		case itemAny, itemGap:
			return true
		}
		empty := false
		for word := range it.words {
			f.words[word] = true
		}
		for _, alt := range it.alts {
			empty = f.of(alt) || empty
		}
		if !empty {
			return false
		}
	}
	return true
}
