package inbound

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// Adviser gives a second opinion on what a reply means. Its words are checked
// by whoever implements it; its errors name no word of the reply.
type Adviser interface {
	Advise(ctx context.Context, in classify.Input) (outreach.Advice, error)
}

// adviceWorth is the most that a second opinion counts for: advisers are surer
// than they are right.
const adviceWorth = 0.9

// ruleAdvice stands with the words that an adviser named.
const ruleAdvice = "advice"

// advise asks for a second opinion where the classifier abstained. No answer,
// a late one and a doubtful one leave all as it was: a person decides.
func (p *Processor) advise(ctx context.Context, c *Case) {
	if p.Adviser == nil || !c.openToAdvice() {
		return
	}
	advice, err := p.Adviser.Advise(ctx, c.input())
	if err != nil {
		c.Advice = &outreach.Advice{Failed: storable(err.Error(), maxLine)}
		p.Log.WarnContext(ctx, "no second opinion", "message_id", c.Message.ID, "reason", c.Advice.Failed)
		return
	}
	c.Advice = &advice
	c.follow(advice)
}

// openToAdvice tells whether advice may change anything: an unsure label of a
// lead's own message. What may be an opt-out, a complaint or a threat is not
// asked about, so no answer can make less of it; and mail that is somebody
// else's goes nowhere.
func (c Case) openToAdvice() bool {
	r := c.Read
	possibleOptOut := r.Label == outreach.LabelUnsubscribe || r.OptOutRule || r.OptOut >= classify.OptOutTriage || r.Legal
	return c.Rule == "" && r.Abstained && !possibleOptOut && strings.TrimSpace(c.Mail.Text) != "" &&
		c.Match.LeadID != 0 && !c.Match.Method.Tentative()
}

// follow takes over a label that the adviser is sure of. Of a person's mail it may
// stop the sequence, never let it go on: an absence that a person wrote is
// believed when the classifier sees it.
func (c *Case) follow(advice outreach.Advice) {
	goesOn := advice.Label == outreach.LabelOutOfOffice || advice.Label == outreach.LabelAutoReply
	if advice.Confidence < classify.Floor || advice.Label == outreach.LabelUnclear || goesOn && c.Mail.Kind != outreach.KindAutomatic {
		return
	}
	r := &c.Read
	r.Label, r.Confidence, r.Abstained = advice.Label, min(advice.Confidence, adviceWorth), false
	r.Secondary = slices.DeleteFunc(slices.Clone(r.Secondary), func(l outreach.Label) bool { return l == advice.Label })
	r.Model += " + " + advice.Model
	if start := strings.Index(c.Mail.Text, advice.Quote); start >= 0 && advice.Quote != "" {
		from := utf8.RuneCountInString(c.Mail.Text[:start])
		r.Evidence = append([]classify.Evidence{{
			Text: advice.Quote, Start: from, End: from + utf8.RuneCountInString(advice.Quote), Rule: ruleAdvice,
		}}, r.Evidence...)
	}
}
