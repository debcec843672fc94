package reply

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"drumbeat/internal/pattern"
)

// hidingStyle finds the inline styles by which newsletters hide preheaders
// and senders hide words from filters.
var hidingStyle = pattern.New(`(?i)(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|(?:font-size|max-height|max-width)\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)|(?:^|;)\s*opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$))`)

// block tells which elements stand on lines of their own.
func block(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.Div, atom.Blockquote, atom.Li, atom.Ul, atom.Ol, atom.Tr, atom.Table, atom.Pre,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Body, atom.Section, atom.Article,
		atom.Header, atom.Footer, atom.Dl, atom.Dt, atom.Dd, atom.Center, atom.Address, atom.Form, atom.Hr:
		return true
	}
	return false
}

// void tells which elements have no end tag.
func void(tag atom.Atom) bool {
	switch tag {
	case atom.Br, atom.Hr, atom.Img, atom.Input, atom.Meta, atom.Link, atom.Base, atom.Area, atom.Col, atom.Wbr:
		return true
	}
	return false
}

// maxStyle is how much of an inline style is read, in bytes.
const maxStyle = 2 << 10

// hides tells whether an element is not shown.
func hides(token html.Token) bool {
	switch token.DataAtom {
	case atom.Head, atom.Style, atom.Script, atom.Title, atom.Template, atom.Noscript, atom.Select, atom.Svg, atom.Object:
		return true
	}
	for _, a := range token.Attr {
		switch {
		case a.Key == "hidden":
			return true
		case a.Key == "style" && hidingStyle.MatchString(a.Val[:min(len(a.Val), maxStyle)]):
			return true
		}
	}
	return false
}

// shortAlt is the text of an image that stands for a character: an emoji.
func shortAlt(token html.Token) string {
	for _, a := range token.Attr {
		if a.Key == "alt" && utf8.RuneCountInString(a.Val) <= 3 {
			return a.Val
		}
	}
	return ""
}

// mailtoAddress is the address behind a mailto link.
func mailtoAddress(token html.Token) string {
	for _, a := range token.Attr {
		if a.Key != "href" || len(a.Val) > 500 || !strings.HasPrefix(strings.ToLower(a.Val), "mailto:") {
			continue
		}
		address, _, _ := strings.Cut(a.Val[len("mailto:"):], "?")
		if decoded, err := url.PathUnescape(address); err == nil {
			address = decoded
		}
		return strings.ToLower(addressPattern.FindString(address))
	}
	return ""
}
