package classify

import (
	_ "embed"
	"fmt"
	"strings"
)

// vendorFile lists the ways to name a vendor in passing.
//
//go:embed data/vendor.txt
var vendorFile string

// vendorWay is what the words around a name make of it. Ways are bits: words can
// say several things.
type vendorWay uint8

const (
	saidWith   vendorWay = 1 << iota // the sender is bound to the name: "signed with _"
	saidServed                       // it does something for the sender: "_ does our books"
	saidHave                         // the sender has it: "we already have _"
	saidTold                         // it is spoken of as something one has: "_ since 2019"
	saidNot                          // it is somebody else: "integrates with _"
)

// vendorSaying is one line's phrase; nameWord stands for the name.
type vendorSaying struct {
	way      vendorWay
	language string
	items    []item
}

// nameWord takes the name's place in a phrase, nameOwns that of "Acme's". No text
// holds them as words.
const (
	nameWord = "_"
	nameOwns = "_s"
)

// reachBefore is how many words before a name a phrase may begin.
const reachBefore = 9

func readVendorSayings(file string) ([]vendorSaying, error) {
	var sayings []vendorSaying
	ways := map[string]vendorWay{"with": saidWith, "served": saidServed, "have": saidHave, "told": saidTold, "not": saidNot}
	way := vendorWay(0)
	for number, line := range strings.Split(file, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok {
			if way = ways[strings.TrimSuffix(name, "]")]; way == 0 {
				return nil, fmt.Errorf("vendor.txt:%d: no such section %q", number+1, line)
			}
			continue
		}
		language, phrase, ok := strings.Cut(line, ": ")
		items, err := parsePhrase(phrase)
		if !ok || err != nil {
			return nil, fmt.Errorf("vendor.txt:%d: no \"language: phrase\": %w", number+1, err)
		}
		sayings = append(sayings, vendorSaying{way, language, items})
	}
	return sayings, nil
}

// said tells in which ways the words around a run speak of a vendor.
func (c *Classifier) said(r reading, run nameFound) vendorWay {
	t, at := around(r.text, run)
	sentence := t.tokens[at].sentence
	var ways vendorWay
	for _, s := range c.vendors {
		if ways&s.way != 0 || !near(s.language, r.language) {
			continue
		}
		for from := at; from >= 0 && from > at-reachBefore && t.tokens[from].sentence == sentence; from-- {
			if end, ok := matchItems(t, s.items, nil, from, sentence); ok && end > at {
				ways |= s.way
				break
			}
		}
	}
	return ways
}

// near tells whether a phrase of a language may stand in a text of another: English
// ones anywhere, and those of neighbours that a short text is mistaken for.
func near(phrase, spoken string) bool {
	switch {
	case phrase == "en", phrase == spoken:
		return true
	case phrase == "es" || phrase == "pt":
		return spoken == "es" || spoken == "pt"
	case phrase == "da" || phrase == "no" || phrase == "sv":
		return spoken == "da" || spoken == "no" || spoken == "sv"
	case phrase == "cs":
		return spoken == "sk"
	}
	return false
}

// around gives the words about a run, with one token in the run's place, and where
// that stands.
func around(t text, run nameFound) (text, int) {
	from, to := max(0, run.from-reachBefore), min(len(t.tokens), run.to+reachBefore)
	tokens := make([]token, 0, to-from)
	tokens = append(tokens, t.tokens[from:run.from]...)
	name := t.tokens[run.from]
	name.text = nameWord
	if run.to > run.from && len(run.text) < run.end-run.start {
		name.text = nameOwns
	}
	tokens = append(tokens, name)
	return text{raw: t.raw, tokens: append(tokens, t.tokens[run.to:to]...)}, run.from - from
}
