package classify

import (
	"regexp"
	"strings"
)

// moneyPattern finds a sum: a number with a currency before or behind it, "20k"
// and "1,5 Mio." included.
var moneyPattern = regexp.MustCompile(`(?i)(?:[€$£]|\b(?:eur|usd|gbp|chf|pln|sek|dkk|nok)\b)\s?[0-9][0-9.,' ]*(?:\s?(?:k|m|mio\.?|million)\b)?|\b[0-9][0-9.,' ]*(?:\s?(?:k|mio\.?|million))?\s?(?:[€$£]|(?:eur|euros?|usd|dollars?|gbp|pounds?|quid|chf|franken|zl|zlotych|kr|kronor|kroner)\b)|\b[0-9]{1,4}\s?k\b`)

// budget gives the sum that the sender has or had set aside, in his own words.
// Only a sum in a sentence that speaks of a budget counts: the others are prices.
func (c *Classifier) budget(r reading) (string, []Span) {
	for at, token := range r.text.tokens {
		if !speaksOfBudget(r.text, at) {
			continue
		}
		from, to := sentenceSpan(r.text, token.sentence)
		if span := moneyPattern.FindStringIndex(r.text.raw[from:to]); span != nil {
			sum := strings.TrimRight(r.text.raw[from+span[0]:from+span[1]], " .,")
			return sum, []Span{r.span(FieldBudget, from+span[0], from+span[0]+len(sum))}
		}
	}
	return "", nil
}

// sentenceSpan gives the bytes of a sentence, from its first word to its last.
func sentenceSpan(t text, sentence int) (from, to int) {
	from = -1
	for _, token := range t.tokens {
		if token.sentence != sentence {
			continue
		}
		if from < 0 {
			from = token.start
			if from > 0 && strings.HasSuffix(t.raw[:from], "£") {
				from -= len("£")
			}
		}
		to = token.end
	}
	return from, to
}

func speaksOfBudget(t text, at int) bool {
	word := t.tokens[at].text
	switch word {
	case "budget", "budgets", "budgeted", "allocated", "earmarked", "jahresbudget", "enveloppe", "presupuesto", "begroting", "orcamento", "budzet", "budzecie", "budzetu", "rozpocet":
		return true
	case "aside":
		return at > 0 && strings.HasPrefix(t.tokens[at-1].text, "set") || at > 1 && strings.HasPrefix(t.tokens[at-2].text, "set")
	case "spend":
		return at > 1 && (t.tokens[at-1].text == "to" || t.tokens[at-1].text == "can")
	}
	return strings.HasSuffix(word, "budget")
}
