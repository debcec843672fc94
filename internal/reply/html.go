package reply

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxHTMLDepth bounds the stack of open elements; what nests deeper is shown
// as if it stood at this depth.
const maxHTMLDepth = 200

// htmlText turns an HTML body into lines as a plain-text client would quote
// them: blocks end lines, block quotes get '>', hidden nodes say nothing. It
// streams tokens over a bounded stack instead of building a tree: a tree of a
// hostile mail costs quadratic time and refuses deep nesting altogether.
func htmlText(source string) string {
	w := &htmlWriter{}
	tokens := html.NewTokenizer(strings.NewReader(source))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			w.endLine()
			return w.out.String()
		case html.TextToken:
			w.text(string(tokens.Text()))
		case html.StartTagToken:
			w.open(tokens.Token())
		case html.SelfClosingTagToken:
			token := tokens.Token()
			w.open(token)
			w.close(token.DataAtom)
		case html.EndTagToken:
			w.close(tokens.Token().DataAtom)
		}
	}
}

// element is an open tag and what it adds to everything inside it.
type element struct {
	tag    atom.Atom
	hidden bool
	quote  bool
	mailto string // the address behind a link, until it is shown
}

// htmlWriter builds lines from tokens.
type htmlWriter struct {
	out    strings.Builder
	line   strings.Builder
	stack  []element
	hidden int // open hidden elements
	quotes int // open block quotes
	blank  bool
	space  bool // white space is due before the next word
}

// text adds a run of text, its white space collapsed unless in <pre>.
func (w *htmlWriter) text(s string) {
	if w.hidden > 0 {
		return
	}
	s = clean(s)
	if w.inside(atom.Pre) {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				w.endLine()
			}
			w.line.WriteString(line)
		}
		return
	}
	for _, r := range s {
		if unicode.IsSpace(r) {
			w.space = true
			continue
		}
		if w.space && w.line.Len() > 0 {
			w.line.WriteByte(' ')
		}
		w.space = false
		w.line.WriteRune(r)
	}
}

// open begins an element.
func (w *htmlWriter) open(token html.Token) {
	tag := token.DataAtom
	switch tag {
	case atom.Br:
		w.breakLine()
	case atom.Hr:
		w.endLine()
		w.text("________________")
		w.endLine()
	case atom.Img:
		w.text(shortAlt(token))
	case atom.P, atom.Li, atom.Tr, atom.Td, atom.Th, atom.Option:
		w.closeTop(tag)
	}
	if block(tag) {
		w.endLine()
	}
	if tag == atom.Li {
		w.text("- ")
		w.space = true
	}
	if tag == atom.Td || tag == atom.Th {
		w.space = true
	}
	if void(tag) || len(w.stack) >= maxHTMLDepth {
		return
	}
	e := element{tag: tag, hidden: hides(token), quote: tag == atom.Blockquote}
	if tag == atom.A {
		e.mailto = mailtoAddress(token)
	}
	w.push(e)
}

func (w *htmlWriter) push(e element) {
	w.stack = append(w.stack, e)
	if e.hidden {
		w.hidden++
	}
	if e.quote {
		w.quotes++
	}
}

// close ends an element and all that was left open inside it; an end tag
// without a beginning is ignored.
func (w *htmlWriter) close(tag atom.Atom) {
	for i := len(w.stack) - 1; i >= 0; i-- {
		if w.stack[i].tag == tag {
			for len(w.stack) > i {
				w.pop()
			}
			break
		}
	}
	if tag == atom.P {
		w.paragraph()
	}
}

// closeTop ends an element whose end tag HTML lets authors omit.
func (w *htmlWriter) closeTop(tag atom.Atom) {
	if n := len(w.stack); n > 0 && w.stack[n-1].tag == tag {
		w.pop()
	}
}

func (w *htmlWriter) pop() {
	e := w.stack[len(w.stack)-1]
	if block(e.tag) {
		w.endLine()
	}
	if e.mailto != "" && !strings.Contains(w.lately(), e.mailto) {
		w.text(" <" + e.mailto + ">")
	}
	w.stack = w.stack[:len(w.stack)-1]
	if e.hidden {
		w.hidden--
	}
	if e.quote {
		w.quotes--
	}
}

// lately is the end of the line: where the words of a link stand. A line of a
// hundred thousand links is not read again for each.
func (w *htmlWriter) lately() string {
	const enough = 1 << 10
	line := w.line.String()
	return line[max(0, len(line)-enough):]
}

// inside tells whether an element of this tag is open.
func (w *htmlWriter) inside(tag atom.Atom) bool {
	for i := len(w.stack) - 1; i >= 0; i-- {
		if w.stack[i].tag == tag {
			return true
		}
	}
	return false
}

// breakLine ends the line even when it is empty.
func (w *htmlWriter) breakLine() {
	if w.hidden > 0 {
		return
	}
	w.flush()
}

// endLine ends the line if it holds anything.
func (w *htmlWriter) endLine() {
	if w.line.Len() > 0 {
		w.flush()
	}
	w.space = false
}

// paragraph leaves one blank line behind a paragraph.
func (w *htmlWriter) paragraph() {
	w.endLine()
	if w.hidden == 0 && !w.blank && w.out.Len() > 0 {
		w.flush()
	}
}

func (w *htmlWriter) flush() {
	w.blank = w.line.Len() == 0
	if w.quotes > 0 {
		w.out.WriteString(strings.Repeat(">", min(w.quotes, 9)))
		w.out.WriteByte(' ')
	}
	w.out.WriteString(w.line.String())
	w.out.WriteByte('\n')
	w.line.Reset()
	w.space = false
}
