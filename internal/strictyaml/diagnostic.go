package strictyaml

import (
	"cmp"
	"slices"
)

// Severity tells whether a file can be used all the same.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// The codes that this package gives. A Scalar brings its own.
const (
	CodeSyntax       = "YAML_SYNTAX"
	CodeTab          = "YAML_TAB"
	CodeUnquoted     = "YAML_UNQUOTED_TEMPLATE" // title: {{ name }} without quotes
	CodeEncoding     = "YAML_NOT_UTF8"
	CodeTooLarge     = "YAML_TOO_LARGE"
	CodeTooDeep      = "YAML_TOO_DEEP"
	CodeAlias        = "YAML_ALIAS"
	CodeDocuments    = "YAML_SECOND_DOCUMENT"
	CodeEmpty        = "FILE_EMPTY"
	CodeDuplicateKey = "DUPLICATE_KEY"
	CodeUnknownKey   = "UNKNOWN_KEY"
	CodeMissingKey   = "MISSING_KEY"
	CodeWrongType    = "WRONG_TYPE"
	CodeBadValue     = "BAD_VALUE" // not one of the words that may stand here
	CodeBadID        = "BAD_ID"
	CodeOutOfRange   = "OUT_OF_RANGE" // a number too small or too large
)

// Diagnostic is one fault of a file.
type Diagnostic struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`   // from 1
	Column   int      `json:"column"` // from 1, in characters
	Code     string   `json:"code"`   // stable, upper case
	Message  string   `json:"message"`
	Fix      string   `json:"fix"` // what to write instead; may be empty
	Severity Severity `json:"-"`
}

// HasErrors tells whether any of the diagnostics is more than a warning.
func HasErrors(diagnostics []Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders diagnostics as a reader meets them: by file, line and column.
func Sort(diagnostics []Diagnostic) {
	slices.SortStableFunc(diagnostics, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
