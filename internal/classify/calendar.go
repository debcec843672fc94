package classify

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed data/calendar.txt
var calendarFile string

// calendar knows the words of days in many languages.
type calendar struct {
	words map[string][]calendarWord
	stems []calendarWord // words that are matched by their beginning
}

// calendarWord is one meaning of a word.
type calendarWord struct {
	word     string
	kind     string // month, weekday, number ...: data/calendar.txt
	value    int
	language string // "all", "nordic" or ISO 639-1
}

func readCalendar(file string) (calendar, error) {
	cal := calendar{words: map[string][]calendarWord{}}
	for number, line := range strings.Split(file, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		head, words, found := strings.Cut(line, ":")
		fields := strings.Fields(head)
		if !found || len(fields) != 3 {
			return cal, fmt.Errorf("calendar.txt:%d: no \"kind value language: words\"", number+1)
		}
		entry := calendarWord{kind: fields[0], value: calendarValue(fields[1]), language: fields[2]}
		for _, word := range strings.Fields(words) {
			stem, prefix := strings.CutSuffix(word, "*")
			entry.word = fold(stem)
			if prefix {
				cal.stems = append(cal.stems, entry)
				continue
			}
			cal.words[entry.word] = append(cal.words[entry.word], entry)
		}
	}
	return cal, nil
}

// The values of "part".
const (
	partFirst = iota + 1
	partMiddle
	partLast
)

func calendarValue(s string) int {
	switch s {
	case "first":
		return partFirst
	case "middle":
		return partMiddle
	case "last":
		return partLast
	}
	n, _ := strconv.Atoi(s)
	return n
}

// is gives the value of a word of a kind in a language; 0 is "it is none".
func (cal calendar) is(kind, word, language string) (int, bool) {
	for _, entry := range cal.words[word] {
		if entry.kind == kind && speaks(entry.language, language) && !foreignShort(entry, language) {
			return entry.value, true
		}
	}
	if len(word) < 6 || kind != "month" && kind != "weekday" {
		return 0, false
	}
	for _, entry := range cal.stems {
		if entry.kind == kind && speaks(entry.language, language) && strings.HasPrefix(word, entry.word) {
			return entry.value, true
		}
	}
	return 0, false
}

// foreignShort bars English abbreviations from other languages, where they are
// other words: "mon retour", "sat", "dec".
func foreignShort(entry calendarWord, language string) bool {
	return entry.language == "en" && len(entry.word) <= 3 && language != "en" && language != ""
}

// speaks tells whether a table's language is that of the text. English counts
// everywhere, and everything in a text whose language is not known.
func speaks(table, language string) bool {
	switch table {
	case "all", "en", language:
		return true
	case "nordic":
		return language == "sv" || language == "da" || language == "no" || language == ""
	case "cs":
		return language == "" || language == "sk"
	}
	return language == ""
}
