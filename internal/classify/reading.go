package classify

import (
	"cmp"
	"unicode/utf8"

	"drumbeat/internal/outreach"
)

// reading is a reply as the rules and the model see it.
type reading struct {
	in       Input
	text     text
	hits     []hit // in the new text
	question text  // the question of the quoted text, which short answers answer
	asked    []hit // concepts of that question
	chosen   bool  // the answer is the letter or number of a choice below it
	offered  bool  // the quoted text offers to stop if told so
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
	if len(r.text.tokens) <= shortAnswer {
		choice := choiceOf(r.text, in.Quoted)
		r.chosen = choice != ""
		r.question = tokenise(cmp.Or(choice, firstQuestion(in.Quoted)))
		r.asked = c.lexicon.find(r.question, "")
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
