package classify

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"drumbeat/internal/outreach"
)

var (
	addressPattern = regexp.MustCompile(`[\pL\pN][\pL\pN._%+\-]*@[\pL\pN][\pL\pN.\-]*\.[\pL]{2,}`)
	phonePattern   = regexp.MustCompile(`\+?\(?[0-9][0-9 ()./\-\x{2009}\x{00a0}]{5,20}[0-9]`)
)

// telPattern finds the abbreviations that may stand between a name and a number.
var telPattern = regexp.MustCompile(`(?i)\b(tel|tlf|ph|nr|mob|ext)\.`)

// sureName is the score from which a capitalised run of a notice of absence is a
// person though no address or number stands beside it.
const sureName = 4

// nameFound is a run of capitalised words that may be a person.
type nameFound struct {
	text       string
	start, end int // bytes
	from, to   int // tokens, to exclusive
	score      int
}

// contact finds the person whom a reply names: the one to talk to, the
// delegate, the successor. The first one counts.
func (c *Classifier) contact(r reading, label outreach.Label) *outreach.Contact {
	if !c.namesSomebody(r, label) {
		return nil
	}
	addresses := foreignAddresses(r)
	phones := phoneNumbers(r)
	found := outreach.Contact{}
	best := c.bestName(r, addresses, phones, label == outreach.LabelAuthority || label == outreach.LabelLeftCompany)
	if best != nil {
		found.Name = best.text
		found.Title = titleOf(r, *best)
	}
	found.Email = nearestTo(r.text.raw, addresses, best)
	found.Phone = nearestTo(r.text.raw, phones, best)
	if copied := copiedContact(r, found.Name); copied != nil && found.Email == "" {
		found.Email = copied.Email
		if strings.TrimSpace(copied.Name) != "" {
			found.Name = copied.Name
		}
	}
	if found.Empty() || label == outreach.LabelOutOfOffice && best != nil && best.score < sureName && found.Email == "" && found.Phone == "" {
		return nil // "Semana Santa", "cycling to Samarkand"
	}
	return &found
}

// namesSomebody tells whether a reply of this label hands on to a person.
func (c *Classifier) namesSomebody(r reading, label outreach.Label) bool {
	switch label {
	case outreach.LabelAuthority, outreach.LabelOutOfOffice, outreach.LabelLeftCompany:
		return true
	case outreach.LabelMeeting:
		return len(r.in.Cc) > 0 || len(foreignAddresses(r)) > 0 || mentionsCopy(r)
	case outreach.LabelAutoReply, outreach.LabelUnsubscribe, outreach.LabelUnclear:
		return false
	}
	return mentionsCopy(r)
}

// mentionsCopy tells whether the text says that somebody is in Cc.
func mentionsCopy(r reading) bool {
	for _, token := range r.text.tokens {
		switch token.text {
		case "dw", "cc", "ccd", "cced", "copied", "copying", "kopie", "copie", "copia", "looping", "looped", "kopia":
			return true
		}
	}
	return false
}

// foreignAddresses gives the spans of addresses that are not the sender's own.
func foreignAddresses(r reading) [][]int {
	var spans [][]int
	for _, span := range addressPattern.FindAllStringIndex(r.text.raw, 20) {
		if address := r.text.raw[span[0]:span[1]]; !strings.EqualFold(address, r.in.From.Email) {
			spans = append(spans, span)
		}
	}
	return spans
}

// phoneNumbers gives the spans of phone numbers: seven digits or more, or
// with a word for telephone, and no dates.
func phoneNumbers(r reading) [][]int {
	var spans [][]int
	for _, span := range phonePattern.FindAllStringIndex(r.text.raw, 20) {
		number := r.text.raw[span[0]:span[1]]
		digits := 0
		for _, char := range number {
			if char >= '0' && char <= '9' {
				digits++
			}
		}
		if digits >= 7 && digits <= 15 && !looksLikeDate(number) {
			spans = append(spans, span)
		}
	}
	return spans
}

var datePattern = regexp.MustCompile(`^[0-9]{1,4}[./\-]\s?[0-9]{1,2}[./\-]\s?[0-9]{2,4}|[0-9]{1,2}\.[0-9]{1,2}\.?\s?[\-–]|(19|20)[0-9]{2}[\s\-–]+(19|20)?[0-9]{2}`)

func looksLikeDate(s string) bool { return datePattern.MatchString(s) }

// nearestTo gives the span that stands closest behind a name, else the first.
func nearestTo(raw string, spans [][]int, name *nameFound) string {
	if len(spans) == 0 {
		return ""
	}
	pick := spans[0]
	if name != nil {
		for _, span := range spans {
			if span[0] >= name.end {
				pick = span
				break
			}
		}
	}
	return strings.TrimRight(raw[pick[0]:pick[1]], " .,-")
}

// bestName scores the capitalised runs of the text. Where a reply is sure to hand
// on, a full name needs less around it.
func (c *Classifier) bestName(r reading, addresses, phones [][]int, handsOn bool) *nameFound {
	var best *nameFound
	for _, n := range nameRuns(r.text) {
		n.score = c.nameScore(r, n, addresses, phones)
		if handsOn && n.to-n.from >= 2 && unknown(r.text, n) {
			n.score++
		}
		if n.score >= 3 && (best == nil || n.score > best.score) {
			best = &n
		}
	}
	return best
}

// nameRuns gives the runs of capitalised words, with the particles inside them.
func nameRuns(t text) []nameFound {
	var runs []nameFound
	for at := 0; at < len(t.tokens); {
		if !nameToken(t, at) {
			at++
			continue
		}
		end := at + 1
		for end < len(t.tokens) && joined(t, end-1) {
			switch {
			case nameToken(t, end):
				end++
				continue
			case particle(t.tokens[end].text) && end+1 < len(t.tokens) && joined(t, end) && nameToken(t, end+1):
				end += 2
				continue
			case particle(t.tokens[end].text) && end+2 < len(t.tokens) && particle(t.tokens[end+1].text) && joined(t, end+1) && nameToken(t, end+2):
				end += 3
				continue
			}
			break
		}
		for end-at > 1 && (honorific(t.tokens[at].text) || person(t.tokens[at].text)) {
			at++
		}
		if end-at <= 5 {
			start, stop := t.tokens[at].start, t.tokens[end-1].end
			runs = append(runs, nameFound{text: withoutPossessive(t.raw[start:stop]), start: start, end: stop, from: at, to: end})
		}
		at = end
	}
	return runs
}

// joined tells whether only a space, an initial's full stop or a hyphen stands
// behind a token.
func joined(t text, at int) bool {
	if at+1 >= len(t.tokens) {
		return false
	}
	switch t.raw[t.tokens[at].end:t.tokens[at+1].start] {
	case " ", "-", "'", "’":
		return true
	case ". ", ".":
		return utf8.RuneCountInString(t.tokens[at].text) <= 2
	}
	return false
}

func nameToken(t text, at int) bool {
	token := t.tokens[at]
	if !token.upper || notAName(token.text) {
		return false
	}
	word := t.raw[token.start:token.end]
	if len(word) > 1 && strings.ToUpper(word) == word {
		return false // "GC", or shouting
	}
	if strings.ContainsAny(word, "'’") && len([]rune(token.text)) <= 4 {
		return false // "I'm", "We'd"
	}
	end := token.end
	return end >= len(t.raw) || t.raw[end] != '@' && !strings.ContainsFunc(word, unicode.IsDigit)
}

func particle(word string) bool {
	switch word {
	case "van", "de", "der", "den", "von", "zu", "da", "dos", "del", "la", "le", "di", "el", "al", "bin", "ten", "ter", "af", "och", "dello", "della":
		return true
	}
	return false
}

// nameScore tells how likely a run is the person meant.
func (c *Classifier) nameScore(r reading, n nameFound, addresses, phones [][]int) int {
	score := 0
	t := r.text
	if n.to-n.from >= 2 {
		score++
	}
	if unknown(t, n) {
		score++
	} else {
		score -= 3 // "Facilities Manager", "Audit Committee"
	}
	if titled(r, n) {
		score += 3
	}
	for _, span := range addresses {
		local, _, _ := strings.Cut(fold(t.raw[span[0]:span[1]]), "@")
		for at := n.from; at < n.to; at++ {
			if word := t.tokens[at].text; len(word) >= 3 && strings.Contains(local, word) {
				score += 3
				break
			}
		}
	}
	for _, spans := range [][][]int{addresses, phones} {
		for _, span := range spans {
			if gap := span[0] - n.end; gap >= 0 && gap < 40 && !strings.ContainsAny(telPattern.ReplaceAllString(t.raw[n.end:span[0]], ""), ".!?\n") {
				score += 2
				break
			}
		}
	}
	score += cuesAround(t, n)
	own := fold(r.in.From.Name)
	for at := n.from; at < n.to; at++ {
		if word := t.tokens[at].text; len(word) > 2 && strings.Contains(" "+own+" ", " "+word+" ") && len(addresses) == 0 {
			score -= 4
			break
		}
	}
	return score
}

// titled tells whether a job stands behind a name: "Ana Ruiz, our head of IT".
func titled(r reading, n nameFound) bool {
	behind := r.text.raw[n.end:]
	if !strings.HasPrefix(behind, ", ") {
		return false
	}
	words := strings.Fields(behind[2:])
	return isTitle(strings.Join(words[:min(len(words), 5)], " "))
}

// cuesAround weighs the words before and behind a name.
func cuesAround(t text, n nameFound) int {
	if greets(t.tokens[n.from].text) {
		return -5 // "Dag Sofie"
	}
	score := 0
	for back := 1; back <= 4 && n.from-back >= 0 && t.tokens[n.from-back].sentence == t.tokens[n.from].sentence; back++ {
		word := t.tokens[n.from-back].text
		switch {
		case greets(word) && (back == 1 || back <= 3 && honorific(t.tokens[n.from-1].text)):
			return -5
		case back == 1 && (word == "in" || word == "at" || word == "nach" || word == "aus" || word == "since" || word == "w" || word == "left"):
			score -= 3
		case back == 1 && honorific(word):
			score += 3
		case introduces(word):
			score += 2
		}
	}
	for ahead := 0; ahead < 4 && n.to+ahead < len(t.tokens); ahead++ {
		if gone(t.tokens[n.to+ahead].text) {
			return -5
		}
	}
	for ahead := 0; ahead < 3 && n.to+ahead < len(t.tokens); ahead++ {
		if actsFor(t.tokens[n.to+ahead].text) {
			score += 2
			break
		}
	}
	first := n.from == 0 || t.tokens[n.from-1].sentence != t.tokens[n.from].sentence
	if first && n.to-n.from == 1 {
		score--
	}
	return score
}
