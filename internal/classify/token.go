package classify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a number or an emoji of a text, folded.
type token struct {
	text       string // folded
	start, end int    // bytes in the original
	sentence   int    // a phrase of a lexicon never crosses sentences
	upper      bool   // begins with a capital
	ordinary   bool   // a word of a language, no name: markOrdinary tells
	given      bool   // somebody's first name
	place      bool   // a town, a country, or what is called after one
}

// text is a tokenised text.
type text struct {
	raw       string
	tokens    []token
	sentences int
	questions []bool // by sentence: it ends with a question mark
}

// tokenise splits a text into words. An apostrophe joins an English
// contraction ("don't" is "dont") and splits an elision ("l'offre" is "l",
// "offre"); every CJK rune is a word.
func tokenise(raw string) text {
	t := text{raw: raw, questions: []bool{false}}
	var word strings.Builder
	start, upper := -1, false
	flush := func(end int) {
		if start >= 0 {
			t.tokens = append(t.tokens, token{text: word.String(), start: start, end: end, sentence: t.sentences, upper: upper})
			word.Reset()
			start = -1
		}
	}
	runes := []rune(raw)
	at := 0
	for i, r := range runes {
		size := utf8.RuneLen(r)
		if size < 0 {
			size = 1
		}
		switch {
		case isWordRune(r):
			if start < 0 {
				start, upper = at, unicode.IsUpper(r)
			}
			word.WriteString(foldRune(r))
		case isApostrophe(r) && start >= 0 && contraction(runes, i):
			// "don't": the letters run together
		case unicode.Is(unicode.Mn, r) || r == 0xFE0F || r == 0x200D:
			// joins what stands before it
		case isIdeograph(r) || isSymbol(r):
			flush(at)
			t.tokens = append(t.tokens, token{text: string(r), start: at, end: at + size, sentence: t.sentences})
		default:
			flush(at)
			t.punctuation(runes, i)
		}
		at += size
	}
	flush(len(raw))
	t.sentences++
	return t
}

// punctuation ends the sentence where rune i says so.
func (t *text) punctuation(runes []rune, i int) {
	r := runes[i]
	if r == '?' || r == '？' || r == ';' && i+1 < len(runes) && t.greek() {
		t.questions[t.sentences] = true
	}
	if r == '.' && len(t.tokens) > 0 && abbreviates(t.tokens[len(t.tokens)-1].text) {
		return
	}
	if !endsSentence(runes, i) || len(t.tokens) == 0 || t.tokens[len(t.tokens)-1].sentence != t.sentences {
		return
	}
	t.sentences++
	t.questions = append(t.questions, false)
}

// greek tells whether the last word is Greek, where ";" asks.
func (t *text) greek() bool {
	if len(t.tokens) == 0 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(t.tokens[len(t.tokens)-1].text)
	return unicode.Is(unicode.Greek, r)
}

// endsSentence: a full stop between or behind digits, or behind a single
// letter, does not end a sentence ("28.04.", "z.B.", "e.g.").
func endsSentence(runes []rune, i int) bool {
	switch runes[i] {
	case '!', '?', ';', '。', '？', '！', '…':
		return true
	case '\n':
		return i+1 < len(runes) && (runes[i+1] == '\n' || runes[i+1] == '\r')
	case '.':
		if i == 0 || i+1 < len(runes) && !unicode.IsSpace(runes[i+1]) {
			return false
		}
		if unicode.IsDigit(runes[i-1]) {
			return i+2 >= len(runes) || unicode.IsUpper(runes[min(i+2, len(runes)-1)])
		}
		return i < 2 || isWordRune(runes[i-2])
	}
	return false
}

// contraction tells whether the apostrophe at i joins: the letters behind it
// are a short English ending.
func contraction(runes []rune, i int) bool {
	j := i + 1
	for j < len(runes) && unicode.IsLetter(runes[j]) && j-i <= 3 {
		j++
	}
	switch strings.ToLower(string(runes[i+1 : j])) {
	case "t", "s", "re", "ve", "ll", "m", "d", "am", "em":
		return true
	}
	return false
}

func isWordRune(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !isIdeograph(r)
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == '`' || r == '´' || r == '‘' }

// isIdeograph: scripts that are written without spaces.
func isIdeograph(r rune) bool {
	return unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hiragana, r) || unicode.Is(unicode.Katakana, r)
}

// isSymbol: signs that mean something on their own (€, 👍).
func isSymbol(r rune) bool {
	return unicode.Is(unicode.Sc, r) || unicode.Is(unicode.So, r) || r == '%'
}

// abbreviates: words whose full stop ends no sentence.
func abbreviates(word string) bool {
	switch word {
	case "mr", "mrs", "ms", "dr", "prof", "st", "sr", "sra", "dott", "ing", "eng", "nr", "tel", "approx", "bzw", "ca", "hr", "fr", "dhr", "inz", "mgr", "lic", "arq", "sig", "lt", "capt", "sgt":
		return true
	}
	return false
}
