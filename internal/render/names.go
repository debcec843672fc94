package render

import (
	"slices"
	"strings"

	"drumbeat/internal/strictyaml"
)

// Scope says which names a template may use.
type Scope int

// The scopes. A playbook answers a reply and may also speak of it, the body of a
// webhook of the event that it tells.
const (
	ScopeMail Scope = iota
	ScopePlaybook
	ScopeWebhook
)

// Name is one use of a field in a template.
type Name struct {
	Name      string
	Line      int
	Column    int
	Printed   bool // stands in {{ }}, not merely in a condition
	Defaulted bool // a default filter follows
}

// customPrefix marks the further columns of an import.
const customPrefix = "custom."

// KnownNames lists the fields that templates of a scope may use, besides
// custom.NAME.
func KnownNames(scope Scope) []string {
	names := []string{
		"company", "country", "email", "employees", "first_name", "industry", "language", "last_name", "linkedin_url",
		"phone", "region", "source", "timezone", "title",
		"case_study.customer", "case_study.result", "case_study.summary", "case_study.title", "case_study.url",
		"rep.email", "rep.first_name", "rep.name",
		"sender.company", "sender.email", "sender.name", "sender.postal_address",
	}
	switch scope {
	case ScopePlaybook:
		names = append(names, "reply.competitor", "reply.contact", "reply.day", "reply.quote")
	case ScopeWebhook:
		names = append(names, "event.at", "event.callback_url", "event.id", "event.sequence", "event.step")
	}
	return names
}

// KnownName tells whether templates of the scope may use the field; custom.NAME
// always may be, since each import brings its own columns.
func KnownName(scope Scope, name string) bool {
	if rest, custom := strings.CutPrefix(name, customPrefix); custom {
		return rest != "" && !strings.Contains(rest, ".")
	}
	return slices.Contains(KnownNames(scope), name)
}

// suggest is the nearest known word, as the end of an error: `did you mean
// "company"?`; empty when none is near.
func suggest(word string, known []string) string {
	near := strictyaml.Nearest(word, known)
	for _, candidate := range known {
		if strings.HasSuffix(word, "."+candidate) || strings.HasSuffix(candidate, "."+word) {
			near = candidate // lead.company, and name for rep.name
			break
		}
	}
	if near == "" {
		return ""
	}
	return `did you mean "` + near + `"?`
}
