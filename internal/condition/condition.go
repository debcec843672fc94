package condition

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"drumbeat/internal/outreach"
)

// Bounds of a condition.
const (
	maxLength = 500 // characters
	maxNodes  = 200
)

// Condition is a question that has passed all checks; many goroutines may ask it.
type Condition struct {
	text        string
	program     *vm.Program
	asksHistory bool
}

// Step is a step that stands before the condition: what may be asked about it
// depends on what it does.
type Step struct {
	ID       outreach.StepID
	Mails    bool     // it sends an email; otherwise somebody does it, or a service
	Variants []string // of its email
}

// Error is what is wrong with a condition, and where.
type Error struct {
	Offset  int // in characters from its start
	Message string
	Fix     string // what to write instead; may be empty
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Parse reads a condition that may ask about the given steps.
func Parse(text string, before []Step) (*Condition, *Error) {
	if len([]rune(text)) > maxLength {
		return nil, &Error{0, fmt.Sprintf("a condition has at most %d characters", maxLength), "split the step, or prepare the answer as a column of the leads"}
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, located(text, err)
	}
	check := checker{steps: before}
	if check.node(tree.Node); check.fault != nil {
		return nil, check.fault
	}
	program, err := expr.Compile(text, expr.Env(environment{}), expr.AsBool(), expr.DisableAllBuiltins(), expr.MaxNodes(maxNodes))
	if err != nil {
		return nil, located(text, err)
	}
	return &Condition{text, program, check.history}, nil
}

// String is the condition as it was written.
func (c *Condition) String() string { return c.text }

// AsksHistory tells whether the answer needs Facts.History.
func (c *Condition) AsksHistory() bool { return c.asksHistory }

// Holds gives the answer. No condition that Parse accepts fails; the error is for
// what nobody has thought of.
func (c *Condition) Holds(f Facts) (bool, error) {
	result, err := expr.Run(c.program, f.environment())
	if err != nil {
		return false, fmt.Errorf("condition %q: %w", c.text, err)
	}
	yes, ok := result.(bool)
	if !ok {
		return false, fmt.Errorf("condition %q: gave %T", c.text, result)
	}
	return yes, nil
}

// oddToken is how the library names a word or a sign that it did not expect.
var oddToken = regexp.MustCompile(`^unexpected token [A-Za-z]+\("(.*?)"\)`)

// notEqual tells whether the character at an offset ends a "<>".
func notEqual(text string, offset int) bool {
	runes := []rune(text)
	return 0 < offset && offset < len(runes) && runes[offset-1] == '<' && runes[offset] == '>'
}

// located takes the place from an error of the library and says it in words that
// need no knowledge of a programming language.
func located(text string, err error) *Error {
	var at *file.Error
	e := &Error{Message: err.Error()}
	if errors.As(err, &at) {
		e.Offset, e.Message = at.From, at.Message
	}
	odd := oddToken.FindStringSubmatch(e.Message)
	switch {
	case strings.Contains(e.Message, "invalid operation: in "):
		e.Message, e.Fix = "in looks into a list", `write a list: in ["DE", "AT"]`
	case strings.Contains(e.Message, "mismatched types"):
		e.Message, e.Fix = "a text and a number cannot be compared", `texts compare with texts; write number(lead.employees) > 50 to compare a number`
	case strings.Contains(e.Message, "unexpected token EOF"):
		e.Message, e.Fix = "the condition ends too early", `something is missing at the end: a value, or a )`
	case strings.HasPrefix(e.Message, "unrecognized character"):
		e.Message, e.Fix = "this sign means nothing here", `texts stand in straight quotes: "DE"`
	case strings.HasPrefix(e.Message, "literal not terminated"):
		e.Message, e.Fix = "a quote is never closed", `close it with "`
	case odd != nil && odd[1] == "=":
		e.Message, e.Fix = `"=" does not compare`, "write == to compare"
	case odd != nil && odd[1] == ">" && notEqual(text, e.Offset):
		e.Message, e.Fix = `"<>" does not compare`, "write != for what is not so"
	case odd != nil:
		e.Message = fmt.Sprintf("%q does not fit here", odd[1])
		e.Fix = "texts stand in quotes; compare with one of == != < <= > >= in contains startsWith endsWith matches; join with and, or"
	case strings.HasPrefix(e.Message, "expected bool"):
		e.Fix = `a condition is a yes or no; write lead.phone != ""`
	}
	return e
}
