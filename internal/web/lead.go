package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/qualify"
)

// leadPage is everything about one lead.
type leadPage struct {
	Frame
	outreach.Story
	Phases    []qualify.Phase
	Framework *qualify.Framework // nil: the facts are a plain list
	View      qualify.View
	Thread    []Utterance
	Custom    []Field
	Buttons   bool
	Paused    bool
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
		Frame: o.frame(story.Lead.Name(), "leads"), Story: story, Framework: o.Framework, Thread: threadOf(story),
		Custom: customOf(story.Lead), Buttons: o.Desk != nil,
	}
	page.Paused = story.Lead.PausedTill != nil && story.Lead.PausedTill.After(page.Now)
	if o.Framework != nil {
		page.View = o.Framework.View(story.Facts)
	}
	page.Phases = qualify.Phases(progressOf(story, page.View))
	return page, nil
}

// progressOf is what the checklist of phases is computed from.
func progressOf(s outreach.Story, view qualify.View) qualify.Progress {
	p := qualify.Progress{Lead: s.Lead, View: view, Objections: len(s.Objections), Referrals: len(s.Candidates)}
	for _, send := range s.Sends {
		if send.Purpose == outreach.PurposeStep && (send.State == outreach.SendSent || send.State == outreach.SendAssumedSent) {
			p.Sent++
		}
	}
	for _, reply := range s.Replies {
		p.Replied = p.Replied || reply.Kind == outreach.KindHuman
	}
	for _, objection := range s.Objections {
		if objection.State == "open" || objection.State == "answered" {
			p.OpenObjections = append(p.OpenObjections, objection.Label)
		}
	}
	for _, reminder := range s.Reminders {
		if reminder.State == "open" && (p.Reminder.IsZero() || reminder.On.Before(p.Reminder)) {
			p.Reminder = reminder.On
		}
	}
	return p
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
