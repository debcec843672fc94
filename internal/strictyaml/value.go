package strictyaml

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// Value is what stands at one place of a file, after it was found to fit. The nil
// Value is one that is absent or did not fit: it reads as zero, so that readers
// need not ask at every turn.
type Value struct {
	node   *yaml.Node
	text   string
	number int
	truth  bool
	parsed any
	names  []string // of a mapping, in the order of the file
	byName map[string]*Value
	keys   map[string]*Value // the keys' own places
	items  []*Value
}

// Present tells whether something stands there that fits.
func (v *Value) Present() bool { return v != nil }

// Get is the value under a key, nil when there is none.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	return v.byName[key]
}

// Key is the place of the key itself, to report something about it.
func (v *Value) Key(key string) *Value {
	if v == nil {
		return nil
	}
	return v.keys[key]
}

// Names lists the keys of a mapping that fit, in the order of the file.
func (v *Value) Names() []string {
	if v == nil {
		return nil
	}
	return v.names
}

// Items lists the values of a list.
func (v *Value) Items() []*Value {
	if v == nil {
		return nil
	}
	return v.items
}

// Text is the text of a scalar as written, without its quotes.
func (v *Value) Text() string {
	if v == nil {
		return ""
	}
	return v.text
}

// TextOr is Text, or fallback where there is none.
func (v *Value) TextOr(fallback string) string {
	if v == nil {
		return fallback
	}
	return v.text
}

// Complete tells whether all that stands in a list fits, so that Items has it all.
func (v *Value) Complete() bool { return v != nil && len(v.items) == len(v.node.Content) }

// Texts lists the texts of a list of scalars.
func (v *Value) Texts() []string {
	var texts []string
	for _, item := range v.Items() {
		texts = append(texts, item.Text())
	}
	return texts
}

// Int is the number of an Int.
func (v *Value) Int() int { return v.IntOr(0) }

// IntOr is Int, or fallback where there is none.
func (v *Value) IntOr(fallback int) int {
	if v == nil {
		return fallback
	}
	return v.number
}

// Bool is the truth of a Bool.
func (v *Value) Bool() bool { return v != nil && v.truth }

// Line is the line on which the value stands, from 1; 0 for the nil Value.
func (v *Value) Line() int {
	if v == nil {
		return 0
	}
	return v.node.Line
}

// Column is where on its line the value begins, from 1.
func (v *Value) Column() int {
	if v == nil {
		return 0
	}
	return v.node.Column
}

// At is the place in a scalar's text that is offset characters behind its start,
// to report something about a part of it. In a text of several lines, or one with
// escapes, it is the start.
func (v *Value) At(offset int) *Value {
	if v == nil || v.node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || strings.ContainsAny(v.text, "\n\\") ||
		v.node.Style&yaml.DoubleQuotedStyle != 0 && strings.Contains(v.text, `"`) {
		return v
	}
	node := *v.node
	node.Column += offset
	if node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		node.Column++
	}
	return &Value{node: &node, text: v.text}
}

// Read is what a Scalar's parse made of the text, or the zero T.
func Read[T any](v *Value) T {
	var zero T
	return ReadOr(v, zero)
}

// ReadOr is Read with a fallback for what is absent.
func ReadOr[T any](v *Value, fallback T) T {
	if v == nil {
		return fallback
	}
	parsed, ok := v.parsed.(T)
	if !ok {
		return fallback
	}
	return parsed
}
