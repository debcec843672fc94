package render

import (
	"html"
	"net/url"
	"strconv"
	"strings"
)

// A value on its way through Liquid is wrapped in these; templates and values
// cannot hold them, since private-use characters are refused and removed.
const (
	valueOpen  = '\uE000'
	valueMid   = '\uE001'
	valueClose = '\uE002'
)

// A value on its way through Markdown is one character: a base plus its index.
const (
	textBase      rune = 0xF0000  // in text
	linkInnerBase rune = 0x100000 // inside a link's address: percent-encoded
	linkStartBase rune = 0x108000 // at the start of a link's address: it must be a whole URL
	maxValues          = 0x4000
)

// emitFilter is appended to every object. Its name cannot be written in a
// template, because filters are checked against filterNames.
const emitFilter = "drumbeat_emit"

// emit wraps a value with the number of its object.
func emit(value any, object int) string {
	return string(valueOpen) + strconv.Itoa(object) + string(valueMid) + cleanValue(plainText(value)) + string(valueClose)
}

// value is what one object put out.
type value struct {
	object int
	text   string
}

// split takes the values out of Liquid's output and leaves one character in
// the place of each.
func split(output string) (skeleton string, values []value) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(output, string(valueOpen))
		b.WriteString(before)
		if !found {
			return b.String(), values
		}
		wrapped, after, _ := strings.Cut(rest, string(valueClose))
		number, text, _ := strings.Cut(wrapped, string(valueMid))
		object, _ := strconv.Atoi(number) // emit wrote it
		b.WriteRune(textBase + rune(len(values)))
		values = append(values, value{object, text})
		output = after
	}
}

// address marks the values in a link's address as such.
func address(destination string) string {
	first := true
	return strings.Map(func(r rune) rune {
		atStart := first
		first = false
		switch {
		case r < textBase || r >= textBase+maxValues:
			return r
		case atStart:
			return r - textBase + linkStartBase
		default:
			return r - textBase + linkInnerBase
		}
	}, destination)
}

// fill sets the values into a finished part.
func fill(part string, values []value, escape func(string) string) string {
	var b strings.Builder
	b.Grow(len(part) + 32*len(values))
	for _, r := range part {
		switch base := baseOf(r); {
		case base == 0:
			b.WriteRune(r)
		case int(r-base) >= len(values): // an entity of the template's own; nobody can read it
		case base == linkInnerBase:
			b.WriteString(percentEncode(values[r-base].text))
		default:
			b.WriteString(escape(values[r-base].text))
		}
	}
	return b.String()
}

// baseOf says what a character stands for: 0 for itself.
func baseOf(r rune) rune {
	switch {
	case r < textBase:
		return 0
	case r >= linkStartBase:
		return linkStartBase
	case r >= linkInnerBase:
		return linkInnerBase
	}
	return textBase
}

// badLink is the index of a value that stands as a whole address and is none; -1
// when all are good.
func badLink(part string, values []value) int {
	for _, r := range part {
		i := int(r - linkStartBase)
		if 0 <= i && i < len(values) && !goodAddress(values[i].text) {
			return i
		}
	}
	return -1
}

// goodAddress tells whether a link may lead there.
func goodAddress(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto", "tel":
		return u.Opaque != ""
	}
	return false
}

// percentEncode is good in a path and in a query: a space is %20, never "+".
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func asIs(s string) string       { return s }
func escapeHTML(s string) string { return html.EscapeString(s) }
