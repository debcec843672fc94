package classify

import (
	"math"
	"strconv"

	"drumbeat/internal/outreach"
)

// buckets is how many features the model tells apart; others share a bucket.
const buckets = 1 << 18

// Feature is one thing seen in a reply, hashed to a bucket.
type Feature struct {
	Bucket uint32
	Value  float32
}

// Vector is a reply as the model sees it, each bucket once.
type Vector []Feature

// The weights of the groups of features: words and characters are normalised
// to their group's length, so that long mails do not outvote short ones;
// concepts count as they are.

const (
	weightWords     = 1.5
	weightChars     = 1.0
	weightSubject   = 0.5
	weightPlaces    = 0.5
	weightQuestions = 0.3
	weightConcepts  = 0.25
)

// vector collects the features of a reply.
func (c *Classifier) vector(r reading) Vector {
	b := vectorBuilder{values: make(map[uint32]float32, 1024)}
	b.group(weightWords, func() { b.words("w", r.text) })
	b.group(weightChars, func() { b.characters(r.text) })
	b.group(weightSubject, func() { b.words("s", r.subject) })
	if len(r.text.tokens) > 0 {
		b.group(weightPlaces, func() { b.sentence("first", r.text, 0) })
		b.group(weightPlaces, func() { b.sentence("last", r.text, r.text.tokens[len(r.text.tokens)-1].sentence) })
		b.group(weightPlaces, func() { b.negatedWords(r.text) })
		b.group(weightPlaces, func() { b.askedWords(r.text) })
	}
	b.group(weightQuestions, func() {
		for _, e := range r.short {
			b.words("q", e.question)
		}
	})
	c.conceptFeatures(&b, r)
	b.shape(r)
	return b.vector()
}

type vectorBuilder struct {
	values map[uint32]float32
	order  []uint32 // buckets by first appearance: sums must not depend on the map
}

// group adds the features that add collects, scaled to the length weight.
func (b *vectorBuilder) group(weight float32, collect func()) {
	from := len(b.order)
	before := b.values
	b.values = make(map[uint32]float32, 512)
	collect()
	own := b.order[from:]
	var sum float64
	for _, bucket := range own {
		v := float64(b.values[bucket])
		sum += v * v
	}
	scale := weight / float32(math.Sqrt(sum)+1e-9)
	kept := b.order[:from]
	for _, bucket := range own {
		if _, known := before[bucket]; !known {
			kept = append(kept, bucket)
		}
		before[bucket] += b.values[bucket] * scale
	}
	b.order, b.values = kept, before
}

func (b *vectorBuilder) add(value float32, parts ...string) {
	bucket := hashParts(parts) % buckets
	if _, known := b.values[bucket]; !known {
		b.order = append(b.order, bucket)
	}
	b.values[bucket] += value
}

// once adds a feature of a set: seen or not seen.
func (b *vectorBuilder) once(value float32, parts ...string) {
	bucket := hashParts(parts) % buckets
	if _, known := b.values[bucket]; !known {
		b.order = append(b.order, bucket)
	}
	b.values[bucket] = value
}

func (b *vectorBuilder) vector() Vector {
	v := make(Vector, len(b.order))
	for i, bucket := range b.order {
		v[i] = Feature{bucket, b.values[bucket]}
	}
	return v
}

// stemRunes is how many letters of a longer word stand for its stem, in every
// language alike: "zufrieden" and "zufriedene" share one.
const stemRunes = 5

// words adds words, stems and pairs of words; numbers count as "#".
func (b *vectorBuilder) words(space string, t text) {
	previous := "^"
	for i, token := range t.tokens {
		word := plainWord(token.text)
		b.once(1, space, word)
		b.once(1, space, previous, word)
		if i == 0 || t.tokens[i-1].sentence != token.sentence {
			b.once(1, space, "^", word)
		}
		if stem := stemOf(word); stem != word {
			b.once(1, space, "stem", stem)
		}
		previous = word
	}
}

func stemOf(word string) string {
	seen := 0
	for at := range word {
		if seen == stemRunes {
			return word[:at]
		}
		seen++
	}
	return word
}

func plainWord(word string) string {
	if word != "" && word[0] >= '0' && word[0] <= '9' {
		return "#"
	}
	return word
}

// characters adds the 3-, 4- and 5-grams of words, with their edges.
func (b *vectorBuilder) characters(t text) {
	for _, token := range t.tokens {
		word := []rune(" " + plainWord(token.text) + " ")
		for n := 3; n <= 5; n++ {
			for i := 0; i+n <= len(word); i++ {
				b.once(1, "c", string(word[i:i+n]))
			}
		}
	}
}

// conceptFeatures adds what the lexicon saw: where, whether negated, behind a
// "but", in a question, and in company of what.
func (c *Classifier) conceptFeatures(b *vectorBuilder, r reading) {
	var seen []string
	known := map[string]bool{}
	but := c.lastBut(r)
	for _, h := range r.hits {
		concept := &c.lexicon.concepts[h.concept]
		name := concept.name
		if h.negated {
			name = "!" + name
		}
		if !known[name] {
			known[name] = true
			seen = append(seen, name)
			b.once(weightConcepts*2, "C", name)
		}
		sentence := r.text.tokens[h.start].sentence
		if sentence == 0 {
			b.once(weightConcepts, "C0", name)
		}
		if sentence == r.text.tokens[len(r.text.tokens)-1].sentence {
			b.once(weightConcepts, "C9", name)
		}
		if but >= 0 && h.start > but {
			b.once(weightConcepts, "C>", name)
		}
		if r.text.questions[sentence] {
			b.once(weightConcepts, "C?", name)
		}
	}
	for i, one := range seen {
		for _, other := range seen[i+1:] {
			b.once(weightConcepts/3, "P", min(one, other), max(one, other))
		}
	}
	for _, h := range r.about {
		b.once(weightConcepts, "S", c.lexicon.concepts[h.concept].name)
	}
	c.answerFeatures(b, r)
	c.brandFeatures(b, r)
	b.dayFeatures(r)
	votes := c.vote(r)
	for _, label := range outreach.WordLabels() {
		if votes[label] > 0 {
			b.once(min(float32(votes[label])/12, 1), "V", string(label))
		}
	}
}

// answerFeatures joins short answers with the concepts of their questions.
func (c *Classifier) answerFeatures(b *vectorBuilder, r reading) {
	for _, e := range r.short {
		answer := "other"
		for _, h := range e.said {
			switch c.lexicon.concepts[h.concept].name {
			case "x.yes":
				answer = "yes"
			case "x.no":
				answer = "no"
			}
		}
		b.once(weightConcepts, "A", answer)
		for _, h := range e.asked {
			name := c.lexicon.concepts[h.concept].name
			b.once(weightConcepts*2, "A", answer, name)
			b.once(weightConcepts, "Q", name)
		}
	}
}

// brandFeatures tells whether a vendor seems to be named, and whether people
// are: the two are what a status quo and a referral have over a plain no.
func (c *Classifier) brandFeatures(b *vectorBuilder, r reading) {
	top := 0
	for _, run := range brandRuns(r.text) {
		if !c.isSender(r, run.text) {
			top = max(top, vendorScore(r.text, run))
		}
	}
	if top > 0 {
		b.once(weightConcepts, "brand")
		b.once(weightConcepts*2, "brand", strconv.Itoa(min(top/3, 3)))
	}
	if len(foreignAddresses(r)) > 0 {
		b.once(weightConcepts*2, "address")
	}
	if len(phoneNumbers(r)) > 0 {
		b.once(weightConcepts, "phone")
	}
	best := c.bestName(r, foreignAddresses(r), nil, "", leastName)
	if best != nil {
		b.once(weightConcepts*2, "person", strconv.Itoa(min(best.score/2, 4)))
	}
}

// dayFeatures tells which days a reply speaks of, and what they would stand for
// in a notice of absence and in a reply of a person.
func (b *vectorBuilder) dayFeatures(r reading) {
	for i, f := range r.found {
		exact := strconv.Itoa(int(f.precision))
		b.once(weightConcepts, "day", exact)
		if role := r.days.absenceRole(r.found, i); role != "" {
			b.once(weightConcepts*2, "away", string(role))
			b.once(weightConcepts, "away", string(role), exact)
		}
		if role := r.days.role(r.found, i, ""); role != "" {
			b.once(weightConcepts*2, "day", string(role))
			b.once(weightConcepts, "day", string(role), exact)
		}
	}
}

// lastBut is the token of the last "but" that has words before it, -1 when
// there is none.
func (c *Classifier) lastBut(r reading) int {
	at := -1
	for _, h := range r.hits {
		if c.lexicon.concepts[h.concept].name == "x.but" && h.start > 1 {
			at = h.start
		}
	}
	return at
}

// shape adds what a reply looks like: its length, its questions, its sender.
func (b *vectorBuilder) shape(r reading) {
	b.once(0.5, "bias")
	b.once(0.5, "length", strconv.Itoa(lengthClass(len(r.text.tokens))))
	asks := 0
	for _, question := range r.text.questions {
		if question {
			asks++
		}
	}
	b.once(0.5, "asks", strconv.Itoa(min(asks, 3)))
	if n := len(r.text.questions); n > 0 && r.text.questions[n-1] || n > 1 && r.text.questions[n-2] {
		b.once(0.5, "ends asking")
	}
	if r.in.Kind == outreach.KindAutomatic {
		b.once(1, "automatic")
	}
	if len(r.in.Cc) > 0 {
		b.once(0.3, "cc")
	}
}

func lengthClass(words int) int {
	class := 0
	for words > 0 {
		words /= 2
		class++
	}
	return class
}

// hashParts is FNV-1a over the parts with a separator.
func hashParts(parts []string) uint32 {
	h := uint32(2166136261)
	for _, part := range parts {
		for i := 0; i < len(part); i++ {
			h = (h ^ uint32(part[i])) * 16777619
		}
		h = (h ^ 0xFF) * 16777619
	}
	return h ^ h>>15
}
