package render

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// text is the document as a plain text part.
func (d document) text() string { return d.textBlocks(d.root, "\n\n") }

func (d document) textBlocks(parent ast.Node, between string) string {
	var blocks []string
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if block := d.textBlock(n); block != "" {
			blocks = append(blocks, block)
		}
	}
	return strings.Join(blocks, between)
}

func (d document) textBlock(node ast.Node) string {
	switch n := node.(type) {
	case *ast.ThematicBreak:
		return "---"
	case *ast.Blockquote:
		return indent(d.textBlocks(n, "\n\n"), "> ", "> ")
	case *ast.List:
		return d.textList(n)
	case *ast.LinkReferenceDefinition:
		return ""
	}
	return strings.TrimSpace(d.textInline(node))
}

func (d document) textList(list *ast.List) string {
	between := "\n\n"
	if list.IsTight {
		between = "\n"
	}
	var items []string
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		marker := "- "
		if list.IsOrdered() {
			marker = strconv.Itoa(number) + ". "
			number++
		}
		items = append(items, indent(d.textBlocks(item, between), marker, strings.Repeat(" ", len(marker))))
	}
	return strings.Join(items, between)
}

// indent puts first before the first line and rest before the others.
func indent(block, first, rest string) string {
	return first + strings.ReplaceAll(block, "\n", "\n"+rest)
}

func (d document) textInline(parent ast.Node) string {
	var b strings.Builder
	for node := parent.FirstChild(); node != nil; node = node.NextSibling() {
		switch n := node.(type) {
		case *ast.Text:
			b.WriteString(inlineText(n.Value(d.source)))
			b.WriteString(lineBreak(n, "\n"))
		case *ast.String:
			b.WriteString(inlineText(n.Value))
		case *ast.CodeSpan:
			b.WriteString(d.code(n))
		case *ast.Link:
			b.WriteString(textLink(d.textInline(n), string(n.Destination)))
		case *ast.AutoLink:
			b.WriteString(textLink(string(n.Label(d.source)), autoLinkAddress(n, d.source)))
		default:
			b.WriteString(d.textInline(n))
		}
	}
	return b.String()
}

// textLink is `label: address`, or the address alone where the label says the same.
func textLink(label, destination string) string {
	shown := strings.TrimPrefix(strings.TrimPrefix(destination, "mailto:"), "tel:")
	if label == "" || label == shown || label == destination {
		return address(shown)
	}
	return label + ": " + address(shown)
}

// lineBreak is what stands behind a run of text: hard for a break that the
// author wants, a space where the source merely wraps.
func lineBreak(n *ast.Text, hard string) string {
	switch {
	case n.HardLineBreak():
		return hard
	case n.SoftLineBreak():
		return " "
	}
	return ""
}

// code is the content of a code span: it knows no escapes.
func (d document) code(span *ast.CodeSpan) string {
	var b strings.Builder
	for node := span.FirstChild(); node != nil; node = node.NextSibling() {
		if n, ok := node.(*ast.Text); ok {
			b.WriteString(strings.ReplaceAll(string(n.Value(d.source)), "\n", " "))
		}
	}
	return b.String()
}
