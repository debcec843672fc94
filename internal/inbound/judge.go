package inbound

import (
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/policy"
	"drumbeat/internal/qualify"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/schedule"
	"drumbeat/internal/sequence"
)

// Judge finds what follows from a message. It is pure.
type Judge interface {
	Decide(c Case, now time.Time) outreach.Outcome
}

// House decides by the decision table of package qualify, with cautions of
// its own about who may move what, and renders the draft that the table names.
type House struct {
	Templates *render.TemplateSet
	Roster    *roster.Roster
}

// The rules of the cautions.
const (
	rulePending   = "bounce_pending"       // nothing has failed: it counts towards no limit
	ruleUnproven  = "report_without_proof" // a report that does not name our mail: anybody can write one
	ruleForwarded = "bounce_elsewhere"     // a report about an address that the lead's mailbox passed our mail on to
	ruleSpoofing  = " The address alone is no proof of who wrote, so the stage waits for a person."
)

// Decide implements Judge.
func (h House) Decide(c Case, now time.Time) outreach.Outcome {
	if c.Match.LeadID == 0 {
		return outreach.Outcome{MessageID: c.Message.ID, At: now, Match: c.Match}
	}
	plan := planOf(c.Situation.Source)
	o := h.rule(c, plan, now)
	o.Match, o.RepID, o.Read = c.Match, c.Situation.RepID, c.reading()
	// Whatever waits for a person is shown to one, also where the label itself is sure.
	o.Read.Abstained = o.Read.Abstained || o.Move == outreach.MoveHold
	if c.Match.Method.Proven() {
		o.Proves = c.Match.SendID
	}
	if c.Match.Method == outreach.MatchSender && c.By == "" && o.Stage == outreach.StageQualifying {
		o.Stage, o.Decided.Next = "", o.Decided.Next+ruleSpoofing
	}
	if o.Draft != nil {
		h.draft(c, &o)
	}
	return o
}

func (h House) rule(c Case, plan sequence.Sequence, now time.Time) outreach.Outcome {
	report := c.Mail.Kind == outreach.KindBounce || c.Mail.Kind == outreach.KindComplaint
	if c.Mail.Kind == outreach.KindBounce && c.Recipient.Pending && c.By == "" {
		return outreach.Outcome{
			MessageID: c.Message.ID, At: now, Move: outreach.MoveForward,
			Decided: outreach.Decided{Rule: rulePending, Act: "The server still tries, or has delivered: noted.", Next: "The sequence goes on."},
		}
	}
	if report && !c.Match.Method.Proven() && c.By == "" {
		return outreach.Outcome{
			MessageID: c.Message.ID, At: now, Move: outreach.MoveHold, Hold: outreach.HoldTriage,
			Decided: outreach.Decided{Rule: ruleUnproven, Act: "Held: a report about this address that does not name our mail.",
				Next: "A person decides. Is the address dead?"},
		}
	}
	lead := c.Situation.Lead
	d := qualify.Decide(qualify.Input{
		Now: now, MessageID: c.Message.ID, From: c.Mail.From.Email, Kind: c.Mail.Kind, Match: c.Match.Method, Lead: lead,
		Enrolment: c.Situation.Enrolment, Calendar: calendarOf(plan, c.Situation.Enrolment, lead), OnReply: plan.OnReply,
		WholeCompanyOn: plan.Stop.WholeCompanyOn, Read: c.Read, Text: c.Mail.Text, SoftBounces: c.Situation.SoftBounces,
		Bounce: bounceOf(c), By: c.By,
	})
	if c.Mail.Kind == outreach.KindBounce && c.By == "" && len(d.Suppress) > 0 && c.passedOn() {
		return c.forwarded(now)
	}
	if d.StopCompany {
		d.Company = company(lead.Email)
	}
	if d.Block != nil {
		d.Alert = true // the operator's, not the lead's matter
	}
	return d.Outcome
}

// planOf is the sequence that the lead is in; the zero value when there is none.
// A revision was valid when it was applied: should a later version refuse it,
// the defaults hold.
func planOf(source string) sequence.Sequence {
	if source == "" {
		return sequence.Sequence{}
	}
	if s, _ := sequence.Parse("revision", []byte(source)); s != nil {
		return *s
	}
	return sequence.Sequence{}
}

// calendarOf is the lead's calendar; the zero value lets the table take what is
// usual.
func calendarOf(plan sequence.Sequence, e outreach.Enrolment, lead outreach.Lead) schedule.Calendar {
	calendar, err := plan.Send.Calendar(e.Timezone, lead)
	if err != nil {
		return schedule.Calendar{}
	}
	return calendar
}

// bounceOf says what a report means for our own standing.
func bounceOf(c Case) qualify.Bounce {
	r := c.Recipient
	reason := r.Text
	if reason == "" {
		reason = r.Reason
	}
	whole := policy.Refusal(r.Code, r.Status, r.Text) == policy.RefusedMailbox
	return qualify.Bounce{Domain: outreach.Domain(r.Address), Reason: storable(reason, maxLine), Whole: whole}
}

// draft renders the answer. One that cannot be rendered is left out and said so:
// the decision must not wait for a template.
func (h House) draft(c Case, o *outreach.Outcome) {
	answer, err := h.answer(c, o.Draft.Playbook)
	if err != nil {
		o.Draft, o.Decided.Next = nil, o.Decided.Next+"; no draft: "+err.Error()
		return
	}
	o.Draft = &answer
}

func (h House) answer(c Case, playbook string) (outreach.Draft, error) {
	template, err := h.Templates.Get(playbook)
	if err != nil {
		return outreach.Draft{}, err
	}
	content, err := template.Render(h.vars(c))
	if err != nil {
		return outreach.Draft{}, err
	}
	subject := c.Mail.SubjectBare
	if subject == "" {
		subject = c.Situation.LastMail
	}
	return outreach.Draft{Playbook: playbook, Subject: render.ReplySubject(subject), Body: content.Text}, nil
}

// vars are what a playbook may speak of.
func (h House) vars(c Case) render.Vars {
	rep, _ := h.Roster.Rep(c.Situation.RepID)
	from := c.Situation.Mailbox.ID
	if c.Situation.Enrolment.ID != 0 {
		from = c.Situation.Enrolment.MailboxID
	}
	mailbox, _ := h.Roster.Mailbox(from)
	reply := render.ReplyFields{Competitor: c.Read.Competitor, Quote: c.Mail.Text}
	if c.Read.Contact != nil {
		reply.Contact = *c.Read.Contact
	}
	if c.Read.FollowUpOn != nil {
		reply.Day = *c.Read.FollowUpOn
	}
	return render.LeadVars(c.Situation.Lead, render.Rep{Name: rep.Name, Email: rep.Email}, render.Sender{
		Name: mailbox.Name, Email: mailbox.Address,
		Company: h.Roster.Sender.Company, PostalAddress: h.Roster.Sender.PostalAddress,
	}).WithReply(reply)
}
