package classify

import (
	_ "embed"
	"sort"
	"strings"
	"unicode"
)

//go:embed data/stopwords.txt
var stopwordFile string

// languages tells in which language a text is written: by its script, its
// letters and its common words.
type languages struct {
	words map[string][]string // languages by common word, accents kept
	names []string
}

func readLanguages(file string, cal calendar) languages {
	l := languages{words: map[string][]string{}}
	for _, line := range strings.Split(file, "\n") {
		name, words, found := strings.Cut(line, ":")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		l.names = append(l.names, name)
		seen := map[string]bool{}
		for _, word := range strings.Fields(words) {
			if !seen[word] {
				l.words[word] = append(l.words[word], name)
				seen[word] = true
			}
		}
	}
	for word, entries := range cal.words {
		for _, entry := range entries {
			if len(word) > 3 && (entry.kind == "month" || entry.kind == "weekday") && entry.language != "nordic" {
				l.words[word] = append(l.words[word], entry.language)
			}
		}
	}
	return l
}

// letters that few languages use, with those languages.
var tellingLetters = map[rune][]string{
	'ß': {"de"}, 'ñ': {"es"}, '¿': {"es"}, '¡': {"es"}, 'ã': {"pt"}, 'õ': {"pt"}, 'ç': {"fr", "pt", "tr"},
	'è': {"fr", "it"}, 'ê': {"fr", "pt"}, 'œ': {"fr"}, 'à': {"fr", "it", "pt"}, 'ù': {"fr", "it"}, 'ò': {"it"}, 'ì': {"it"},
	'ł': {"pl"}, 'ż': {"pl"}, 'ź': {"pl"}, 'ś': {"pl"}, 'ć': {"pl", "hr"}, 'ą': {"pl"}, 'ę': {"pl"}, 'ń': {"pl"},
	'ř': {"cs"}, 'ě': {"cs"}, 'ů': {"cs"}, 'č': {"cs", "sk", "hr"}, 'š': {"cs", "sk", "hr"}, 'ž': {"cs", "sk", "hr"},
	'ľ': {"sk"}, 'ĺ': {"sk"}, 'ŕ': {"sk"}, 'đ': {"hr"}, 'ý': {"cs", "sk"},
	'ă': {"ro"}, 'ș': {"ro"}, 'ț': {"ro"}, 'ţ': {"ro"}, 'ş': {"tr", "ro"}, 'ğ': {"tr"}, 'ı': {"tr"},
	'ø': {"da", "no"}, 'æ': {"da", "no"}, 'å': {"sv", "da", "no"}, 'ä': {"sv", "de", "fi"}, 'ö': {"sv", "de", "fi", "tr"}, 'ü': {"de", "tr"},
	'ő': {"hu"}, 'ű': {"hu"}, 'і': {"uk"}, 'ї': {"uk"}, 'є': {"uk"}, 'ы': {"ru"}, 'э': {"ru"}, 'ъ': {"bg"},
}

// common are the languages that most replies have: of equals they are likelier.
var common = []string{"en", "de", "fr", "es", "it", "nl", "pt", "pl"}

// detect gives the language of a text; hint decides between languages that
// explain it alike, and alone when the text tells nothing.
func (l languages) detect(s, hint string) string {
	if script := scriptLanguage(s); script != "" {
		return script
	}
	score := map[string]float64{}
	count := 0
	for _, word := range strings.FieldsFunc(strings.ToLower(s), notInWord) {
		if count++; count > 400 {
			break
		}
		names := l.words[strings.Trim(word, "'’")]
		for _, name := range names {
			score[name] += 1 / (0.5 + 0.5*float64(len(names)))
		}
	}
	seen := 0
	for _, r := range s {
		if seen++; seen > 3000 {
			break
		}
		for _, name := range tellingLetters[unicode.ToLower(r)] {
			score[name] += 0.6 / float64(len(tellingLetters[unicode.ToLower(r)]))
		}
	}
	if hint != "" {
		score[hint] += 0.4
	}
	for _, name := range common {
		if score[name] > 0 {
			score[name] += 0.05
		}
	}
	return best(score)
}

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && r != '\'' && r != '’'
}

// best gives the language of the highest score, the first by name of equals.
func best(score map[string]float64) string {
	names := make([]string, 0, len(score))
	for name := range score {
		names = append(names, name)
	}
	sort.Strings(names)
	found, top := "", 0.3
	for _, name := range names {
		if score[name] > top {
			found, top = name, score[name]
		}
	}
	return found
}

// scriptLanguage tells the languages that have a script of their own.
func scriptLanguage(s string) string {
	var greek, kana, han, hangul, arabic, hebrew, letters int
	for _, r := range s {
		switch {
		case !unicode.IsLetter(r):
			continue
		case unicode.Is(unicode.Greek, r):
			greek++
		case unicode.Is(unicode.Hiragana, r), unicode.Is(unicode.Katakana, r):
			kana++
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.Is(unicode.Hangul, r):
			hangul++
		case unicode.Is(unicode.Arabic, r):
			arabic++
		case unicode.Is(unicode.Hebrew, r):
			hebrew++
		}
		if letters++; letters > 2000 {
			break
		}
	}
	half := letters / 3
	switch {
	case letters == 0:
		return ""
	case kana > 0 && kana+han > half:
		return "ja"
	case han > half:
		return "zh"
	case hangul > half:
		return "ko"
	case greek > half:
		return "el"
	case arabic > half:
		return "ar"
	case hebrew > half:
		return "he"
	}
	return ""
}
