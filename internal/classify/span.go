package classify

import "unicode/utf8"

// Field names what a span of the new text holds.
type Field string

// The fields that have spans. Days and times carry their own.
const (
	FieldContactName  Field = "contact.name"
	FieldContactEmail Field = "contact.email"
	FieldContactPhone Field = "contact.phone"
	FieldContactTitle Field = "contact.title"
	FieldCompetitor   Field = "competitor"
	FieldBudget       Field = "budget"
	FieldContractEnd  Field = "contract_end"
	FieldReturnOn     Field = "return_on"
	FieldFollowUpOn   Field = "follow_up_on"
)

// Span is where the new text says what a field holds. A field taken from a
// header, such as a contact of Cc, has none.
type Span struct {
	Field      Field
	Text       string
	Start, End int // runes in Input.Text
}

// span makes a span of bytes of the new text.
func (r reading) span(field Field, from, to int) Span {
	start := utf8.RuneCountInString(r.text.raw[:from])
	words := r.text.raw[from:to]
	return Span{field, words, start, start + utf8.RuneCountInString(words)}
}
