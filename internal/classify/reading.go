package classify

import (
	"unicode/utf8"

	"drumbeat/internal/outreach"
)

// reading is a reply as the rules and the model see it.
type reading struct {
	in       Input
	text     text
	hits     []hit      // in the new text
	short    []exchange // answers that mean what their questions ask
	offered  bool       // the quoted text of a short reply offers to stop if told so
	subject  text
	about    []hit // concepts of the subject
	language string
	days     dayReader
	found    []dayFound // day expressions of the new text, whatever they stand for
}

// read takes a reply apart.
func (c *Classifier) read(in Input) reading {
	r := reading{in: in, text: tokenise(in.Text), subject: tokenise(in.Subject)}
	c.markOrdinary(r.text)
	r.language = c.languages.detect(in.Text, in.Language)
	spoken := ""
	if len(r.text.tokens) > shortAnswer {
		spoken = r.language
	}
	r.hits = c.lexicon.find(r.text, spoken)
	r.hits = c.withoutPartial(r)
	r.hits = c.withoutRetiredThings(r)
	r.about = c.lexicon.find(r.subject, "")
	r.short = c.exchanges(r)
	if len(r.text.tokens) <= shortAnswer {
		r.offered = c.offersToStop(in.Quoted)
	}
	r.days = dayReader{
		calendar: c.calendar, text: r.text, language: r.language,
		today: outreach.DayOf(in.ReceivedAt), order: orderOf(in.Country, in.ReceivedAt),
	}
	r.found = r.days.find()
	return r
}

// evidence gives a hit's words with their place in the new text.
func (c *Classifier) evidence(r reading, h hit) Evidence {
	from, to := r.text.tokens[h.start].start, r.text.tokens[h.end-1].end
	start := utf8.RuneCountInString(r.text.raw[:from])
	words := r.text.raw[from:to]
	return Evidence{words, start, start + utf8.RuneCountInString(words), c.lexicon.concepts[h.concept].name}
}

// automatic tells whether the message came from a machine.
func (r reading) automatic() bool { return r.in.Kind == outreach.KindAutomatic }
