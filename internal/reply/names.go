package reply

import (
	"strings"
	"unicode"

	"drumbeat/internal/outreach"
	"drumbeat/internal/pattern"
)

// answerWord is an answer of one word, which an initial in the sender's
// address ("s.miller") must not turn into a signature.
var answerWord = pattern.New(`^(?:stop|stopp|unsubscribe|remove|delete|no|nope|yes|yep|yeah|ok|okay|sure|never|maybe|later|interested|pass|nein|ja|gerne|non|oui|sí|si|no|não|sim|nie|tak|nee|nej|ne|да|нет|stopper|baja|cancel)$`)

// nameMatcher knows the words of a sender's name and address.
type nameMatcher struct {
	words    []string
	initials string
}

func newNameMatcher(sender outreach.Address) nameMatcher {
	local, _, _ := strings.Cut(sender.Email, "@")
	n := nameMatcher{words: nameWords(sender.Name + " " + local)}
	own := nameWords(sender.Name)
	if len(own) == 0 {
		own = nameWords(local)
	}
	for _, word := range own {
		n.initials += prefixRunes(word, 1)
	}
	return n
}

// nameWords splits a name into lower-case words of letters.
func nameWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
}

// signs tells whether a line is the sender's name: perhaps short, with
// initials, with a title or a post behind it, all words written as names are.
func (n nameMatcher) signs(line string) bool {
	known, words := n.count(line)
	return known > 0 && (words == 1 || known > 1 || capitalised(line))
}

// signsFully tells whether a line names the sender so completely that whatever
// stands below is the signature: first and last name, or one with an initial.
func (n nameMatcher) signsFully(line string) bool {
	known, words := n.count(line)
	return known >= 2 && words <= 5 && capitalised(line)
}

// names tells whether a few words are nothing but the sender's name.
func (n nameMatcher) names(s string) bool {
	known, words := n.count(s)
	return known > 0 && words <= 3 && !strings.ContainsAny(s, "|,(") && capitalised(s)
}

// count counts how many words of a line's first part belong to the sender, and
// how many there are; a line with a sentence's punctuation has none.
func (n nameMatcher) count(line string) (known, words int) {
	if !short(line) || strings.ContainsAny(line, "?!:;@") && !strings.HasSuffix(line, ":)") {
		return 0, 0
	}
	head := line
	if i := strings.IndexAny(line, "|,(/·•"); i > 0 {
		head = line[:i]
	}
	list := nameWords(head)
	if len(list) == 0 || len(list) > 6 {
		return 0, 0
	}
	if len(list) == 1 && n.initials != "" && len(list[0]) > 1 && list[0] == n.initials {
		return 1, 1
	}
	for _, word := range list {
		if n.knows(word) && !answerWord.MatchString(word) {
			known++
		}
	}
	return known, len(list)
}

// knows tells whether a word is part of the name, a short form of one, an
// initial, or stands in the address.
func (n nameMatcher) knows(word string) bool {
	length := runeLen(word)
	for _, own := range n.words {
		switch {
		case word == own, fold(word) == fold(own):
			return true
		case length == 1 && strings.HasPrefix(own, word), runeLen(own) == 1 && strings.HasPrefix(word, own) && length > 2:
			return true
		case length >= 2 && strings.HasPrefix(own, word), runeLen(own) >= 3 && strings.HasPrefix(word, own):
			return true
		case length >= 4 && strings.HasSuffix(own, word):
			return true
		}
	}
	return false
}

// fold drops the marks that people leave out of their addresses.
func fold(s string) string {
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "á", "a", "í", "i", "ó", "o", "ú", "u", "ø", "o", "å", "a", "ñ", "n", "ç", "c", "š", "s", "č", "c", "ž", "z", "ł", "l").Replace(s)
}

// capitalised tells whether the words of a name are written as names are:
// no word of three letters or more is in lower case, but for what precedes
// surnames ("van", "dos").
func capitalised(line string) bool {
	if i := strings.IndexAny(line, "|,("); i > 0 {
		line = line[:i]
	}
	lower, words := 0, 0
	for word := range strings.FieldsSeq(line) {
		words++
		first := []rune(word)[0]
		if unicode.IsLower(first) && len(word) > 1 {
			lower++
		}
	}
	return lower == 0 || words > 2 && lower == 1 || words == 1
}

func prefixRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
