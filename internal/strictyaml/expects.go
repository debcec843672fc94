package strictyaml

import (
	"fmt"
	"strings"
)

// expects says in words what a scalar type wants.
func (t *Type) expects() string {
	switch t.kind {
	case kindInt:
		if t.min == t.max {
			return fmt.Sprint(t.min)
		}
		return fmt.Sprintf("a whole number from %d to %d", t.min, t.max)
	case kindBool:
		return "true or false"
	case kindChoice:
		return "one of " + strings.Join(t.choices, ", ")
	case kindScalar:
		return "something like " + t.example
	default:
		return "a text"
	}
}

// field finds a key of a Map, nil when it has none of that name.
func (t *Type) field(name string) *Field {
	for i := range t.fields {
		if t.fields[i].Name == name {
			return &t.fields[i]
		}
	}
	return nil
}

// names lists the keys of a Map that may be written.
func (t *Type) names() []string {
	var names []string
	for _, field := range t.fields {
		if field.refused == "" {
			names = append(names, field.Name)
		}
	}
	return names
}
