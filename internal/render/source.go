package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// object is one {{ }} of a template.
type object struct {
	line  int
	names []string
}

// source is a fragment of Liquid that is being checked: either the subject or
// the body.
type source struct {
	file    string
	scope   Scope
	text    string
	line    int // of the first character
	column  int
	locals  []string // names made by assign
	objects []object
	names   []Name
	raw     bool // holds a raw block, so braces may go out
	choices int  // { of spintax that wait for their }
	errors  []*Error
	out     strings.Builder // for the engine
	plain   strings.Builder // the same text without tags, same number of lines: for the Markdown check
}

var (
	tagPattern    = regexp.MustCompile(`(?s)^([A-Za-z_]+)(?:\s+(.*))?$`)
	assignPattern = regexp.MustCompile(`(?s)^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$`)
	endRaw        = regexp.MustCompile(`\{%-?\s*endraw\s*-?%\}`)
	endComment    = regexp.MustCompile(`\{%-?\s*endcomment\s*-?%\}`)
)

// scan walks over the text once.
func (s *source) scan() {
	for offset := 0; offset < len(s.text); {
		open := nextOpen(s.text[offset:])
		s.copyText(offset, offset+open)
		offset += open
		if offset < len(s.text) {
			offset = s.scanBraces(offset)
		}
	}
}

// nextOpen is the offset of the next {{ or {%, or the length of s.
func nextOpen(s string) int {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '{' && (s[i+1] == '{' || s[i+1] == '%') {
			return i
		}
	}
	return len(s)
}

func (s *source) copyText(from, to int) {
	text := s.text[from:to]
	for i := range len(text) {
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, "%}") && s.choices == 0, strings.HasPrefix(rest, "}}") && s.choices < 2:
			s.fail(from+i, CodeTag, fmt.Sprintf("%q closes nothing", rest[:2]), "remove it")
		case rest[0] == '{':
			s.choices++
		}
		if text[i] == '}' && s.choices > 0 {
			s.choices--
		}
	}
	s.out.WriteString(text)
	s.plain.WriteString(text)
}

// scanBraces handles one object or tag and gives the offset behind it.
func (s *source) scanBraces(offset int) int {
	closing := "}}"
	if s.text[offset+1] == '%' {
		closing = "%}"
	}
	inner := s.text[offset+2:]
	end := strings.Index(inner, closing)
	if next := nextOpen(inner); end < 0 || next < end {
		s.fail(offset, CodeTag, fmt.Sprintf("%q is never closed", s.text[offset:offset+2]), fmt.Sprintf("close it with %q", closing))
		return len(s.text)
	}
	content, trimLeft, trimRight := trimMarks(inner[:end])
	at := offset + 2 + strings.Index(inner[:end], content)
	behind := offset + 2 + end + 2
	s.plain.WriteString(strings.Repeat("\n", strings.Count(inner[:end], "\n")))
	if closing == "}}" {
		s.scanObject(content, at, trimLeft, trimRight)
		return behind
	}
	return s.scanTag(content, at, behind, trimLeft, trimRight)
}

// trimMarks takes the white space and the "-" of {{- -}} off.
func trimMarks(inner string) (content, left, right string) {
	if rest, found := strings.CutPrefix(inner, "-"); found {
		inner, left = rest, "-"
	}
	if rest, found := strings.CutSuffix(inner, "-"); found {
		inner, right = rest, "-"
	}
	return strings.TrimSpace(inner), left, right
}

func (s *source) scanObject(content string, at int, left, right string) {
	e, ok := s.expression(content, at, true)
	if !ok {
		return
	}
	if e.compares {
		s.fail(at, CodeExpression, "a comparison puts out nothing a reader wants", "use {% if %}")
		return
	}
	line, _ := s.position(at)
	object := object{line: line}
	for _, n := range e.names {
		object.names = append(object.names, n.name)
	}
	fmt.Fprintf(&s.out, "{{%s (%s) | %s: %d %s}}", left, e.source, emitFilter, len(s.objects), right)
	s.plain.WriteRune(textBase)
	s.objects = append(s.objects, object)
}

// scanTag handles one tag and gives the offset at which to go on.
func (s *source) scanTag(content string, at, behind int, left, right string) int {
	m := tagPattern.FindStringSubmatch(content)
	if m == nil {
		s.fail(at, CodeTag, fmt.Sprintf("%q is not a tag", content), "")
		return behind
	}
	name, args := m[1], m[2]
	argsAt := at + len(content) - len(args)
	switch name {
	case "raw":
		return s.scanVerbatim(at, behind, endRaw, true)
	case "comment":
		return s.scanVerbatim(at, behind, endComment, false)
	case "if", "elsif", "unless", "case", "when":
		if e, ok := s.expression(args, argsAt, false); ok {
			args = e.source
		}
	case "assign":
		args = s.scanAssign(args, argsAt)
	case "else", "endif", "endunless", "endcase":
		if args != "" {
			s.fail(argsAt, CodeTag, fmt.Sprintf("%q takes nothing behind it", name), "")
		}
	default:
		fix := "there are if, unless, case, assign, comment and raw"
		if name == "elif" || name == "elseif" {
			fix = `did you mean "elsif"?`
		}
		s.fail(at, CodeTag, fmt.Sprintf("tag %q is not available", name), fix)
		return behind
	}
	fmt.Fprintf(&s.out, "{%%%s %s %s %s%%}", left, name, args, right)
	return behind
}

// scanVerbatim copies or drops all up to the tag that ends the block.
func (s *source) scanVerbatim(at, behind int, end *regexp.Regexp, keep bool) int {
	m := end.FindStringIndex(s.text[behind:])
	if m == nil {
		s.fail(at, CodeTag, "the block is never closed", "close it with {% endraw %} or {% endcomment %}")
		return len(s.text)
	}
	body := s.text[behind : behind+m[0]]
	if keep {
		s.raw = true
		s.out.WriteString("{% raw %}" + hideBraces.Replace(body) + "{% endraw %}")
		s.plain.WriteString(hideBraces.Replace(body))
	} else {
		s.plain.WriteString(strings.Repeat("\n", strings.Count(body, "\n")))
	}
	return behind + m[1]
}

func (s *source) scanAssign(args string, at int) string {
	m := assignPattern.FindStringSubmatch(args)
	if m == nil {
		s.fail(at, CodeExpression, "assign needs a name and a value", "{% assign who = first_name | default: 'there' %}")
		return args
	}
	name := strings.ToLower(m[1])
	if KnownName(s.scope, name) || slices.Contains([]string{"custom", "rep", "sender", "reply", "event", "case_study"}, name) {
		s.fail(at, CodeUnknownName, fmt.Sprintf("%q is a field; assign cannot change it", name), "take another name")
	}
	e, ok := s.expression(m[2], at+len(args)-len(m[2]), false)
	s.locals = append(s.locals, name)
	if !ok {
		return args
	}
	return name + " = " + e.source
}

// expression reads one and checks its names.
func (s *source) expression(text string, at int, printed bool) (expression, bool) {
	e, err := parseExpression(text)
	if err != nil {
		s.fail(at+err.offset, err.code, err.message, err.fix)
		return e, false
	}
	for _, n := range e.names {
		if slices.Contains(s.locals, n.name) {
			continue
		}
		if !KnownName(s.scope, n.name) {
			known := append(KnownNames(s.scope), s.locals...)
			fix := suggest(n.name, known)
			if fix == "" {
				fix = "further columns of the lead file are custom." + n.name
			}
			s.fail(at+n.offset, CodeUnknownName, fmt.Sprintf("unknown field %q", n.name), fix)
			continue
		}
		line, column := s.position(at + n.offset)
		s.names = append(s.names, Name{n.name, line, column, printed, e.defaulted})
	}
	return e, true
}

func (s *source) fail(offset int, code, message, fix string) {
	line, column := s.position(offset)
	s.errors = append(s.errors, &Error{s.file, line, column, code, message, fix})
}

// failAtLine reports about a line of the text, counted from 0.
func (s *source) failAtLine(line int, code, message, fix string) {
	offset := 0
	for ; line > 0; line-- {
		offset += strings.IndexByte(s.text[offset:], '\n') + 1
	}
	s.fail(offset, code, message, fix)
}

// position turns an offset of the text into a line and a column of the file.
func (s *source) position(offset int) (line, column int) {
	before := s.text[:min(offset, len(s.text))]
	newline := strings.LastIndexByte(before, '\n')
	if newline < 0 {
		return s.line, s.column + utf8.RuneCountInString(before)
	}
	return s.line + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[newline+1:])
}
