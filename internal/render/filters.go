package render

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/osteele/liquid"
)

// maxValue bounds what one filter may put out, in bytes: without loops it is the
// only way in which a template could grow without end.
const maxValue = 64 << 10

var errValueTooLong = errors.New("value is longer than 64 KiB")

// filterNames lists the filters that a template may use. None of them reads
// files, the clock or the environment.
func filterNames() []string {
	return []string{
		"append", "capitalize", "default", "downcase", "first", "last", "prepend", "remove", "replace", "size", "slice",
		"split", "strip", "truncate", "truncatewords", "upcase",
	}
}

// newEngine is the Liquid engine with our filters in the place of its own: they
// count runes, not bytes, and have bounds. Tags are checked before it sees them.
func newEngine() *liquid.Engine {
	engine := liquid.NewEngine()
	engine.RegisterFilter("append", func(s, suffix string) (string, error) { return bounded(s + suffix) })
	engine.RegisterFilter("prepend", func(s, prefix string) (string, error) { return bounded(prefix + s) })
	engine.RegisterFilter("replace", replaceAll)
	engine.RegisterFilter("remove", func(s, old string) (string, error) { return replaceAll(s, old, "") })
	engine.RegisterFilter("default", defaultTo)
	engine.RegisterFilter("capitalize", capitalise)
	engine.RegisterFilter("downcase", strings.ToLower)
	engine.RegisterFilter("upcase", strings.ToUpper)
	engine.RegisterFilter("strip", strings.TrimSpace)
	engine.RegisterFilter("size", utf8.RuneCountInString)
	engine.RegisterFilter("split", func(s, sep string) []string { return strings.Split(s, sep) })
	engine.RegisterFilter("first", func(list []string) string { return element(list, 0) })
	engine.RegisterFilter("last", func(list []string) string { return element(list, len(list)-1) })
	engine.RegisterFilter("slice", slice)
	engine.RegisterFilter("truncate", truncate)
	engine.RegisterFilter("truncatewords", truncateWords)
	engine.RegisterFilter(emitFilter, emit)
	return engine
}

func bounded(s string) (string, error) {
	if len(s) > maxValue {
		return "", errValueTooLong
	}
	return s, nil
}

func replaceAll(s, old, new string) (string, error) {
	if old == "" {
		return s, nil
	}
	if len(s)+strings.Count(s, old)*len(new) > maxValue {
		return "", errValueTooLong
	}
	return strings.ReplaceAll(s, old, new), nil
}

// defaultTo treats a field of mere white space as missing.
func defaultTo(value, otherwise any) any {
	if value == nil || value == false || cleanValue(plainText(value)) == "" {
		return otherwise
	}
	return value
}

func capitalise(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

func element(list []string, i int) string {
	if i < 0 || i >= len(list) {
		return ""
	}
	return list[i]
}

// slice gives length runes from start; a negative start counts from the end.
func slice(s string, start int, length func(int) int) string {
	runes := []rune(s)
	if start < 0 {
		start += len(runes)
	}
	if start < 0 || start >= len(runes) {
		return ""
	}
	end := start + min(max(length(1), 0), len(runes)-start)
	return string(runes[start:end])
}

// truncate cuts to length runes (50), the ellipsis included.
func truncate(s string, length func(int) int, ellipsis func(string) string) string {
	runes, dots := []rune(s), ellipsis("...")
	n := length(50)
	if len(runes) <= n {
		return s
	}
	return string(runes[:max(n-utf8.RuneCountInString(dots), 0)]) + dots
}

// truncateWords cuts to a number of words (15).
func truncateWords(s string, length func(int) int, ellipsis func(string) string) string {
	words := strings.Fields(s)
	n := max(length(15), 0)
	if len(words) <= n {
		return s
	}
	return strings.Join(words[:n], " ") + ellipsis("...")
}

// plainText is a value as text; a list is joined by commas.
func plainText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, ", ")
	}
	return fmt.Sprint(value)
}

// cleanValue makes a value fit to stand in a sentence: one line, single spaces,
// no control characters, nothing invisible that turns text around or hides.
func cleanValue(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Co, r), r == utf8.RuneError, hidden(r):
			return -1
		}
		return r
	}, s)
	if strings.Trim(s, "\u200c\u200d \u3164\u115f\u1160\u2800\u00ad") == "" { // joiners and fillers alone show nothing
		return ""
	}
	return strings.Join(strings.Fields(s), " ")
}

// hidden tells of the zero-width and direction characters; the joiners (U+200C,
// U+200D) stay, since Persian, Indic scripts and emoji need them.
func hidden(r rune) bool {
	return slices.Contains([]rune{0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF}, r) ||
		0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069
}
