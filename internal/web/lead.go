package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"drumbeat/internal/outreach"
)

// leadPage is everything about one lead.
type leadPage struct {
	Frame
	outreach.Story
	Phases        []Phase
	Qualification Qualification
	Thread        []Utterance
	Custom        []Field
	Buttons       bool
	Paused        bool
}

// Qualification is a lead's facts seen through a framework.
type Qualification struct {
	Framework string // its name; empty: a plain list of facts
	Elements  []Element
	Next      string // the one question to ask next
}

// Element is one letter of a framework.
type Element struct {
	Name     string
	Question string          // to ask while nothing is known
	Facts    []outreach.Fact // empty: missing
}

// Field is a further column of the import.
type Field struct{ Name, Value string }

// Utterance is one mail of the conversation: ours or the lead's.
type Utterance struct {
	At    time.Time
	Send  *outreach.SendView
	Reply *outreach.ReplyView
}

func (o *operator) lead(w http.ResponseWriter, r *http.Request) {
	page, err := o.leadPage(r)
	o.show(w, r, "lead", page, err)
}

func (o *operator) leadPage(r *http.Request) (leadPage, error) {
	id, err := pathID(r)
	if err != nil {
		return leadPage{}, err
	}
	story, err := o.Board.Story(r.Context(), outreach.LeadID(id))
	if err != nil {
		return leadPage{}, err
	}
	page := leadPage{
		Frame: o.frame(story.Lead.Name(), "leads"), Story: story, Phases: phasesOf(story), Thread: threadOf(story),
		Custom: customOf(story.Lead), Buttons: o.Desk != nil,
	}
	page.Paused = story.Lead.PausedTill != nil && story.Lead.PausedTill.After(page.Now)
	if o.Qualify != nil {
		page.Qualification = o.Qualify(story.Facts)
	} else {
		page.Qualification = plainFacts(story.Facts)
	}
	return page, nil
}

func plainFacts(facts []outreach.Fact) Qualification {
	var q Qualification
	for _, fact := range facts {
		q.Elements = append(q.Elements, Element{Name: fact.Name, Facts: []outreach.Fact{fact}})
	}
	return q
}

// threadOf puts both sides of the conversation in order, oldest first.
func threadOf(s outreach.Story) []Utterance {
	var thread []Utterance
	for _, send := range s.Sends {
		if send.State != outreach.SendCancelled {
			thread = append(thread, Utterance{At: send.MovedAt(), Send: &send})
		}
	}
	for _, reply := range s.Replies {
		thread = append(thread, Utterance{At: reply.ReceivedAt, Reply: &reply})
	}
	slices.SortStableFunc(thread, func(a, b Utterance) int { return a.At.Compare(b.At) })
	return thread
}

func customOf(lead outreach.Lead) []Field {
	var fields []Field
	for name, value := range lead.Custom {
		fields = append(fields, Field{name, value})
	}
	slices.SortFunc(fields, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return fields
}
