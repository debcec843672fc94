package render

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/parser"

	"drumbeat/internal/outreach"
)

// Bounds of what goes out.
const (
	maxSource  = 256 << 10 // bytes of a template file
	maxOutput  = 256 << 10 // bytes of one part
	maxSubject = 250       // runes; RFC 5322, section 2.1.1 has 998 for a line
)

// Template is a parsed template; many goroutines may render it.
type Template struct {
	name    string
	subject *fragment // nil: none, as in a reply
	body    fragment
	require []string
	format  Format
	names   []Name

	markdown parser.Parser
	last     *atomic.Pointer[written]
}

// written is a skeleton and the parts that were written from it. Leads whose
// branches are the same share it, so most mails need no parsing of Markdown.
type written struct{ skeleton, text, html string }

// ParseTemplate reads a step's mail or a signature: Markdown with Liquid and
// front matter. All errors come at once; with any, the template is nil.
func ParseTemplate(name string, src []byte) (*Template, []*Error) {
	return parse(name, src, ScopeMail)
}

// ParsePlaybook reads a playbook, which may also speak of the reply it answers.
func ParsePlaybook(name string, src []byte) (*Template, []*Error) {
	return parse(name, src, ScopePlaybook)
}

func parse(name string, src []byte, scope Scope) (*Template, []*Error) {
	if err := checkEncoding(name, src); err != nil {
		return nil, []*Error{err}
	}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(src), "\uFEFF"))
	head, body, bodyLine, closed := cutFrontMatter(text)
	if !closed {
		return nil, []*Error{{name, 1, 1, CodeFrontMatter, "front matter is never closed", "end it with a line of three dashes"}}
	}
	front, errs := readFrontMatter(name, scope, head)
	t := &Template{name: name, require: front.require, format: front.format, markdown: goldmark.DefaultParser(), last: &atomic.Pointer[written]{}}
	if front.subject != "" {
		s := &source{file: name, scope: scope, text: front.subject, line: front.line, column: front.column}
		subject, _ := compile(s)
		t.subject, t.names = &subject, s.names
		errs = append(errs, s.errors...)
	}
	s := &source{file: name, scope: scope, text: body, line: bodyLine, column: 1}
	var skeleton string
	t.body, skeleton = compile(s)
	t.names = append(t.names, s.names...)
	if errs = append(errs, s.errors...); len(errs) == 0 {
		errs = t.checkMarkdown(bodyLine, skeleton)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return t, nil
}

// checkEncoding refuses what no editor writes into a template.
func checkEncoding(name string, src []byte) *Error {
	if len(src) > maxSource {
		return &Error{name, 1, 1, CodeEncoding, "the file is larger than 256 KiB", ""}
	}
	line := 1
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return &Error{name, line, 1, CodeEncoding, "the file is not UTF-8", "save it as UTF-8"}
		case r == '\n':
			line++
		case r == '\t', r == '\r':
		case unicode.IsControl(r), unicode.Is(unicode.Co, r):
			return &Error{name, line, 1, CodeEncoding, fmt.Sprintf("character %U cannot stand in a mail", r), "remove it"}
		}
		i += size
	}
	return nil
}

func (t *Template) checkMarkdown(bodyLine int, skeleton string) []*Error {
	if strings.TrimSpace(skeleton) == "" {
		return []*Error{{t.name, bodyLine, 1, CodeEmpty, "the template has no text", ""}}
	}
	var errs []*Error
	for _, r := range parseMarkdown(t.markdown, skeleton).refusals() {
		e := &Error{t.name, bodyLine + strings.Count(skeleton[:r.offset], "\n"), 1, r.code, r.what, r.fix}
		if len(errs) == 0 || *errs[len(errs)-1] != *e { // <b>x</b> is one mistake
			errs = append(errs, e)
		}
	}
	return errs
}

// Name is the file's name inside its directory.
func (t *Template) Name() string { return t.name }

// HasSubject tells whether the template can begin a thread.
func (t *Template) HasSubject() bool { return t.subject != nil }

// Require lists the fields that front matter asks for.
func (t *Template) Require() []string { return slices.Clone(t.require) }

// Format is what front matter says, empty when it says nothing.
func (t *Template) Format() Format { return t.format }

// Names lists every use of a field, the subject's first.
func (t *Template) Names() []Name { return slices.Clone(t.names) }

// Render gives the subject (empty without one) and both parts. A field that is
// missing gives a *NeedsDataError; nothing else about a lead can fail.
func (t *Template) Render(vars Vars) (outreach.Content, error) {
	p, err := t.render(vars)
	if err != nil {
		return outreach.Content{}, err
	}
	content := outreach.Content{Subject: p.subject, Text: p.text + "\n"}
	if t.format != FormatText {
		content.HTML = page("", p.html)
	}
	return content, t.withinBounds(content)
}

// parts is a rendered template before it is put together with a footer.
type parts struct{ subject, text, html string }

func (t *Template) render(vars Vars) (parts, error) {
	for _, name := range t.require {
		if vars.Blank(name) {
			return parts{}, &NeedsDataError{name, t.name, 1, "is required and blank"}
		}
	}
	subject, err := t.renderSubject(vars)
	if err != nil {
		return parts{}, err
	}
	skeleton, values, err := t.body.run(vars)
	if err != nil {
		return parts{}, err
	}
	w, err := t.write(skeleton)
	if err != nil {
		return parts{}, err
	}
	if i := badLink(w.html, values); i >= 0 {
		return parts{}, t.body.needs(values[i], vars, "is not a link")
	}
	p := parts{subject, strings.TrimSpace(fill(w.text, values, asIs)), fill(w.html, values, escapeHTML)}
	return p, t.check(p)
}

// write makes both parts of a skeleton, or takes them from the lead before.
func (t *Template) write(skeleton string) (*written, error) {
	if last := t.last.Load(); last != nil && last.skeleton == skeleton {
		return last, nil
	}
	document := parseMarkdown(t.markdown, skeleton)
	if refused := document.refusals(); len(refused) > 0 {
		return nil, &NeedsDataError{"", t.name, t.body.line, "for this lead the branches make up something else: " + refused[0].what}
	}
	w := &written{skeleton, document.text(), document.html()}
	t.last.Store(w)
	return w, nil
}

// check is the last look at what goes out.
func (t *Template) check(p parts) error {
	switch {
	case !strings.ContainsFunc(p.text, shows):
		return &NeedsDataError{"", t.name, t.body.line, "for this lead there is no text"}
	case strings.ContainsFunc(p.html, unprintable): // &#13; and the like
		return &NeedsDataError{"", t.name, t.body.line, "the text holds a control character"}
	}
	if t.body.raw {
		return nil
	}
	if why := unfit(p.text); why != "" {
		return &NeedsDataError{"", t.name, t.body.line, "the text " + why}
	}
	return nil
}

// shows tells of characters that put ink on the page.
func shows(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)
}

// unprintable tells of characters that no part may hold.
func unprintable(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Co, r)
}

func (t *Template) renderSubject(vars Vars) (string, error) {
	if t.subject == nil {
		return "", nil
	}
	return t.subject.oneLine(vars, "the subject")
}

func (t *Template) withinBounds(c outreach.Content) error {
	if max(len(c.Text), len(c.HTML)) > maxOutput {
		return &NeedsDataError{"", t.name, t.body.line, "the mail is longer than 256 KiB"}
	}
	return nil
}
