package render

import (
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// html is the document as the inside of an HTML part.
func (d document) html() string {
	var b strings.Builder
	d.htmlBlocks(&b, d.root)
	return b.String()
}

func (d document) htmlBlocks(b *strings.Builder, parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		d.htmlBlock(b, n)
	}
}

func (d document) htmlBlock(b *strings.Builder, node ast.Node) {
	switch n := node.(type) {
	case *ast.ThematicBreak:
		b.WriteString("<hr>\n")
	case *ast.Blockquote:
		b.WriteString("<blockquote>\n")
		d.htmlBlocks(b, n)
		b.WriteString("</blockquote>\n")
	case *ast.List:
		d.htmlList(b, n)
	case *ast.TextBlock:
		d.htmlInline(b, n)
	case *ast.Heading:
		fmt.Fprintf(b, "<h%d>", n.Level)
		d.htmlInline(b, n)
		fmt.Fprintf(b, "</h%d>\n", n.Level)
	case *ast.LinkReferenceDefinition:
	default:
		b.WriteString("<p>")
		d.htmlInline(b, n)
		b.WriteString("</p>\n")
	}
}

func (d document) htmlList(b *strings.Builder, list *ast.List) {
	open, end := "<ul>\n", "</ul>\n"
	if list.IsOrdered() {
		open, end = "<ol>\n", "</ol>\n"
		if list.Start != 1 {
			open = fmt.Sprintf("<ol start=\"%d\">\n", list.Start)
		}
	}
	b.WriteString(open)
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		b.WriteString("<li>")
		d.htmlBlocks(b, item)
		b.WriteString("</li>\n")
	}
	b.WriteString(end)
}

func (d document) htmlInline(b *strings.Builder, parent ast.Node) {
	for node := parent.FirstChild(); node != nil; node = node.NextSibling() {
		switch n := node.(type) {
		case *ast.Text:
			b.WriteString(inlineHTML(n.Value(d.source)))
			b.WriteString(lineBreak(n, "<br>\n"))
		case *ast.String:
			b.WriteString(inlineHTML(n.Value))
		case *ast.CodeSpan:
			b.WriteString("<code>" + html.EscapeString(d.code(n)) + "</code>")
		case *ast.Emphasis:
			d.htmlEmphasis(b, n)
		case *ast.Link:
			fmt.Fprintf(b, `<a href="%s">`, html.EscapeString(address(string(n.Destination))))
			d.htmlInline(b, n)
			b.WriteString("</a>")
		case *ast.AutoLink:
			target := html.EscapeString(address(autoLinkAddress(n, d.source)))
			fmt.Fprintf(b, `<a href="%s">%s</a>`, target, html.EscapeString(address(string(n.Label(d.source)))))
		}
	}
}

func (d document) htmlEmphasis(b *strings.Builder, n *ast.Emphasis) {
	tag := "em"
	if n.Level == 2 {
		tag = "strong"
	}
	b.WriteString("<" + tag + ">")
	d.htmlInline(b, n)
	b.WriteString("</" + tag + ">")
}
