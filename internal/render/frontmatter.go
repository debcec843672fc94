package render

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Format says which parts a mail has.
type Format string

// The formats. HTML always carries a text part too.
const (
	FormatHTML Format = "html"
	FormatText Format = "text"
)

// fence opens and closes the front matter.
const fence = "---"

// frontMatter is the head of a template file.
type frontMatter struct {
	subject string
	line    int // of the subject's text
	column  int
	require []string
	format  Format // empty: not said
}

// frontMatterReader collects what is wrong while it reads.
type frontMatterReader struct {
	file   string
	scope  Scope
	head   frontMatter
	errors []*Error
}

// cutFrontMatter splits a file into the YAML between the fences and the body,
// and says on which line the body begins. A file without front matter is all body.
func cutFrontMatter(text string) (head, body string, bodyLine int, closed bool) {
	first, rest, found := strings.Cut(text, "\n")
	if strings.TrimRight(first, " \t") != fence {
		return "", text, 1, true
	}
	for line := 2; found; line++ {
		var current string
		before := len(head)
		current, rest, found = strings.Cut(rest, "\n")
		if strings.TrimRight(current, " \t") == fence {
			return head[:before], rest, line + 1, true
		}
		head += current + "\n"
	}
	return head, "", 1, false
}

// readFrontMatter reads strictly: an unknown or doubled key is an error.
func readFrontMatter(file string, scope Scope, head string) (frontMatter, []*Error) {
	r := &frontMatterReader{file: file, scope: scope}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(head), &document); err != nil {
		fix := ""
		if strings.Contains(head, ": {{") || strings.Contains(head, ": {%") {
			fix = `put quotes around a subject with braces: subject: "{{ company }} and ..."`
		}
		r.fail(nil, "front matter is not YAML: "+strings.ReplaceAll(err.Error(), "\n", " "), fix)
		return r.head, r.errors
	}
	if len(document.Content) == 0 {
		return r.head, nil
	}
	r.mapping(document.Content[0])
	return r.head, r.errors
}

func (r *frontMatterReader) mapping(node *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		r.fail(node, "front matter must hold keys", "subject, require, format")
		return
	}
	var seen []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if slices.Contains(seen, key.Value) {
			r.fail(key, fmt.Sprintf("key %q stands twice", key.Value), "")
		}
		seen = append(seen, key.Value)
		r.entry(key, value)
	}
}

func (r *frontMatterReader) entry(key, value *yaml.Node) {
	switch key.Value {
	case "subject":
		if r.text(value) {
			r.head.subject, r.head.line, r.head.column = value.Value, value.Line+1, value.Column
			if value.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
				r.head.column++
			}
		}
	case "format":
		r.head.format = Format(value.Value)
		if r.head.format != FormatHTML && r.head.format != FormatText {
			r.fail(value, fmt.Sprintf("format %q is unknown", value.Value), "html or text")
		}
	case "require":
		r.required(value)
	default:
		known := []string{"subject", "require", "format"}
		r.fail(key, fmt.Sprintf("unknown key %q", key.Value), suggest(key.Value, known))
	}
}

func (r *frontMatterReader) required(value *yaml.Node) {
	if value.Kind != yaml.SequenceNode {
		r.fail(value, "require must be a list", "require: [first_name, company]")
		return
	}
	for _, item := range value.Content {
		name := strings.ToLower(item.Value)
		if !KnownName(r.scope, name) {
			r.fail(item, fmt.Sprintf("unknown field %q", item.Value), suggest(name, KnownNames(r.scope)))
			continue
		}
		r.head.require = append(r.head.require, name)
	}
}

// text tells whether the value is a text on one line that is not blank.
func (r *frontMatterReader) text(value *yaml.Node) bool {
	if value.Kind == yaml.ScalarNode && strings.TrimSpace(value.Value) != "" && !strings.ContainsAny(value.Value, "\n\r") {
		return true
	}
	fix := ""
	if value.Kind == yaml.MappingNode {
		fix = `put quotes around braces: subject: "{{ company }} and ..."`
	}
	r.fail(value, "the subject must be one line of text", fix)
	return false
}

// fail places the error; the node's line counts from the line behind the fence.
func (r *frontMatterReader) fail(node *yaml.Node, message, fix string) {
	line, column := 1, 1
	if node != nil {
		line, column = node.Line+1, node.Column
	}
	r.errors = append(r.errors, &Error{r.file, line, column, CodeFrontMatter, message, fix})
}
