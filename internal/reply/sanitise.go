package reply

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
)

// clean makes a string that Postgres stores and a terminal shows: valid UTF-8,
// no NUL, no control characters but tab and newline, no invisible runes that
// hide words from rules, no spaces that are not a space.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case dropped(r):
			return -1
		case otherSpace(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func isClean(s string) bool {
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size <= 1 {
				return false
			}
		}
		if r != '\n' && r != '\t' && (dropped(r) || otherSpace(r)) {
			return false
		}
		i += size
	}
	return true
}

// dropped tells which runes never reach a Message: C0 and C1 controls, soft
// hyphens, zero-width marks and byte order marks. Zero-width joiners stay: emoji and
// several scripts need them.
func dropped(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7F && r < 0xA0:
		return true
	case r == 0x00AD, r == 0x200B, r == 0x200E, r == 0x200F, r == 0x2060, r == 0xFEFF:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// otherSpace tells which runes become a plain space: no-break and typographic
// spaces, which patterns would not see as space.
func otherSpace(r rune) bool {
	return r == 0x00A0 || r >= 0x2000 && r <= 0x200A || r == 0x202F || r == 0x205F || r == 0x3000
}

// toUTF8 decodes bytes of a declared charset. Bytes that are valid UTF-8 are
// taken as such unless another charset was named; else Windows-1252 is the
// guess, which is right for most Western mail that lies about itself.
func toUTF8(b []byte, label string) string {
	if label != "" {
		if e, name := charset.Lookup(label); e != nil && name != "utf-8" && name != "replacement" {
			if decoded, err := e.NewDecoder().Bytes(b); err == nil {
				return string(decoded)
			}
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	if hasMultibyte(b) {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(decoded)
}

// hasMultibyte tells whether b holds a sequence that only UTF-8 writes: then
// it is UTF-8 with a few broken bytes.
func hasMultibyte(b []byte) bool {
	for len(b) > 0 {
		i := bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf })
		if i < 0 {
			return false
		}
		b = b[i:]
		r, size := utf8.DecodeRune(b)
		if r != utf8.RuneError {
			return true
		}
		b = b[size:]
	}
	return false
}
