package classify

import (
	"strings"

	"drumbeat/internal/outreach"
)

// vendorView is what the label lets one expect of a vendor.
type vendorView struct {
	label    outreach.Label
	beside   bool // the label is not the status quo
	compared bool // it is one where people weigh vendors
	named    bool // the words speak of a status quo all the same
}

// least is the weight from which a name is a vendor's.
func (v vendorView) least() int {
	switch {
	case v.compared:
		return 4
	case v.beside:
		return 5
	}
	return 2
}

// surelyVendor is the least weight of a name that the words bind the sender to.
const surelyVendor = 6

// vendorWeight tells how likely a run is the vendor; 0 is not at all.
func (c *Classifier) vendorWeight(r reading, run nameFound, v vendorView) int {
	t := r.text
	authority := v.label == outreach.LabelAuthority
	if ownHouse(t.tokens[run.to-1].text) || vocative(r, run) || everydayTool(t, run) || noVendor(t, run) || authority && institution(t, run) && !firmWord(t.tokens[run.to-1].text) {
		return 0
	}
	ways, brand := c.said(r, run), c.brandLength(t.tokens[run.from].text) > 0
	known := brand || unknown(t, run)
	bound := ways&saidWith != 0 && (known || !v.beside)
	serves := ways&saidServed != 0 && known && (brand || !abbreviation(run))
	noun := r.language == "de" && !brand && c.germanNoun(t, run)
	switch {
	case ways&(saidWith|saidTold) == 0 && inPlace(r, run):
		return 0 // "gutta i Drøbak ordner det"
	case ways&saidNot != 0 && (!bound || v.beside), noun && (!bound || v.beside):
		return 0
	case authority && !madeUp(t, run) && !bound && (t.tokens[run.from].ordinary || institution(t, run)) && (serves || servedBy(t, run)) && !contractedWith(t, run) && (!firmWord(t.tokens[run.to-1].text) || run.from > 0 && t.tokens[run.from-1].text == "to"):
		return 0 // "it moved to Property Services": a department
	case !t.tokens[run.from].upper && !brand && !madeUp(t, run):
		return smallWeight(t, run, ways, v)
	case bound || serves:
		return max(vendorScore(t, run), writtenLike(t, run)+surelyVendor)
	}
	has := ways&saidHave != 0 && known && !shouted(run)
	if has && (v.compared || v.label == outreach.LabelBrushOff || v.label == outreach.LabelUnclear) {
		return max(v.least(), vendorScore(t, run))
	}
	if !contracted(t, run) && !(has && !v.beside) {
		if run.to-run.from == 1 && !madeUp(t, run) && !brand && ways == 0 && !usedBy(t, run) && c.common(r, run) {
			return 0 // "mit Zettel und Bleistift", "on a Heidelberg press"
		}
		if (r.language == "pl" || r.language == "cs") && run.from > 0 && ofPlace(t.tokens[run.from-1].text) {
			return 0 // "z Rzeszowa"
		}
		if r.language == "de" && (v.beside || !known) && !madeUp(t, run) {
			return 0 // a noun
		}
		if v.beside && !v.named && !madeUp(t, run) && !usedBy(t, run) && !(v.compared && known) {
			return 0
		}
	}
	if brand && v.beside && v.label.Objection() {
		return v.least() // who declines and names a product has it
	}
	return vendorScore(t, run) + c.toldWeight(r, run, ways, v)
}

// common tells a single word that is a thing by where it stands: any noun of a German
// sentence, an English one behind "a".
func (c *Classifier) common(r reading, run nameFound) bool {
	switch r.language {
	case "de":
		return !opens(r.text, run.from) || len(r.text.tokens) > shortAnswer
	case "en":
		return run.from > 0 && (r.text.tokens[run.from-1].text == "a" || r.text.tokens[run.from-1].text == "an")
	}
	return false
}

// abbreviation tells capitals that are too short for a firm: "the AGM", "our MD".
func abbreviation(run nameFound) bool { return shouted(run) && run.end-run.start <= 4 }

// madeUp tells a word that only a brand is written like: with a capital or a digit
// inside it.
func madeUp(t text, run nameFound) bool {
	if camelCase(t, run) {
		return true
	}
	word := strings.TrimRight(run.text, "0123456789")
	return run.to-run.from == 1 && len(word) < len(run.text) && len(word) >= 4 && strings.Trim(fold(word), "abcdefghijklmnopqrstuvwxyz") == ""
}

// everydayTool tells what everybody has on the desk; it is the vendor only as the whole
// answer: "Excel. Since 1998."
func everydayTool(t text, run nameFound) bool {
	if run.to-run.from > 1 || opens(t, run.from) {
		return false
	}
	switch t.tokens[run.from].text {
	case "excel", "word", "access", "powerpoint", "outlook", "teams", "zoom", "skype", "pdf", "gmail", "windows", "android", "iphone", "ipad":
		return true
	}
	return false
}

// inPlace tells a Nordic "in", behind which a town stands where no verb makes it a tool.
func inPlace(r reading, run nameFound) bool {
	nordic := r.language == "da" || r.language == "no" || r.language == "sv"
	return nordic && run.from > 0 && r.text.tokens[run.from-1].text == "i" && !madeUp(r.text, run)
}

// ofPlace: Slavic prepositions that stand before towns as well as vendors; only a verb
// tells which.
func ofPlace(word string) bool {
	switch word {
	case "z", "ze", "w", "we", "v", "ve", "do", "od", "pod":
		return true
	}
	return false
}

// toldWeight adds what speaks for a vendor only where the status quo is the label.
func (c *Classifier) toldWeight(r reading, run nameFound, ways vendorWay, v vendorView) int {
	t := r.text
	if v.beside {
		if ways&saidTold != 0 && madeUp(t, run) {
			return 2
		}
		return 0
	}
	if _, no := vendorBefore(t, run); no {
		return 0
	}
	if c.brandLength(t.tokens[run.from].text) > 0 {
		return 3
	}
	if run.from > 0 && run.to-run.from == 1 && !madeUp(t, run) && articled(t.tokens[run.from-1].text) {
		return 0 // "the Mission isn't dissatisfied"
	}
	opening := opens(t, run.from) && run.to-run.from == 1 && !madeUp(t, run)
	switch {
	case ways&(saidTold|saidHave) != 0 && unknown(t, run) && !(r.language == "en" && inflected(t.tokens[run.from].text)) && !shouted(run):
		return 3
	case opening && r.language != "en" && ways == 0 && !sinceBehind(t, run) && len(t.tokens) > shortAnswer:
		return -2 // verbs and adjectives open sentences: "Zejdźcie do 400", "Inutile"
	case opening && r.language == "en" && inflected(t.tokens[run.from].text):
		return -2
	}
	return 0
}

// smallWeight weighs a name typed without its capital, in a reply that is typed so as
// a whole or directly behind a cue: "we use ledgerlark", "already got backblaze".
func smallWeight(t text, run nameFound, ways vendorWay, v vendorView) int {
	if v.beside {
		return 0
	}
	if ways&(saidWith|saidServed) != 0 && !t.tokens[0].upper && (run.from == 0 || !articled(t.tokens[run.from-1].text)) {
		return surelyVendor
	}
	at := run.from - 1
	if at < 0 || t.tokens[at].sentence != t.tokens[run.from].sentence || strings.TrimSpace(t.raw[t.tokens[at].end:run.start]) != "" || vendorCue(t, at) < 2 {
		return 0
	}
	return 2
}

// articled: words behind which a thing stands, no name in small letters.
func articled(word string) bool {
	switch word {
	case "a", "an", "the", "our", "my", "his", "her", "their", "some", "any", "this", "that", "two", "to":
		return true
	}
	return false
}
