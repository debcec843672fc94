package classify

import (
	"strings"
	"unicode/utf8"
)

// vendorRuns gives what may be a vendor's name: the runs that are written like a
// brand, and the known brands and English words of no language that are typed small.
func (c *Classifier) vendorRuns(r reading) []nameFound {
	runs := brandRuns(r.text)
	for i := range runs {
		runs[i] = withKind(r.text, runs[i])
	}
	for at, token := range r.text.tokens {
		if token.upper || token.given || token.place {
			continue
		}
		if brand := c.brandLength(token.text); brand > 0 {
			runs = append(runs, smallRun(r.text, at, brand))
		} else if r.language == "en" && typedSmall(token) {
			runs = append(runs, smallRun(r.text, at, 0))
		}
	}
	return runs[:min(len(runs), maxVendorRuns)]
}

// withKind adds the kind of product that closes its name, or its number: "Finch CRM",
// "Cellier 3000".
func withKind(t text, run nameFound) nameFound {
	if run.to >= len(t.tokens) || !joined(t, run.to-1) {
		return run
	}
	last := t.tokens[run.to]
	switch last.text {
	case "360", "365", "1000", "2000", "3000", "5000", "9000":
		run.to++
	case "crm", "erp", "pos", "hr", "ehr", "lms", "dms", "tms", "wms", "ai", "saas", "pms", "lims":
		if last.upper {
			run.to++
		}
	}
	run.end = t.tokens[run.to-1].end
	run.text = withoutPossessive(t.raw[run.start:run.end])
	return run
}

// maxVendorRuns is how many names of a reply are weighed.
const maxVendorRuns = 60

// smallRun makes a run of one token; of a brand with a case ending ("datadoga",
// "hubspota") only the brand is the name.
func smallRun(t text, at, brand int) nameFound {
	token := t.tokens[at]
	name := withoutPossessive(t.raw[token.start:token.end])
	if brand > 0 && utf8.RuneCountInString(name) > brand {
		name = string([]rune(name)[:brand])
	}
	return nameFound{text: name, start: token.start, end: token.end, from: at, to: at + 1}
}

// longestCase is how many letters an ending of declension adds to a name.
const longestCase = 3

// brandLength tells a known brand, inflected ones too, by how many letters its name has.
func (c *Classifier) brandLength(word string) int {
	if _, ok := c.brands[word]; ok {
		return utf8.RuneCountInString(word)
	}
	for cut := 1; cut <= longestCase && len(word)-cut >= 5; cut++ {
		if _, ok := c.brands[word[:len(word)-cut]]; ok {
			return utf8.RuneCountInString(word) - cut
		}
	}
	return 0
}

// typedSmall tells an English word that is none, in small letters: "ledgerlark".
func typedSmall(token token) bool {
	return !token.ordinary && !inflected(token.text) && len(token.text) >= 4 && !strings.ContainsFunc(token.text, notLetter)
}

// germanNoun tells a capitalised German word that names no vendor by how it is
// built or what stands before it: "Stammlieferant", "die Kassa", "Zeiterfassung".
func (c *Classifier) germanNoun(t text, run nameFound) bool {
	if run.to-run.from > 1 || camelCase(t, run) {
		return false
	}
	word := t.tokens[run.from].text
	for _, ending := range []string{"ung", "ungen", "heit", "keit", "schaft", "tat", "ion", "tum", "ling", "eten", "sten", "tern", "gen", "chen", "aten", "iker", "aten"} {
		if strings.HasSuffix(word, ending) {
			return true
		}
	}
	for cut := 3; len(word)-cut >= 5; cut++ {
		if _, ok := c.words[word[cut:]]; ok {
			return true // a compound
		}
	}
	return run.from > 0 && t.tokens[run.from-1].sentence == t.tokens[run.from].sentence && germanArticle(t.tokens[run.from-1].text)
}

func germanArticle(word string) bool {
	switch word {
	case "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines", "zu", "zur", "zum", "im", "am", "beim", "ins", "unser", "unsere", "unseren", "unserem", "unserer", "unseres",
		"mein", "meine", "meinen", "meinem", "meiner", "kein", "keine", "keinen", "keiner", "ihr", "ihre", "ihren", "ihrem", "ihrer", "euer", "eure", "dein", "deine", "diese", "dieser", "diesen", "dieses", "jede", "jeder", "jeden", "drei", "zwei", "pro", "ohne", "in":
		return true
	}
	return false
}
