// Package condition is the language of a step's `when`: a yes-or-no question about
// a lead and about what has happened to it in the sequence.
//
//	lead.linkedin_url != "" and lead.country in ["DE", "AT", "CH"]
//	number(lead.employees) >= 50 or custom.plan == "enterprise"
//	not done("linkedin") and variant("intro") == "a"
//
// It is a small part of github.com/expr-lang/expr: fields, comparisons, and, or,
// not, and a few functions. There are no loops, so an answer costs no more than
// the length of the question. A name that nobody knows is an error when the file
// is checked, never a silent no at night.
package condition
