package render

import (
	"errors"
	"fmt"
	"maps"
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

var errBlankArgument = errors.New("a filter's argument is blank")

// arity is how many arguments a filter takes.
type arity struct{ least, most int }

// filterArities lists the filters that a template may use. None of them reads
// files, the clock or the environment.
func filterArities() map[string]arity {
	return map[string]arity{
		"append": {1, 1}, "capitalize": {0, 0}, "default": {1, 1}, "downcase": {0, 0}, "first": {0, 0}, "last": {0, 0},
		"prepend": {1, 1}, "remove": {1, 1}, "replace": {2, 2}, "size": {0, 0}, "slice": {1, 2}, "split": {1, 1},
		"strip": {0, 0}, "truncate": {0, 2}, "truncatewords": {0, 2}, "upcase": {0, 0},
	}
}

func filterNames() []string { return slices.Sorted(maps.Keys(filterArities())) }

// newEngine is the Liquid engine with our filters in the place of its own: they
// count runes, not bytes, have bounds, and let nothing blank through. Tags are
// checked before it sees them.
func newEngine() *liquid.Engine {
	engine := liquid.NewEngine()
	register := func(name string, f func(s string, args []any) any) { engine.RegisterFilter(name, onText(f)) }
	register("append", func(s string, args []any) any { return s + plainText(args[0]) })
	register("prepend", func(s string, args []any) any { return plainText(args[0]) + s })
	register("remove", func(s string, args []any) any { return replaceAll(s, plainText(args[0]), "") })
	register("replace", func(s string, args []any) any { return replaceAll(s, plainText(args[0]), plainText(args[1])) })
	register("capitalize", func(s string, _ []any) any { return capitalise(s) })
	register("downcase", func(s string, _ []any) any { return strings.ToLower(s) })
	register("upcase", func(s string, _ []any) any { return strings.ToUpper(s) })
	register("strip", func(s string, _ []any) any { return strings.TrimSpace(s) })
	register("size", func(s string, _ []any) any { return utf8.RuneCountInString(s) })
	register("split", func(s string, args []any) any { return strings.Split(s, plainText(args[0])) })
	register("slice", func(s string, args []any) any { return slice(s, integer(args, 0, 0), integer(args, 1, 1)) })
	register("truncate", func(s string, args []any) any { return truncate(s, integer(args, 0, 50), ellipsis(args)) })
	register("truncatewords", func(s string, args []any) any { return truncateWords(s, integer(args, 0, 15), ellipsis(args)) })
	engine.RegisterFilter("first", func(list any) any { return element(list, func(int) int { return 0 }) })
	engine.RegisterFilter("last", func(list any) any { return element(list, func(n int) int { return n - 1 }) })
	engine.RegisterFilter("default", defaultTo)
	engine.RegisterFilter(emitFilter, emit)
	return engine
}

// onText keeps what is blank blank: "Hi {{ first_name | append: '!' }}" must not
// become "Hi !". An argument that is blank is an error for the same reason.
func onText(f func(s string, args []any) any) func(value any, args ...any) (any, error) {
	return func(value any, args ...any) (any, error) {
		if blank(value) {
			return nil, nil
		}
		if slices.Contains(args, nil) {
			return nil, errBlankArgument
		}
		result := f(plainText(value), args)
		if s, ok := result.(string); ok && len(s) > maxValue {
			return nil, errValueTooLong
		}
		return result, nil
	}
}

func blank(value any) bool { return value == nil || cleanValue(plainText(value)) == "" }

// integer is an argument that is a number, else the fallback.
func integer(args []any, i, fallback int) int {
	if i >= len(args) {
		return fallback
	}
	if n, ok := args[i].(int); ok {
		return n
	}
	return fallback
}

func ellipsis(args []any) string {
	if len(args) < 2 {
		return "..."
	}
	return plainText(args[1])
}

// replaceAll gives up growing where onText reports it.
func replaceAll(s, old, new string) string {
	if old == "" {
		return s
	}
	if growth := strings.Count(s, old) * len(new); growth > maxValue {
		return strings.Repeat(".", maxValue+1)
	}
	return strings.ReplaceAll(s, old, new)
}

// defaultTo treats a field of mere white space as missing.
func defaultTo(value, otherwise any) any {
	if value == false || blank(value) {
		return otherwise
	}
	return value
}

func capitalise(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// element is one of the list that split made, nil when there is none.
func element(list any, index func(n int) int) any {
	texts, _ := list.([]string)
	if len(texts) == 0 {
		return nil
	}
	return texts[index(len(texts))]
}

// slice gives length runes from start; a negative start counts from the end.
func slice(s string, start, length int) string {
	runes := []rune(s)
	if start < 0 {
		start += len(runes)
	}
	if start < 0 || start >= len(runes) {
		return ""
	}
	return string(runes[start : start+min(max(length, 0), len(runes)-start)])
}

// truncate cuts to n runes, the ellipsis included.
func truncate(s string, n int, ellipsis string) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:max(n-utf8.RuneCountInString(ellipsis), 0)]) + ellipsis
}

// truncateWords cuts to n words.
func truncateWords(s string, n int, ellipsis string) string {
	words := strings.Fields(s)
	if n = max(n, 0); len(words) <= n {
		return s
	}
	return strings.Join(words[:n], " ") + ellipsis
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
