package render

import (
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	markdownhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// document is a parsed skeleton; both parts of a mail are written from it.
type document struct {
	root   ast.Node
	source []byte
}

// parseMarkdown reads CommonMark without extensions. The parser sorts its rules
// when it is first used, so a template keeps one.
func parseMarkdown(markdown parser.Parser, skeleton string) document {
	source := []byte(skeleton)
	return document{markdown.Parse(text.NewReader(source)), source}
}

// refusal is a piece of markup that a mail may not hold.
type refusal struct {
	offset    int // in the skeleton
	code      string
	what, fix string
}

// refusals lists all markup that is not allowed.
func (d document) refusals() []refusal {
	var found []refusal
	last := 0
	_ = ast.Walk(d.root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		last = max(last, offsetOf(node))
		if r, refused := d.refuse(node); refused {
			r.offset = last
			found = append(found, r)
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return found
}

func (d document) refuse(node ast.Node) (refusal, bool) {
	switch n := node.(type) {
	case *ast.RawHTML, *ast.HTMLBlock:
		return refusal{code: CodeMarkup, what: "HTML is not allowed", fix: "write Markdown; a literal < is \\<"}, true
	case *ast.Image:
		return refusal{code: CodeMarkup, what: "images are not allowed", fix: "link to it instead"}, true
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return refusal{code: CodeMarkup, what: "code blocks are not allowed", fix: "a paragraph must not be indented by four spaces"}, true
	case *ast.Link:
		return refusal{code: CodeLink, what: "the link leads nowhere: " + readable(string(n.Destination)), fix: "https://..., mailto:... or tel:..."},
			!linkAllowed(string(n.Destination))
	case *ast.AutoLink:
		return refusal{code: CodeLink, what: "the link leads nowhere: " + readable(string(n.URL(d.source))), fix: "https://..."},
			!linkAllowed(autoLinkAddress(n, d.source))
	}
	return refusal{}, false
}

// linkAllowed judges an address that may still hold values: one that begins with
// a value is judged when the value is known.
func linkAllowed(destination string) bool {
	marked := address(destination)
	for _, r := range marked {
		if r >= linkStartBase {
			return len([]rune(marked)) == 1 // the value must be the whole address
		}
		break
	}
	return goodAddress(strings.Map(func(r rune) rune {
		if r >= textBase {
			return 'x'
		}
		return r
	}, marked))
}

// readable shows a place for a value as "...".
func readable(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r >= textBase }), "...")
}

// offsetOf is where a node stands, as far as goldmark knows.
func offsetOf(node ast.Node) int {
	switch n := node.(type) {
	case *ast.Text:
		return n.Segment.Start
	case *ast.RawHTML:
		if n.Segments.Len() > 0 {
			return n.Segments.At(0).Start
		}
		return 0
	}
	if node.Type() == ast.TypeBlock && node.Lines().Len() > 0 {
		return node.Lines().At(0).Start
	}
	return 0
}

func autoLinkAddress(n *ast.AutoLink, source []byte) string {
	address := string(n.URL(source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(address), "mailto:") {
		return "mailto:" + address
	}
	return address
}

// inlineHTML is a run of text as HTML: backslash escapes and entities resolved,
// special characters escaped.
func inlineHTML(raw []byte) string {
	var b strings.Builder
	w := &stringWriter{&b}
	markdownhtml.DefaultWriter.Write(w, raw)
	return b.String()
}

// inlineText is the same run as plain text.
func inlineText(raw []byte) string { return html.UnescapeString(inlineHTML(raw)) }

// stringWriter makes a strings.Builder what goldmark wants to write to; it holds
// nothing back, so there is nothing to flush.
type stringWriter struct{ *strings.Builder }

func (w *stringWriter) Available() int { return 0 }
func (w *stringWriter) Buffered() int  { return 0 }
func (w *stringWriter) Flush() error   { return nil }
