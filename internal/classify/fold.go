package classify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldRune gives the base letters of a rune in lower case, so that a lexicon
// finds a word typed without its accents: é is e, ß is ss, ł is l.
func foldRune(r rune) string {
	if r < utf8.RuneSelf {
		return string(unicode.ToLower(r))
	}
	r = unicode.ToLower(r)
	switch r {
	case 'ß':
		return "ss"
	case 'ø', 'ö':
		return "o"
	case 'æ', 'ä':
		return "a"
	case 'å':
		return "a"
	case 'ü':
		return "u"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'ı':
		return "i"
	case 'œ':
		return "oe"
	case 'ς':
		return "σ"
	}
	if r >= 0x0300 && r <= 0x036F {
		return ""
	}
	if r < 0x2E80 { // Latin, Greek, Cyrillic: drop the marks
		return baseLetter(r)
	}
	return string(r)
}

// baseLetter is the first rune of the canonical decomposition (Unicode NFD).
func baseLetter(r rune) string {
	decomposed := norm.NFD.String(string(r))
	base, _ := utf8.DecodeRuneInString(decomposed)
	return string(base)
}

// Fold gives a text in the form in which lexicons are matched.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r < utf8.RuneSelf {
			b.WriteRune(unicode.ToLower(r))
			continue
		}
		b.WriteString(foldRune(r))
	}
	return b.String()
}
