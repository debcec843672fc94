package render

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/osteele/liquid"
	"github.com/osteele/liquid/expressions"
)

// fragment is a piece of Liquid that has passed all checks.
type fragment struct {
	file    string
	line    int
	engine  *liquid.Template
	objects []object
	raw     bool
	spins   bool // braces choose: in mails and titles, not in what a machine reads
}

// compile checks a piece of Liquid and prepares it for rendering. The skeleton is
// the piece without tags and with all branches, for the Markdown check.
func compile(s *source) (f fragment, skeleton string) {
	s.scan()
	if len(s.objects) > maxValues {
		s.fail(0, CodeEncoding, fmt.Sprintf("more than %d values", maxValues), "")
	}
	if len(s.errors) > 0 {
		return fragment{}, ""
	}
	spins := s.scope != ScopeWebhook
	if fault := checkSpin(s.plain.String()); spins && fault != nil {
		s.failAtLine(strings.Count(s.plain.String()[:fault.offset], "\n"), CodeSpintax, fault.message, fault.fix)
		return fragment{}, ""
	}
	engine, err := parseLiquid(s.out.String(), s.line)
	if err != nil {
		message, fix := blockFault(causeOf(err))
		s.errors = append(s.errors, &Error{s.file, max(err.LineNumber(), s.line), 1, CodeTag, message, fix})
		return fragment{}, ""
	}
	return fragment{s.file, s.line, engine, s.objects, s.raw, spins}, showBraces.Replace(s.plain.String())
}

// parseLiquid guards against the engine's panics on expressions that its
// grammar allows and its evaluator does not.
func parseLiquid(text string, line int) (template *liquid.Template, err liquid.SourceError) {
	defer func() {
		if r := recover(); r != nil {
			template, err = nil, panicked{line, fmt.Sprint(r)}
		}
	}()
	return newEngine().ParseTemplateLocation([]byte(text), "", line)
}

// run renders the fragment to a skeleton and the values that belong in it.
func (f fragment) run(vars Vars) (skeleton string, values []value, err error) {
	output, renderErr := f.safely(vars)
	if renderErr != nil {
		return "", nil, &NeedsDataError{"", f.file, max(renderErr.LineNumber(), f.line), causeOf(renderErr)}
	}
	skeleton, values = split(output)
	if !f.spins {
		return showBraces.Replace(skeleton), values, f.fit(values, vars)
	}
	skeleton = spin(skeleton, vars.lot, f.file+":"+strconv.Itoa(f.line))
	return skeleton, values, f.fit(values, vars)
}

// fit refuses values that must not go out.
func (f fragment) fit(values []value, vars Vars) error {
	for _, v := range values {
		if why := unfit(v.text); why != "" {
			return f.needs(v, vars, why)
		}
	}
	return nil
}

func (f fragment) safely(vars Vars) (output string, err liquid.SourceError) {
	defer func() {
		if r := recover(); r != nil {
			output, err = "", panicked{f.line, fmt.Sprint(r)}
		}
	}()
	return f.engine.RenderString(vars.fields)
}

// needs blames the object's first blank field, else its first field.
func (f fragment) needs(v value, vars Vars, why string) error {
	object := f.objects[v.object]
	field := ""
	for i, name := range object.names {
		if i == 0 || vars.Blank(name) {
			field = name
		}
		if vars.Blank(name) {
			break
		}
	}
	return &NeedsDataError{field, f.file, object.line, why}
}

// unfit says why a value must not go out: it is blank, or is itself what a
// broken template leaves behind.
func unfit(text string) string {
	if text == "" {
		return "is blank"
	}
	for _, leftover := range []string{"{{", "}}", "{%", "%}", "<no value>"} {
		if strings.Contains(text, leftover) {
			return fmt.Sprintf("holds %q, an unfilled placeholder", leftover)
		}
	}
	return ""
}

// causeOf is the engine's message without its own idea of a place.
func causeOf(err liquid.SourceError) string {
	var inFilter expressions.FilterError
	if errors.As(err.Cause(), &inFilter) {
		return fmt.Sprintf("filter %q: %v", inFilter.FilterName, inFilter.Err)
	}
	message := err.Error()
	if cause := err.Cause(); cause != nil {
		message = cause.Error()
	}
	if _, after, found := strings.Cut(message, ": "); found && strings.HasPrefix(message, "Liquid error") {
		message = after
	}
	message, _, _ = strings.Cut(message, " in {%")
	return message
}

// blockFault says what the engine found wrong with a block, with a way out.
func blockFault(cause string) (message, fix string) {
	if m := unterminated.FindStringSubmatch(cause); m != nil {
		return fmt.Sprintf("a block %q is never closed", m[1]), fmt.Sprintf("close it with {%% end%s %%}", m[1])
	}
	if end, _, found := strings.Cut(cause, " not inside"); found {
		return fmt.Sprintf("%q closes nothing", end), fmt.Sprintf("open it with {%% %s ... %%}, or remove it", strings.TrimPrefix(end, "end"))
	}
	return cause, ""
}

var unterminated = regexp.MustCompile(`^unterminated "(\w+)" block`)

// panicked is a panic of the engine as an error of its own kind.
type panicked struct {
	line    int
	message string
}

func (p panicked) Error() string   { return p.message }
func (p panicked) Cause() error    { return nil }
func (p panicked) Path() string    { return "" }
func (p panicked) LineNumber() int { return p.line }
