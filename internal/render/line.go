package render

import "fmt"

// Line is one line of Liquid without Markdown: a subject or the title of a task
// that a sequence file holds.
type Line struct {
	fragment fragment
	names    []Name
	text     string
}

// ParseLine reads a line of a file that stands at line and column.
func ParseLine(file string, line, column int, text string) (*Line, []*Error) {
	s := &source{file: file, scope: ScopeMail, text: text, line: line, column: column}
	f, _ := compile(s)
	if len(s.errors) > 0 {
		return nil, s.errors
	}
	return &Line{f, s.names, text}, nil
}

// Names lists every use of a field.
func (l *Line) Names() []Name { return l.names }

// Source is the line as it was written.
func (l *Line) Source() string { return l.text }

// Render gives the line for a lead, or a *NeedsDataError.
func (l *Line) Render(vars Vars) (string, error) {
	return l.fragment.oneLine(vars, "the line")
}

// oneLine renders to a single line that is not blank and not too long.
func (f fragment) oneLine(vars Vars, what string) (string, error) {
	skeleton, values, err := f.run(vars)
	if err != nil {
		return "", err
	}
	text := cleanValue(fill(skeleton, values, asIs))
	switch {
	case text == "":
		return "", &NeedsDataError{"", f.file, f.line, what + " is blank"}
	case len([]rune(text)) > maxSubject:
		return "", &NeedsDataError{"", f.file, f.line, fmt.Sprintf("%s is longer than %d characters", what, maxSubject)}
	case !f.raw && unfit(text) != "":
		return "", &NeedsDataError{"", f.file, f.line, what + " " + unfit(text)}
	}
	return text, nil
}

// Overrides is what a step of a sequence says about its template.
type Overrides struct {
	Subject *Line    // nil: the template's
	Require []string // besides the template's
	Format  Format   // of the sequence; the template's own wins
}

// With is the template as a step uses it; the template itself stays as it is.
func (t *Template) With(o Overrides) *Template {
	changed := *t
	if o.Subject != nil {
		changed.subject = &o.Subject.fragment
		changed.names = append(append([]Name(nil), o.Subject.names...), t.names...)
	}
	changed.require = append(append([]string(nil), t.require...), o.Require...)
	if changed.format == "" {
		changed.format = o.Format
	}
	return &changed
}
