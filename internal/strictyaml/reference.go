package strictyaml

import "strings"

// KeyDoc is one key of a file, for the reference that people read.
type KeyDoc struct {
	Path     string // "send.window.from"; "[]" stands for each item of a list, "*" for a key of one's own
	Expects  string // "a whole number from 1 to 100"
	Doc      string
	Required bool
}

// Reference lists every key that a schema knows, in the order of the schema; keys
// that are refused are left out.
func Reference(schema *Type) []KeyDoc {
	var keys []KeyDoc
	schema.reference("", &keys)
	return keys
}

func (t *Type) reference(path string, keys *[]KeyDoc) {
	switch t.kind {
	case kindMap:
		for _, field := range t.fields {
			if field.refused != "" {
				continue
			}
			below := strings.TrimPrefix(path+"."+field.Name, ".")
			*keys = append(*keys, KeyDoc{Path: below, Expects: field.Type.shape(), Doc: field.Type.doc, Required: field.required})
			field.Type.reference(below, keys)
		}
	case kindEntries:
		t.item.reference(path+".*", keys)
	case kindList:
		t.item.reference(path+"[]", keys)
	}
}

// shape says in words what a value looks like.
func (t *Type) shape() string {
	switch t.kind {
	case kindMap:
		if t.shorthand != "" {
			return "keys, or just its " + t.shorthand
		}
		return "keys"
	case kindEntries:
		if len(t.keys) > 0 {
			return "for any of " + strings.Join(t.keys, ", ")
		}
		return "keys of your own"
	case kindList:
		switch t.item.kind {
		case kindMap:
			return "a list"
		case kindChoice:
			return "a list of " + strings.Join(t.item.choices, ", ")
		}
		return "a list, each " + t.item.expects()
	case kindAny:
		return "any JSON"
	}
	return t.expects()
}
