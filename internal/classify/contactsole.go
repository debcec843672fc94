package classify

import (
	"strings"
	"sync"

	"drumbeat/internal/outreach"
)

// soleName finds the person whom a reply names without a sentence around it: "Terrence
// Odom, SVP Engineering", "Ask: Jane Roe (Procurement)". With a job beside it the name
// is enough; without one, the mail must have asked who.
func (c *Classifier) soleName(r reading, label outreach.Label) *nameFound {
	t := r.text
	asked := sync.OnceValue(func() bool { return asksWho(r) })
	for _, n := range nameRuns(t) {
		if n.to-n.from < 2 || n.to-n.from > 4 || !soleBefore(t, n.from) || ownName(r, n) || place(t, n) || ownFirm(r, n) || vocative(r, n) || firmLike(t, n) {
			continue
		}
		title := titleBehind(t.raw, n)
		if title == nil && (label == outreach.LabelStatusQuo || !asked() || !soleBehind(t, n)) {
			continue
		}
		if !t.tokens[n.from].given && !unknown(t, n) || institution(t, n) || isTitle(n.text) {
			continue
		}
		if title != nil && !endsThere(t, title[1]) && !asked() {
			continue
		}
		return &n
	}
	return nil
}

// soleBefore tells whether nothing stands before a name in its line but a word such as
// "Ask:", a greeting or an honorific.
func soleBefore(t text, at int) bool {
	for at--; at >= 0 && !strings.ContainsAny(t.raw[t.tokens[at].end:t.tokens[at+1].start], "\n!?.") || at >= 0 && titles(t.tokens[at].text); at-- {
		if word := t.tokens[at].text; !introduces(word) && !greets(word) && !titles(word) && word != "thats" && word != "please" {
			return false
		}
	}
	return true
}

// soleBehind tells whether a sentence ends with the name, or only an address or number
// follows.
func soleBehind(t text, n nameFound) bool { return endsThere(t, n.end) }

// addressReach is how many bytes behind a name an address is looked for.
const addressReach = 80

// endsThere tells whether a sentence ends at a byte, an address or number aside.
func endsThere(t text, at int) bool {
	rest := strings.TrimLeft(t.raw[at:min(at+addressReach, len(t.raw))], " ,)-–:")
	if rest == "" || strings.ContainsAny(rest[:1], ".!?;\n") {
		return true
	}
	for _, pattern := range [2]interface{ FindStringIndex(string) []int }{addressPattern, phonePattern} {
		if span := pattern.FindStringIndex(rest); span != nil && span[0] <= 8 {
			return true
		}
	}
	return false
}

// asksWho tells whether the quoted mail or the subject asks for the person in charge.
func asksWho(r reading) bool {
	asked := tokenise(r.in.Quoted)
	for i, token := range asked.tokens {
		if !asked.questions[token.sentence] {
			continue
		}
		switch token.text {
		case "who", "whom", "whos", "wer", "wen", "wem", "qui", "quien", "chi", "wie", "quem", "vem", "hvem", "kto", "kim", "kuka", "cine", "ki", "ansprechpartner", "interlocuteur", "referente", "contactpersoon":
			return true
		case "right", "best", "correct":
			if i+1 < len(asked.tokens) && (asked.tokens[i+1].text == "person" || asked.tokens[i+1].text == "contact" || asked.tokens[i+1].text == "one") {
				return true
			}
		}
	}
	for _, token := range r.subject.tokens {
		if token.text == "who" || token.text == "wer" || token.text == "ansprechpartner" {
			return true
		}
	}
	return false
}
