package inbound

import (
	"context"
	"fmt"
	"strings"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reply"
)

// Classifier tells what the words of a message say.
type Classifier interface {
	Classify(in classify.Input) classify.Result
}

// Case is one message with everything that a decision about it asks.
type Case struct {
	Message   outreach.InboxMessage
	Mail      reply.Message
	Match     outreach.Match
	Situation outreach.Situation
	Read      classify.Result  // of a bounce or complaint only Label and Confidence
	Rule      string           // what gave the label when it was not the words: structure, token, person
	By        string           // who corrected the label; empty: nobody
	Recipient reply.Recipient  // of a bounce: the entry about our lead
	Advice    *outreach.Advice // a second opinion on an unsure label; nil: nobody was asked
}

// understand reads a message as far as that goes without deciding anything.
func (p *Processor) understand(ctx context.Context, m outreach.InboxMessage) (Case, error) {
	mail, err := reply.Parse(m.Raw, m.ReceivedAt)
	if err != nil {
		return Case{}, fmt.Errorf("parse: %w", err)
	}
	c := Case{Message: m, Mail: mail}
	if c.Match, err = p.refine(ctx, m, mail); err != nil {
		return Case{}, fmt.Errorf("match: %w", err)
	}
	if c.Situation, err = p.Store.Situation(ctx, m.MailboxID, c.Match, p.Clock.Now()); err != nil {
		return Case{}, fmt.Errorf("situation: %w", err)
	}
	if sent := c.Situation.Enrolment.LastSentAt; sent != nil {
		c.Mail.AnsweredAfter(m.ReceivedAt.Sub(*sent))
	}
	switch {
	case mail.Kind == outreach.KindBounce || mail.Kind == outreach.KindComplaint:
		c.Recipient, c.Rule = aboutLead(mail, c.Situation.Lead.Email), "structure"
		c.Read = classify.Result{Label: c.structureLabel(), Confidence: 1, Model: "structure"}
	case p.optOutToken(mail):
		c.Rule = "token"
		c.Read = classify.Result{Label: outreach.LabelUnsubscribe, Confidence: 1, OptOut: 1, OptOutRule: true, Model: "token"}
	default:
		c.Read = p.Classifier.Classify(c.input())
	}
	return c, nil
}

// input is the message as the classifier wants it.
func (c Case) input() classify.Input {
	in := classify.InputOf(&c.Mail)
	in.Country, in.Language = c.Situation.Lead.Country, c.Situation.Lead.Language
	return in
}

// refine matches again with what only the whole message shows: Message-IDs and
// tokens in quotes and enclosed originals, and the addresses of a report.
func (p *Processor) refine(ctx context.Context, m outreach.InboxMessage, mail reply.Message) (outreach.Match, error) {
	if m.Match.Method.Proven() {
		return m.Match, nil
	}
	report := mail.Kind == outreach.KindBounce || mail.Kind == outreach.KindComplaint
	s := sight{
		answers: append(append([]string{}, mail.InnerMessageIDs...), mail.References...),
		tokens:  p.Tokens.Find(strings.Join([]string{mail.Subject, mail.Text, mail.Quoted, mail.Forwarded}, "\n")),
		subject: mail.Subject, company: company(mail.From.Email),
		machine: report || mail.Kind == outreach.KindAutomatic || machine(parseHeader(m.Raw), mail.From.Email),
	}
	if report {
		for _, r := range mail.Recipients {
			s.writers = append(s.writers, outreach.AddressKey(r.Address))
		}
	} else {
		s.writers = distinct([]string{outreach.AddressKey(mail.From.Email), outreach.AddressKey(mail.ReplyTo.Email)})
	}
	about, err := knownAbout(ctx, p.Store, m.MailboxID, []sight{s}, p.Clock.Now())
	if err != nil {
		return outreach.Match{}, err
	}
	match := about.match(s)
	if report && match.Method == outreach.MatchSender {
		match.Method = outreach.MatchRecipient // anybody can write such a report
	}
	if match.Method == outreach.MatchNone && m.Match.LeadID != 0 {
		return m.Match, nil
	}
	return match, nil
}

// optOutToken tells the mail that List-Unsubscribe's mailto form makes: our
// token in its subject, or nothing but the token as its text. A token in a quote
// says nothing: it stands in all our mails.
func (p *Processor) optOutToken(mail reply.Message) bool {
	if len(p.Tokens.Find(mail.Subject)) > 0 {
		return true
	}
	tokens := p.Tokens.Find(mail.Text)
	if len(tokens) == 0 {
		return false
	}
	rest := strings.TrimSpace(strings.ReplaceAll(strings.ToLower(mail.Text), tokens[0], ""))
	return rest == "" || rest == "unsubscribe"
}

// detail is what a message's row keeps of how it was understood, beside the
// columns.
type detail struct {
	ReturnOn    *outreach.Day          `json:"return_on"`
	FollowUpOn  *outreach.Day          `json:"follow_up_on"`
	Contact     *outreach.Contact      `json:"contact"`
	Competitor  string                 `json:"competitor,omitempty"`
	Budget      string                 `json:"budget,omitempty"`
	ContractEnd *outreach.Day          `json:"contract_end,omitempty"`
	Legal       bool                   `json:"legal,omitempty"`
	OptOut      float64                `json:"opt_out"`
	Evidence    []classify.Evidence    `json:"evidence"`
	Days        []classify.DayMention  `json:"days"`
	Times       []classify.OfferedTime `json:"times,omitempty"`
	Spans       []classify.Span        `json:"spans,omitempty"`
	Recipients  []reply.Recipient      `json:"recipients,omitempty"`
	KindRules   []string               `json:"kind_rules"`
	Challenge   bool                   `json:"challenge,omitempty"`
	Subject     string                 `json:"subject"`
	Model       string                 `json:"model"`
	Advice      *outreach.Advice       `json:"advice,omitempty"`
	MatchTrust  float64                `json:"match_confidence"`
}

// reading is how the message's row keeps what was understood.
func (c Case) reading() outreach.Reading {
	r := c.Read
	return outreach.Reading{
		Kind: c.Mail.Kind, Label: r.Label, Confidence: r.Confidence, Abstained: r.Abstained, Secondary: r.Secondary,
		Language: r.Language, Text: storable(c.Mail.Text, maxStoredText),
		Detail: detail{
			ReturnOn: r.ReturnOn, FollowUpOn: r.FollowUpOn, Contact: r.Contact, Competitor: r.Competitor, Budget: r.Budget,
			ContractEnd: r.ContractEnd, Legal: r.Legal, OptOut: r.OptOut, Evidence: r.Evidence, Days: r.Days, Times: r.Times, Spans: r.Spans,
			Recipients: c.Mail.Recipients, KindRules: c.Mail.KindRules, Challenge: c.Mail.Challenge,
			Subject: c.Mail.SubjectBare, Model: r.Model, Advice: c.Advice, MatchTrust: c.Match.Method.Confidence(),
		},
	}
}

// maxStoredText bounds the new words that the message's row keeps, in runes;
// the whole mail is kept beside them.
const maxStoredText = 64 << 10
