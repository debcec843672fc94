package classify

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"drumbeat/internal/outreach"
)

//go:embed lexicon/*.txt
var lexiconFiles embed.FS

// concept is something a reply can say, in the words of many languages:
// "price.too_much", "unsubscribe.remove". docs/LABELS.md fixes the form of
// the files.
type concept struct {
	name   string
	label  outreach.Label // which label it speaks for; empty for concepts of no label
	weight float64        // how much it counts where no model votes
	rule   bool           // precise enough to make the label by itself, unless negated
	alone  bool           // the same, where its sentence or line says nothing else
}

// lexicon finds concepts in a text.
type lexicon struct {
	concepts []concept
	phrases  []phrase
	words    map[string][]int32 // phrases by a word they can begin with
	prefixes map[string][]int32 // the same for beginnings of words
	shortest int                // of the prefixes, in bytes
	longest  int
}

// phrase is one way to say a concept.
type phrase struct {
	concept  int
	language string // "en", or a group of languages such as "nordic"
	items    []item
}

// hit is a phrase found: tokens start to end (exclusive).
type hit struct {
	concept    int
	start, end int
	negated    bool
}

// readLexicon parses the files of a lexicon.
func readLexicon(files fs.FS) (*lexicon, error) {
	names, err := fs.Glob(files, "lexicon/*.txt")
	if err != nil {
		return nil, fmt.Errorf("list lexicon: %w", err)
	}
	lex := &lexicon{words: map[string][]int32{}, prefixes: map[string][]int32{}, shortest: 99}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read lexicon: %w", err)
		}
		if err := lex.add(string(content)); err != nil {
			return nil, fmt.Errorf("%s:%w", path.Base(name), err)
		}
	}
	return lex, nil
}

// add reads one file: sections "[concept weight]" with lines "language: phrase
// ; phrase".
func (lex *lexicon) add(content string) error {
	current := -1
	for number, line := range strings.Split(content, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "["):
			lex.concepts = append(lex.concepts, parseConcept(strings.Trim(line, "[]")))
			current = len(lex.concepts) - 1
			continue
		case current < 0:
			return fmt.Errorf("%d: a phrase before the first section", number+1)
		}
		language, phrases, found := strings.Cut(line, ":")
		if !found {
			return fmt.Errorf("%d: no language before the phrases", number+1)
		}
		for _, source := range strings.Split(phrases, " ; ") {
			if err := lex.addPhrase(current, language, source); err != nil {
				return fmt.Errorf("%d: %w", number+1, err)
			}
		}
	}
	return nil
}

func parseConcept(header string) concept {
	fields := strings.Fields(header)
	c := concept{name: fields[0]}
	group, _, _ := strings.Cut(c.name, ".")
	for _, label := range outreach.WordLabels() {
		if string(label) == group {
			c.label = label
		}
	}
	if len(fields) > 1 {
		c.rule, c.alone = fields[1] == "rule", fields[1] == "alone"
		c.weight, _ = strconv.ParseFloat(fields[1], 64)
	}
	if c.rule {
		c.weight = 6
	}
	return c
}

func (lex *lexicon) addPhrase(concept int, language, source string) error {
	source = strings.TrimSpace(source)
	if source == "" {
		return nil
	}
	items, err := parsePhrase(source)
	if err != nil {
		return err
	}
	first := firstWords{words: map[string]bool{}, prefixes: map[string]bool{}}
	if first.of(items) {
		return fmt.Errorf("phrase %q can begin with anything", source)
	}
	lex.phrases = append(lex.phrases, phrase{concept, language, items})
	id := int32(len(lex.phrases) - 1)
	for word := range first.words {
		lex.words[word] = append(lex.words[word], id)
	}
	for prefix := range first.prefixes {
		lex.prefixes[prefix] = append(lex.prefixes[prefix], id)
		lex.shortest = min(lex.shortest, len(prefix))
		lex.longest = max(lex.longest, len(prefix))
	}
	return nil
}

// find gives all hits in a text, by position. With a language only its phrases
// count, and English ones, which people mix into every language, and, but for
// English texts, rules: an opt-out must not hang on telling Finnish from German
// in eight words.
func (lex *lexicon) find(t text, language string) []hit {
	var hits []hit
	for at := range t.tokens {
		from := len(hits)
		word := t.tokens[at].text
		for _, id := range lex.words[word] {
			hits = lex.try(t, id, language, at, from, hits)
		}
		for n := lex.shortest; n <= min(len(word), lex.longest); n++ {
			for _, id := range lex.prefixes[word[:n]] {
				hits = lex.try(t, id, language, at, from, hits)
			}
		}
	}
	return hits
}

// try adds a hit when the phrase matches at a position. Of several phrases of
// one concept there the longest counts.
func (lex *lexicon) try(t text, id int32, language string, at, from int, hits []hit) []hit {
	p := &lex.phrases[id]
	if !p.speaks(language) && (language == "en" || !lex.concepts[p.concept].rule) {
		return hits
	}
	end, ok := matchItems(t, p.items, nil, at, t.tokens[at].sentence)
	if !ok {
		return hits
	}
	for i := from; i < len(hits); i++ {
		if hits[i].concept == p.concept {
			hits[i].end = max(hits[i].end, end)
			return hits
		}
	}
	return append(hits, hit{p.concept, at, end, negatedAt(t, at)})
}

// speaks tells whether a phrase counts in a text of a language.
func (p *phrase) speaks(language string) bool {
	switch p.language {
	case language, "en":
		return true
	case "nordic":
		return language == "" || language == "sv" || language == "da" || language == "no" || language == "fi"
	case "slavic":
		return language == "" || language == "pl" || language == "cs" || language == "sk"
	case "cs":
		return language == "" || language == "sk"
	case "da", "no", "sv": // too alike to tell apart in a few words
		return language == "" || language == "da" || language == "no" || language == "sv"
	}
	return language == ""
}
