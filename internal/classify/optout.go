package classify

import (
	"strings"
	"unicode/utf8"

	"drumbeat/internal/outreach"
)

// optOut is what the rules say about a wish for no more mail.
type optOut struct {
	asked    bool // a rule makes the reply an opt-out
	denied   bool // all that sounds like one is negated, or holds only up to a day
	evidence Evidence
}

// ruleOptOut looks for a rule that makes the reply an opt-out. Machines ask for
// nothing: what an automatic mail says about unsubscribing is its own footer.
func (c *Classifier) ruleOptOut(r reading) optOut {
	var o optOut
	if r.automatic() {
		return o
	}
	for _, h := range r.hits {
		concept := c.lexicon.concepts[h.concept]
		if concept.label != outreach.LabelUnsubscribe || !concept.rule && !concept.alone {
			continue
		}
		if h.negated || c.softened(r, h) {
			o.denied = true
			continue
		}
		return optOut{asked: true, evidence: c.evidence(r, h)}
	}
	if c.consents(r) {
		return optOut{asked: true, evidence: wholeText(r, "answer to the question below it")}
	}
	if len(r.text.tokens) == 0 && c.asksInSubject(r) {
		return optOut{asked: true, evidence: Evidence{Rule: "subject"}}
	}
	return o
}

// softened tells whether an opt-out stands inside a negated one ("don't take me
// off the list"), asks for silence only up to a day ("not again before May"), or
// is the other half of an offer ("match it or lose my number"), or is something
// that a buyer asks of the product ("can your tool unsubscribe people?").
func (c *Classifier) softened(r reading, h hit) bool {
	for _, other := range r.hits {
		if other.start > h.start {
			break // hits stand in the order of their beginnings
		}
		if other.concept == h.concept && other.negated && h.start < other.end {
			return true
		}
	}
	if c.asksOfProduct(r, h) {
		return true
	}
	if h.start > 0 && r.text.tokens[h.start-1].sentence == r.text.tokens[h.start].sentence && alternative(r.text.tokens[h.start-1].text) {
		return true
	}
	for at := h.start; at < min(h.end+3, len(r.text.tokens)); at++ {
		if at >= h.end && strings.ContainsAny(r.text.raw[r.text.tokens[at-1].end:r.text.tokens[at].start], ",.!;:") {
			return false
		}
		if untilDay(r.text.tokens[at].text) {
			return true
		}
	}
	return false
}

// asksOfProduct tells whether a hit stands in a question about what is on offer.
func (c *Classifier) asksOfProduct(r reading, h hit) bool {
	sentence := r.text.tokens[h.start].sentence
	if !r.text.questions[sentence] {
		return false
	}
	for _, other := range r.hits {
		if c.lexicon.concepts[other.concept].name == "x.product" && r.text.tokens[other.start].sentence == sentence {
			return true
		}
	}
	return false
}

func alternative(word string) bool {
	switch word {
	case "or", "oder", "ou", "otherwise", "sonst", "sinon", "of", "o", "eller", "albo", "nebo":
		return true
	}
	return false
}

func untilDay(word string) bool {
	switch word {
	case "before", "until", "till", "unless", "vor", "bis", "avant", "hasta", "antes", "prima", "fino", "voor", "tot",
		"ate", "inden", "innan", "ennen", "przed", "pred":
		return true
	}
	return false
}

// withoutPartial drops the hits of words that decide only where a sentence or a
// line says nothing else, and that do not stand so: "end-to-end", "stop by".
func (c *Classifier) withoutPartial(r reading) []hit {
	kept := make([]hit, 0, len(r.hits))
	for _, h := range r.hits {
		if !c.lexicon.concepts[h.concept].alone || c.standsAlone(r, h) {
			kept = append(kept, h)
		}
	}
	return kept
}

// mostCourtesy is how many words of thanks and please may stand on either side.
const mostCourtesy = 6

// standsAlone tells whether a hit is all that its sentence or its line says,
// but for thanks and please.
func (c *Classifier) standsAlone(r reading, h hit) bool {
	for at := h.start; at > 0 && sameLine(r.text, at-1); at-- {
		if h.start-at >= mostCourtesy || !c.courtesy(r, at-1) {
			return false
		}
	}
	for at := h.end; at < len(r.text.tokens) && sameLine(r.text, at-1); at++ {
		if at-h.end >= mostCourtesy || !c.courtesy(r, at) {
			return false
		}
	}
	return true
}

// sameLine tells whether a token and the next one share sentence and line, with
// no colon between them.
func sameLine(t text, at int) bool {
	here, next := t.tokens[at], t.tokens[at+1]
	return here.sentence == next.sentence && !strings.ContainsAny(t.raw[here.end:next.start], "\n:")
}

// courtesy tells whether a word belongs to thanks, please, sorry, a greeting or
// a yes or no.
func (c *Classifier) courtesy(r reading, at int) bool {
	if greets(r.text.tokens[at].text) {
		return true
	}
	for _, h := range r.hits {
		if h.start > at {
			return false
		}
		if at < h.end {
			switch c.lexicon.concepts[h.concept].name {
			case "x.please", "x.thanks", "x.sorry", "x.yes", "x.no":
				return true
			}
		}
	}
	return false
}

// consents tells whether a short answer says yes to an offer to stop writing,
// or picks that offer from a list by its letter.
func (c *Classifier) consents(r reading) bool {
	if r.offered && c.says(r, "x.telling") {
		return true // "let me know and I'll stop" - "Letting you know."
	}
	for _, e := range r.short {
		if c.consentsIn(e) {
			return true
		}
	}
	return false
}

func (c *Classifier) consentsIn(e exchange) bool {
	stops := false
	for _, h := range e.asked {
		concept := c.lexicon.concepts[h.concept]
		stops = stops || !h.negated && (concept.rule && concept.label == outreach.LabelUnsubscribe || concept.name == "x.stopq")
	}
	switch {
	case !stops:
		return false
	case e.chosen:
		return true
	case len(e.answer.tokens) > 1 && e.answer.questions[0], alternative(e.question.tokens[0].text):
		return false // "We talk on Friday. Or shall I stop writing?"
	}
	yes := false
	for _, h := range e.said {
		switch c.lexicon.concepts[h.concept].name {
		case "x.no", "x.but":
			return false
		case "x.yes":
			yes = true
		}
	}
	return yes
}

// says tells whether the new text holds a concept.
func (c *Classifier) says(r reading, name string) bool {
	for _, h := range r.hits {
		if c.lexicon.concepts[h.concept].name == name {
			return true
		}
	}
	return false
}

// asksInSubject: a mail client that unsubscribes by List-Unsubscribe writes an
// empty mail (RFC 2369, section 3.2).
func (c *Classifier) asksInSubject(r reading) bool {
	if len(r.subject.tokens) == 0 || len(r.subject.tokens) > 3 {
		return false
	}
	for _, h := range r.about {
		if concept := c.lexicon.concepts[h.concept]; h.start == 0 && concept.alone && !h.negated {
			return true
		}
	}
	return false
}

// wholeText is the evidence of a rule that reads the text as a whole.
func wholeText(r reading, rule string) Evidence {
	words := strings.TrimSpace(r.text.raw)
	start := utf8.RuneCountInString(r.text.raw[:strings.Index(r.text.raw, words)])
	return Evidence{words, start, start + utf8.RuneCountInString(words), rule}
}
