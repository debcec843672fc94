package render

import (
	"fmt"

	"drumbeat/internal/strictyaml"
)

// Error is what is wrong in a template's source, with its place. Lines and
// columns count from 1; columns count runes.
type Error struct {
	File    string
	Line    int
	Column  int
	Code    string // stable, upper case; see the constants
	Message string
	Fix     string // what would be right; may be empty
}

// The codes of template errors.
const (
	CodeFrontMatter   = "TEMPLATE_FRONT_MATTER" // front matter is not closed, not YAML, or has an unknown key
	CodeTag           = "TEMPLATE_TAG"          // a tag that is unknown, not allowed, or not closed
	CodeExpression    = "TEMPLATE_EXPRESSION"   // what stands between the braces cannot be read
	CodeUnknownName   = "UNKNOWN_FIELD"         // a field that no lead has
	CodeUnknownFilter = "UNKNOWN_FILTER"
	CodeMarkup        = "TEMPLATE_MARKUP"   // HTML, images, code blocks: not in a plain mail
	CodeLink          = "TEMPLATE_LINK"     // a link that is neither http(s), mailto nor tel
	CodeSpintax       = "SPINTAX"           // {a|b} that is not closed, or chooses between nothing
	CodeEmpty         = "TEMPLATE_EMPTY"    // no text at all
	CodeEncoding      = "TEMPLATE_ENCODING" // not UTF-8, too large, or control characters
)

// Error is the form of a compiler's message.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s:%d:%d: %s %s", e.File, e.Line, e.Column, e.Code, e.Message)
	if e.Fix != "" {
		text += " (" + e.Fix + ")"
	}
	return text
}

// Diagnostic is the error in the form in which all files' faults are shown.
func (e *Error) Diagnostic() strictyaml.Diagnostic {
	return strictyaml.Diagnostic{
		File: e.File, Line: e.Line, Column: e.Column,
		Code: e.Code, Message: e.Message, Fix: e.Fix, Severity: strictyaml.Error,
	}
}

// NeedsDataError says that a template cannot be rendered for this lead: the
// lead waits in "needs data" until somebody fills the field in.
type NeedsDataError struct {
	Field    string // the first field that is missing; empty when no field is to blame
	Template string
	Line     int
	Why      string // "is blank", "is not a link" ...
}

// Error names the field and the line that asks for it.
func (e *NeedsDataError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%s:%d: %s", e.Template, e.Line, e.Why)
	}
	return fmt.Sprintf("%s:%d: %s %s", e.Template, e.Line, e.Field, e.Why)
}
