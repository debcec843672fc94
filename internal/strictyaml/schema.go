package strictyaml

import (
	"fmt"
	"regexp"
)

// kind is the shape that a value must have.
type kind int

const (
	kindMap     kind = iota // fixed keys
	kindEntries             // keys of one's own choice, or from a list
	kindList
	kindText
	kindInt
	kindBool
	kindChoice
	kindScalar
	kindAny
)

// Type describes what may stand at one place of a file. Make one with Map,
// Entries, List, Text, Int, Bool, Choice, ID, Scalar or Any.
type Type struct {
	kind      kind
	doc       string
	fields    []Field
	shorthand string // key of a Map that a bare scalar stands for
	item      *Type  // of a List, or the value type of Entries
	keys      []string
	choices   []string
	min, max  int
	code      string // of a Scalar that does not parse
	example   string
	parse     func(string) (any, error)
}

// Field is a key of a Map.
type Field struct {
	Name     string
	Type     *Type
	required bool
	refused  string // code under which the key is refused
	fix      string
}

// Required is a key that must be there.
func Required(name string, t *Type) Field { return Field{Name: name, Type: t, required: true} }

// Optional is a key that may be left out.
func Optional(name string, t *Type) Field { return Field{Name: name, Type: t} }

// Refused is a key that other tools have and this format will not: doc says why
// not, fix what to do instead.
func Refused(name, code, doc, fix string) Field {
	return Field{Name: name, Type: &Type{doc: doc}, refused: code, fix: fix}
}

// Map is a mapping with fixed keys. The doc of each Type is a sentence for the
// people who write the file; editors show it.
func Map(doc string, fields ...Field) *Type {
	return &Type{kind: kindMap, doc: doc, fields: fields}
}

// OrJust lets a bare value stand for the Map with that one key: with key
// "template", "a.md" means {template: a.md}.
func (t *Type) OrJust(key string) *Type {
	t.shorthand = key
	return t
}

// Entries is a mapping whose keys are the writer's own, or any of keys when some
// are given; all values have one type.
func Entries(doc string, value *Type, keys ...string) *Type {
	return &Type{kind: kindEntries, doc: doc, item: value, keys: keys}
}

// List is a list of values of one type. An empty list is allowed; a list that
// must not be empty is the reader's own check.
func List(doc string, item *Type) *Type { return &Type{kind: kindList, doc: doc, item: item} }

// Text is a text that is not blank.
func Text(doc string) *Type { return &Type{kind: kindText, doc: doc} }

// Int is a whole number from low to high.
func Int(doc string, low, high int) *Type {
	return &Type{kind: kindInt, doc: doc, min: low, max: high}
}

// Bool is true or false.
func Bool(doc string) *Type { return &Type{kind: kindBool, doc: doc} }

// Choice is one of a few words.
func Choice(doc string, words ...string) *Type {
	return &Type{kind: kindChoice, doc: doc, choices: words}
}

// Scalar is a text with a grammar of its own. What parse refuses is reported
// under code with parse's error as the message and the example as the way out;
// what it returns is handed out by Read.
func Scalar[T any](doc, code, example string, parse func(string) (T, error)) *Type {
	return &Type{
		kind: kindScalar, doc: doc, code: code, example: example,
		parse: func(text string) (any, error) { return parse(text) },
	}
}

// Any is whatever JSON can say: maps, lists, texts, numbers, true, false and null.
// Value.JSON gives it.
func Any(doc string) *Type { return &Type{kind: kindAny, doc: doc} }

// ID is a stable name that other files and stored rows refer to.
func ID(doc, example string) *Type { return Scalar(doc, CodeBadID, example, parseID) }

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

func parseID(text string) (string, error) {
	if !idPattern.MatchString(text) {
		return "", fmt.Errorf("%q is not a name of small letters, digits, dots, dashes and underscores", text)
	}
	return text, nil
}
