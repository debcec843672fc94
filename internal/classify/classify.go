package classify

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"drumbeat/internal/outreach"
)

//go:embed data/model.bin
var modelFile []byte

// Classifier holds the lexicon, the tables and the model. It is safe for
// concurrent use.
type Classifier struct {
	lexicon   *lexicon
	languages languages
	calendar  calendar
	words     map[string]struct{} // ordinary ones
	names     map[string]struct{} // given ones
	places    map[string]struct{}
	brands    map[string]struct{} // known, in small letters too
	vendors   []vendorSaying
	model     *Model
}

// New reads what is embedded. An error means a broken build.
func New() (*Classifier, error) {
	m, err := DecodeModel(modelFile)
	if err != nil {
		return nil, fmt.Errorf("embedded model: %w", err)
	}
	return newClassifier(m)
}

// NewUntrained gives a classifier whose model knows nothing: what training
// starts from.
func NewUntrained() (*Classifier, error) { return newClassifier(NewModel()) }

func newClassifier(m *Model) (*Classifier, error) {
	lex, err := readLexicon(lexiconFiles)
	if err != nil {
		return nil, err
	}
	cal, err := readCalendar(calendarFile)
	if err != nil {
		return nil, err
	}
	vendors, err := readVendorSayings(vendorFile)
	if err != nil {
		return nil, err
	}
	return &Classifier{
		lexicon: lex, languages: readLanguages(stopwordFile, cal), calendar: cal, model: m,
		words: readWords(wordFile), names: readWords(nameFile), places: readWords(placeFile), brands: readWords(brandFile), vendors: vendors,
	}, nil
}

// With gives a classifier that decides by another model: one that an
// installation trained with its reps' corrections.
func (c *Classifier) With(m *Model) *Classifier {
	other := *c
	other.model = m
	return &other
}

// shipped is the embedded classifier, read when the first message comes.
var shipped = sync.OnceValues(New)

// Classify understands a reply by the embedded rules and model.
func Classify(in Input) Result {
	c, err := shipped()
	if err != nil {
		// The embedded files are read by a test: only a broken build gets here,
		// and then a person decides about every reply.
		return Result{Label: outreach.LabelUnclear, Abstained: true, Model: "broken: " + err.Error()}
	}
	return c.Classify(in)
}

// Classify understands a reply.
func (c *Classifier) Classify(in Input) Result {
	in = in.capped()
	r := c.read(in)
	res := c.decide(r)
	res.Language = r.language
	if res.Language == "" && len(r.text.tokens) > 0 {
		res.Language = cmp.Or(in.Language, "en")
	}
	c.days(r, &res)
	contact, spans := c.contact(r, res)
	res.Contact, res.Spans = contact, append(res.Spans, spans...)
	competitor, spans := c.vendor(r, res)
	if contact != nil && contact.Name == competitor && competitor != "" && contact.Email == "" && contact.Phone == "" {
		res.Contact = nil // a firm that somebody else chose is nobody to write to
		res.Spans = slices.DeleteFunc(res.Spans, func(s Span) bool { return s.Field == FieldContactName })
	}
	res.Competitor, res.Spans = competitor, append(res.Spans, spans...)
	if !r.automatic() {
		budget, spans := c.budget(r)
		res.Budget, res.Spans = budget, append(res.Spans, spans...)
	}
	return res
}
