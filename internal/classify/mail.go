package classify

import (
	"drumbeat/internal/outreach"
	"drumbeat/internal/reply"
)

// InputOf gives a mail's words as the classifier reads them. What reports a bounce or a
// complaint is a machine's too.
func InputOf(m *reply.Message) Input {
	in := Input{
		Kind:           m.Kind,
		Subject:        m.SubjectBare,
		Text:           m.Text,
		Quoted:         m.Quoted,
		Signature:      m.Signature,
		From:           m.From,
		Cc:             m.Cc,
		Automatic:      m.Automatic,
		ReceivedAt:     m.Date,
		HeaderReturnOn: m.ReturnOn,
	}
	if m.Kind == outreach.KindBounce || m.Kind == outreach.KindComplaint {
		in.Kind = outreach.KindAutomatic
	}
	for _, a := range m.Answers {
		in.Answers = append(in.Answers, Answer(a))
	}
	return in
}
