package classify

import (
	"strings"

	"drumbeat/internal/outreach"
)

// contractEnd is the day up to which a contract binds the sender: "under contract
// until 31 March 2027". Only a day with an "until" in the sentence that speaks of
// the contract counts; a month or year gives its first day.
func (d *dayReader) contractEnd(days []spokenDay, label outreach.Label) *spokenDay {
	if !label.Objection() && !label.Positive() {
		return nil
	}
	for i, s := range days {
		if s.role == RoleUntil && d.speaksOfContract(d.text.tokens[s.start].sentence) {
			return &days[i]
		}
	}
	return nil
}

func (d *dayReader) speaksOfContract(sentence int) bool {
	for _, token := range d.text.tokens {
		if token.sentence == sentence && contractWord(token.text) {
			return true
		}
	}
	return false
}

func contractWord(word string) bool {
	for _, stem := range []string{"contract", "agreement", "vertrag", "vertrage", "contrat", "contrato", "contratto", "avtal", "aftale", "avtale",
		"umow", "smlouv", "sozlesme", "sopimu", "lease", "licence", "license", "tied", "locked", "subscription", "abonnement"} {
		if strings.HasPrefix(word, stem) || len(stem) > 6 && strings.HasSuffix(word, stem) {
			return true
		}
	}
	return false
}

// legal tells whether an opt-out cites a law, an authority or a lawyer.
func (c *Classifier) legal(r reading, label outreach.Label) bool {
	if label != outreach.LabelUnsubscribe {
		return false
	}
	for _, h := range r.hits {
		if c.lexicon.concepts[h.concept].name == "unsubscribe.legal" && !h.negated {
			return true
		}
	}
	return false
}
