package main

import (
	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reply"
)

// replyAnswer is the JSON object of `reply classify`, one a file. Every key is
// always there.
type replyAnswer struct {
	File       string           `json:"file"`
	Kind       outreach.Kind    `json:"kind"`
	Label      outreach.Label   `json:"label"`
	Confidence float64          `json:"confidence"`
	Abstained  bool             `json:"abstained"`
	Secondary  []outreach.Label `json:"secondary"`
	ReturnOn   *outreach.Day    `json:"return_on"`
	FollowUpOn *outreach.Day    `json:"follow_up_on"`
	Contact    *contactAnswer   `json:"contact"`
	Competitor *string          `json:"competitor"`
	Language   *string          `json:"language"`
	ReplyText  string           `json:"reply_text"`
	Evidence   []evidenceAnswer `json:"evidence"`
	Days       []dayAnswer      `json:"days"`
	Times      []timeAnswer     `json:"times"`
	Budget     *string          `json:"budget"`
	Contract   *outreach.Day    `json:"contract_end"`
	Spans      []spanAnswer     `json:"spans"`
	Recipients []failedAnswer   `json:"recipients"`
	Model      string           `json:"model"`

	rules []string // why it is of this kind; shown to people
}

type contactAnswer struct {
	Name  *string `json:"name"`
	Email *string `json:"email"`
	Phone *string `json:"phone"`
	Title *string `json:"title"`
}

type evidenceAnswer struct {
	Text  string `json:"text"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Rule  string `json:"rule"`
}

type dayAnswer struct {
	Day   outreach.Day  `json:"day"`
	Role  classify.Role `json:"role"`
	Text  string        `json:"text"`
	Start int           `json:"start"`
	End   int           `json:"end"`
}

// timeAnswer is a time of day offered for a meeting. To is null without a range;
// zone is null where it is the recipient's.
type timeAnswer struct {
	Day      outreach.Day        `json:"day"`
	From     string              `json:"from"`
	To       *string             `json:"to"`
	Zone     *string             `json:"zone"`
	ZoneFrom classify.ZoneSource `json:"zone_from"`
	Text     string              `json:"text"`
	Start    int                 `json:"start"`
	End      int                 `json:"end"`

	said string // for people
}

// spanAnswer is where the new text says what a field holds, in runes.
type spanAnswer struct {
	Field classify.Field `json:"field"`
	Text  string         `json:"text"`
	Start int            `json:"start"`
	End   int            `json:"end"`
}

type failedAnswer struct {
	Address *string        `json:"address"`
	Kind    outreach.Label `json:"kind"`
	Status  *string        `json:"status"`
	Code    *int           `json:"code"`
	Reason  string         `json:"reason"`
}

// unreadMail stands for a file that is no mail.
type unreadMail struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

// modelStructure names what decided where no words had to be read.
const modelStructure = "structure"

// newReplyAnswer joins what the structure and the words of a mail say. Bounces
// and complaints are told from the structure alone.
func newReplyAnswer(file string, m *reply.Message, r classify.Result) replyAnswer {
	answer := replyAnswer{
		File: file, Kind: m.Kind, Label: r.Label, Confidence: r.Confidence, Abstained: r.Abstained,
		Secondary: append([]outreach.Label{}, r.Secondary...), ReturnOn: r.ReturnOn, FollowUpOn: r.FollowUpOn,
		Contact: contactOf(r.Contact), Competitor: given(r.Competitor), Language: given(r.Language),
		ReplyText: m.Text, Evidence: []evidenceAnswer{}, Days: []dayAnswer{}, Times: []timeAnswer{}, Spans: []spanAnswer{},
		Recipients: []failedAnswer{}, Budget: given(r.Budget), Contract: r.ContractEnd,
		Model: r.Model, rules: m.KindRules,
	}
	for _, failed := range m.Recipients {
		answer.Recipients = append(answer.Recipients, failedOf(failed))
	}
	if label := m.Label(); label != "" {
		return answer.decidedByStructure(label)
	}
	for _, e := range r.Evidence {
		answer.Evidence = append(answer.Evidence, evidenceAnswer{e.Text, e.Start, e.End, e.Rule})
	}
	for _, d := range r.Days {
		answer.Days = append(answer.Days, dayAnswer(d))
	}
	for _, t := range r.Times {
		answer.Times = append(answer.Times, timeAnswer{t.Day, t.From, given(t.To), given(t.Zone), t.ZoneFrom, t.Text, t.Start, t.End, t.String()})
	}
	for _, s := range r.Spans {
		answer.Spans = append(answer.Spans, spanAnswer(s))
	}
	return answer
}

// decidedByStructure drops what the words of a report seem to say.
func (a replyAnswer) decidedByStructure(label outreach.Label) replyAnswer {
	a.Label, a.Confidence, a.Abstained, a.Model = label, 1, false, modelStructure
	a.Secondary, a.ReturnOn, a.FollowUpOn, a.Contact, a.Competitor = []outreach.Label{}, nil, nil, nil, nil
	a.Budget, a.Contract = nil, nil
	return a
}

func contactOf(c *outreach.Contact) *contactAnswer {
	if c == nil || c.Empty() {
		return nil
	}
	return &contactAnswer{given(c.Name), given(c.Email), given(c.Phone), given(c.Title)}
}

func failedOf(r reply.Recipient) failedAnswer {
	answer := failedAnswer{Address: given(r.Address), Kind: r.Label, Status: given(r.Status), Reason: r.Reason}
	if r.Code != 0 {
		answer.Code = &r.Code
	}
	return answer
}

// given is null in JSON for what is not known.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
