package icp

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"drumbeat/internal/zone"
)

// test is what a criterion asks of a field's value. Exactly one part is set.
type test struct {
	is       []string // the value is one of these; case does not matter, countries are known by code and name
	contains []string // the value holds one of these as a word or several
	between  *span    // the value is a number, or a range of numbers, that touches the span
}

func (t test) ask(field, value string) Answer {
	if value == "" {
		return Unknown
	}
	switch {
	case t.between != nil:
		found, ok := parseNumbers(value)
		if !ok {
			return Unknown
		}
		return answer(found.low <= t.between.high && t.between.low <= found.high)
	case len(t.contains) > 0:
		words := wordsOf(value)
		return answer(slices.ContainsFunc(t.contains, func(wanted string) bool { return strings.Contains(words, wordsOf(wanted)) }))
	default:
		key := keyOf(field, value)
		return answer(slices.ContainsFunc(t.is, func(wanted string) bool { return keyOf(field, wanted) == key }))
	}
}

func answer(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// keyOf is what two equal values have in common.
func keyOf(field, value string) string {
	if code, ok := zone.Country(value); ok && field == "country" {
		return code
	}
	return strings.ToLower(strings.TrimSpace(value))
}

var betweenWords = regexp.MustCompile(`[^\pL\pN+#]+`)

// wordsOf is a text as words with a space before and behind each, so that "vp" is
// found in "VP, Sales" and not in "MVP".
func wordsOf(text string) string {
	return " " + strings.Trim(betweenWords.ReplaceAllString(strings.ToLower(text), " "), " ") + " "
}

// span is a range of numbers, both ends included.
type span struct{ low, high int }

const unbounded = 1 << 40

var (
	spanPattern    = regexp.MustCompile(`^\s*(\d{1,9})\s*(?:-\s*(\d{1,9})|(\+))\s*$`)
	numbersPattern = regexp.MustCompile(`^\D{0,12}(\d[\d.,']*)\s*(?:(?:-|–|to)\s*(\d[\d.,']*)|(\+))?`)
)

// parseSpan reads "20-500" and "1000+".
func parseSpan(text string) (span, error) {
	match := spanPattern.FindStringSubmatch(text)
	if match == nil {
		return span{}, fmt.Errorf("%q is not a range of numbers", text)
	}
	low, _ := strconv.Atoi(match[1])
	if match[3] != "" {
		return span{low, unbounded}, nil
	}
	high, _ := strconv.Atoi(match[2])
	if high < low {
		return span{}, fmt.Errorf("%q begins with the larger number", text)
	}
	return span{low, high}, nil
}

// parseNumbers reads what lists say about numbers: "120", "51-200", "1,200",
// "10.001+", "about 50 people".
func parseNumbers(text string) (span, bool) {
	match := numbersPattern.FindStringSubmatch(text)
	if match == nil {
		return span{}, false
	}
	low, ok := number(match[1])
	high := low
	switch {
	case match[3] != "":
		high = unbounded
	case match[2] != "":
		var read bool
		high, read = number(match[2])
		ok = ok && read && high >= low
	}
	return span{low, high}, ok
}

func number(text string) (int, bool) {
	n, err := strconv.Atoi(strings.NewReplacer(",", "", ".", "", "'", "").Replace(text))
	return n, err == nil && n < unbounded
}
