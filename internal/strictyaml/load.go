package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// The bounds of a file. A sequence of fifty steps has some 10 kB and 7 levels.
const (
	maxBytes = 1 << 20
	maxDepth = 32
)

var errTooDeep = errors.New("nested too deeply")

// limits stops the YAML parser on its way down and refuses every alias, before a
// file of brackets or of aliases of aliases has cost anything.
type limits struct{}

func (limits) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > maxDepth {
		return errTooDeep
	}
	return nil
}

func (limits) CheckAlias(int, int) error { return nil } // the tree is never expanded

// load parses the bytes to a tree. A file that is no YAML has one fault: behind
// it, nothing can be trusted.
func (d *Document) load(src []byte) *yaml.Node {
	if len(src) > maxBytes {
		d.reportAt(1, 1, CodeTooLarge, "split the file", "the file has %d bytes, at most %d are read", len(src), maxBytes)
		return nil
	}
	if line, column, ok := firstInvalid(src); !ok {
		d.reportAt(line, column, CodeEncoding, "save the file as UTF-8", "the file is not UTF-8 here")
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(src), yaml.WithPlugin(limits{}))
	if err != nil {
		d.reportAt(1, 1, CodeSyntax, "", "%v", err)
		return nil
	}
	var first, second yaml.Node
	if err := loader.Load(&first); errors.Is(err, io.EOF) {
		d.reportAt(1, 1, CodeEmpty, "", "the file is empty")
		return nil
	} else if err != nil {
		d.reportSyntax(src, err)
		return nil
	}
	if err := loader.Load(&second); err == nil {
		d.reportAt(max(1, second.Line), max(1, second.Column), CodeDocuments, "put it into a file of its own",
			"a second document begins here; a file holds one")
	} else if !errors.Is(err, io.EOF) {
		d.reportSyntax(src, err)
		return nil
	}
	return first.Content[0]
}

// reportSyntax says where the YAML parser gave up and, for the usual causes, why.
func (d *Document) reportSyntax(src []byte, err error) {
	line, column, message := 1, 1, err.Error()
	var at *yaml.LoadError
	if errors.As(err, &at) {
		line, column, message = max(1, at.Mark.Line), max(1, at.Mark.Column), at.Message
		if at.ContextMsg != "" {
			message = fmt.Sprintf("%s (%s, begun on line %d)", message, at.ContextMsg, max(1, at.ContextMark.Line))
		}
	}
	text := lineOf(src, line)
	switch {
	case strings.Contains(message, errTooDeep.Error()): // the parser keeps its text alone
		d.reportAt(line, column, CodeTooDeep, "", "more than %d levels of nesting", maxDepth)
	case strings.HasPrefix(strings.TrimLeft(text, " "), "\t"):
		d.reportAt(line, 1+strings.IndexByte(text, '\t'), CodeTab, "indent with spaces", "YAML does not allow a tab here")
	case strings.Contains(message, "unknown anchor"):
		d.reportAt(line, column, CodeAlias, "write the value out", "aliases are not allowed")
	case bareTemplate.MatchString(text):
		d.unquoted(line, column)
	default:
		d.reportAt(line, column, CodeSyntax, syntaxFix(src, line, message), "this is not YAML: %s", message)
	}
}

// bareTemplate finds a value that begins with {{ outside quotes.
var bareTemplate = regexp.MustCompile(`(^|[:,\[-])\s*\{\{`)

// gluedColon finds a key whose colon has no space behind it.
var gluedColon = regexp.MustCompile(`^[ -]*[a-z_]+:[^\s/]`)

// syntaxFix guesses what was meant where the parser gave up. It reads on past a
// mistake, so the line before counts too.
func syntaxFix(src []byte, line int, message string) string {
	text := lineOf(src, line)
	for _, at := range []int{line, line - 1} {
		if at > 0 && gluedColon.MatchString(lineOf(src, at)) {
			return fmt.Sprintf("write a space behind the colon on line %d", at)
		}
	}
	switch {
	case strings.Contains(text, "@") || strings.Count(text, ": ") > 1:
		return `put the value into quotes: "..."`
	case strings.Contains(message, "block collection") || strings.Contains(message, "block mapping") || strings.Contains(message, "mapping values"):
		return "begin the line in the same column as those it belongs to"
	}
	return ""
}

// lineOf is a line of the source without its end, empty beyond the last.
func lineOf(src []byte, line int) string {
	for rest := src; len(rest) > 0; line-- {
		text, after, _ := bytes.Cut(rest, []byte("\n"))
		if line == 1 {
			return bareLine(string(text))
		}
		rest = after
	}
	return ""
}

// bareLine is a line without the marks that no editor shows.
func bareLine(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(text, "\ufeff"), "\r")
}

// firstInvalid finds the first byte that is no UTF-8.
func firstInvalid(src []byte) (line, column int, ok bool) {
	if utf8.Valid(src) {
		return 0, 0, true
	}
	line, column = 1, 1
	for len(src) > 0 {
		r, size := utf8.DecodeRune(src)
		if r == utf8.RuneError && size == 1 {
			break
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		src = src[size:]
	}
	return line, column, false
}
