package classify

import (
	"time"
	"unicode/utf8"

	"drumbeat/internal/outreach"
)

// maxInput caps every text of an Input, in bytes. What stands behind 16 KiB of
// new words changes no label, and the cap bounds the time a hostile mail takes.
const maxInput = 16 << 10

// Input is a reply taken apart by package reply.
type Input struct {
	Kind      outreach.Kind // empty: human
	Subject   string
	Text      string   // what the sender wrote new; offsets of evidence count its runes
	Quoted    string   // what was answered, without quote marks
	Answers   []Answer // the pieces of Text, where it stands between quoted lines
	Signature string
	From      outreach.Address
	Cc        []outreach.Address
	// Automatic is the header evidence that the message came from a machine,
	// each as "Name: value". It supports a label; Kind decides.
	Automatic  []string
	ReceivedAt time.Time // in the sender's zone: its day is "today" for "back tomorrow"
	Country    string    // of the lead, ISO 3166-1 alpha-2; empty when unknown
	Language   string    // of the lead, ISO 639-1; a hint for texts too short to tell
	// HeaderReturnOn is a day of return that a header gave, such as
	// X-Apple-Criteria. It beats the text.
	HeaderReturnOn *outreach.Day
}

// Answer is a piece of new text with the lines quoted right above it.
type Answer struct{ Text, Quoted string }

// maxAnswers is how many answers are read beside their questions.
const maxAnswers = 30

// capped cuts every text to maxInput at a rune's edge.
func (in Input) capped() Input {
	in.Subject = capText(in.Subject, 1<<10)
	in.Text = capText(in.Text, maxInput)
	in.Quoted = capText(in.Quoted, maxInput)
	in.Signature = capText(in.Signature, 8<<10)
	in.Answers = in.Answers[:min(len(in.Answers), maxAnswers)]
	return in
}

// capText cuts a text and makes it valid UTF-8; every broken byte becomes one
// rune, so that offsets in runes stay.
func capText(s string, limit int) string {
	if len(s) > limit {
		for limit > 0 && s[limit]&0xC0 == 0x80 {
			limit--
		}
		s = s[:limit]
	}
	if !utf8.ValidString(s) {
		return string([]rune(s))
	}
	return s
}
