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

// newAddress finds the words by which a machine says that an address has moved: the
// one it gives, be it the sender's own, is where to write.
var newAddress = regexp.MustCompile(`(?i)\b(?:address book|renamed|(?:new|neue|nouvelle|nueva|nuova|nieuwe|novo|nya|nye|nowy) (?:e-?mail[ -]?)?(?:address|adresse|mailadresse|direcci[oó]n|indirizzo|adres|endere[cç]o|adress))\b`)

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
func (c *Classifier) contact(r reading, res Result) (*outreach.Contact, []Span) {
	least := c.leastName(r, res)
	if least == nobody {
		return nil, nil
	}
	addresses := foreignAddresses(r)
	phones := phoneNumbers(r)
	best := c.bestName(r, addresses, phones, res.Label, least)
	if best == nil || c.noPerson(r, *best, addresses, phones) {
		if moved, at := movedTo(r, addresses); moved != nil {
			return moved, at
		}
		best = c.soleName(r, res.Label)
	}
	if best == nil && (least > leastName && !c.leansToHandOn(res) && !(res.Label == outreach.LabelAutoReply && newAddress.MatchString(r.text.raw)) || res.Label == outreach.LabelMeeting && len(r.in.Cc) == 0 && !mentionsCopy(r)) {
		return nil, nil // an address alone is not somebody's, a number the sender's own
	}
	found := outreach.Contact{}
	var spans []Span
	if best != nil {
		found.Name = best.text
		spans = append(spans, r.span(FieldContactName, best.start, best.start+len(best.text)))
		if at := titleOf(r, *best); at != nil {
			found.Title = r.text.raw[at[0]:at[1]]
			spans = append(spans, r.span(FieldContactTitle, at[0], at[1]))
		}
	}
	if at := nearestTo(r.text.raw, addresses, best); at != nil {
		found.Email = r.text.raw[at[0]:at[1]]
		spans = append(spans, r.span(FieldContactEmail, at[0], at[1]))
	}
	if at := nearestTo(r.text.raw, phones, best); at != nil && (best != nil || res.Label != outreach.LabelMeeting) {
		found.Phone = r.text.raw[at[0]:at[1]]
		spans = append(spans, r.span(FieldContactPhone, at[0], at[1]))
	}
	if copied := copiedContact(r, found.Name); copied != nil && found.Email == "" {
		found.Email = copied.Email
		if strings.TrimSpace(copied.Name) != "" {
			found.Name = copied.Name
		}
	}
	unreachable := found.Email == "" && found.Phone == ""
	if unreachable && (least == leastBeside || res.Label == outreach.LabelAutoReply) {
		return nil, nil
	}
	if found.Empty() || res.Label == outreach.LabelOutOfOffice && best != nil && best.score < sureName && unreachable {
		return nil, nil // "Semana Santa", "cycling to Samarkand"
	}
	return &found, spans
}

// How sure a name must be. Where the label hands on to somebody, a little is
// enough; elsewhere the words must say it clearly.
const (
	leastName    = 3
	leastAside   = 5 // the label is another one, yet the model half thinks of handing on
	leastMeeting = 6 // somebody who will be at the table
	leastBeside  = 8 // a colleague with an address, whatever the label
	nobody       = 99
)

// leastName tells from which score a name is the person meant.
func (c *Classifier) leastName(r reading, res Result) int {
	switch res.Label {
	case outreach.LabelAuthority, outreach.LabelOutOfOffice, outreach.LabelLeftCompany:
		return leastName
	case outreach.LabelMeeting:
		if len(r.in.Cc) > 0 || len(foreignAddresses(r)) > 0 || mentionsCopy(r) {
			return leastName
		}
		return leastMeeting
	case outreach.LabelUnsubscribe:
		return nobody
	case outreach.LabelAutoReply:
		return leastAside
	}
	switch {
	case mentionsCopy(r) && res.Label != outreach.LabelUnclear:
		return leastName
	case c.leansToHandOn(res):
		return leastAside
	}
	return leastBeside
}

// handOn is the probability from which a reply of another label is read as one
// that may hand on to somebody.
const handOn = 0.08

func (c *Classifier) leansToHandOn(res Result) bool {
	p := res.Scores[outreach.LabelAuthority] + res.Scores[outreach.LabelLeftCompany]
	if res.Label == outreach.LabelAutoReply {
		p += res.Scores[outreach.LabelOutOfOffice]
	}
	return p >= handOn
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
		if address := r.text.raw[span[0]:span[1]]; !strings.EqualFold(address, r.in.From.Email) && !retired(r.text.raw[span[1]:]) {
			spans = append(spans, span)
		}
	}
	return spans
}

// retired tells an address of which the words behind it say that it is read no
// more: "anna@acme.example ist nicht länger bei uns beschäftigt".
func retired(behind string) bool {
	end := strings.IndexAny(behind, "!?\n")
	if end < 0 {
		end = len(behind)
	}
	if stop := strings.Index(behind[:end], ". "); stop >= 0 {
		end = stop
	}
	return goneWords.MatchString(behind[:min(end, 60)])
}

var goneWords = regexp.MustCompile(`^[ \])>]*\S{0,12} ?(?:(?:is|are|was) no longer|(?:was|has been|is) (?:closed|deactivated|disabled)|wurde (?:geschlossen|deaktiviert)|has left|left the|nicht (?:mehr|länger)|ist nicht (?:mehr|länger)|n['’]est plus|ya no|non (?:è|lavora) più|is niet (?:meer|langer)|já não|nie jest już|već ne)\b`)

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

// nearestTo gives the span that stands closest behind a name, else the first,
// without the punctuation around it; nil when there is none.
func nearestTo(raw string, spans [][]int, name *nameFound) []int {
	if len(spans) == 0 {
		return nil
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
	from, to := pick[0], pick[1]
	if words := raw[from:to]; strings.HasPrefix(words, "(") && !strings.Contains(words, ")") {
		from++
	}
	return []int{from, from + len(strings.TrimRight(raw[from:to], " .,-"))}
}

// bestName scores the capitalised runs of the text. Where a reply is sure to hand
// on, a full name needs less around it.
func (c *Classifier) bestName(r reading, addresses, phones [][]int, label outreach.Label, least int) *nameFound {
	handsOn := label == outreach.LabelAuthority || label == outreach.LabelLeftCompany
	var best *nameFound
	for _, n := range nameRuns(r.text) {
		n.score = c.nameScore(r, n, addresses, phones)
		if handsOn && n.to-n.from >= 2 && unknown(r.text, n) {
			n.score++
		}
		if n.score >= least && (least <= leastName || personal(r.text, n)) && (best == nil || n.score > best.score) {
			best = &n
		}
	}
	if best == nil && handsOn {
		return smallName(r.text)
	}
	return best
}

// smallName finds a given name typed without its capital beside a cue: "try
// tunde, ops", "priya does".
func smallName(t text) *nameFound {
	for at, token := range t.tokens {
		if token.upper || !token.given && (token.ordinary || at == 0 || !titles(t.tokens[at-1].text)) {
			continue
		}
		cued := at > 0 && (introduces(t.tokens[at-1].text) || titles(t.tokens[at-1].text)) || at+1 < len(t.tokens) && actsFor(t.tokens[at+1].text)
		if cued {
			return &nameFound{text: t.raw[token.start:token.end], start: token.start, end: token.end, from: at, to: at + 1, score: leastName}
		}
	}
	return nil
}

// noPerson tells the names found that are nobody to turn to: German nouns, and the
// reader, who is spoken to in the middle of a sentence: "with respect, Mr. Dunn, ...".
func (c *Classifier) noPerson(r reading, n nameFound, addresses, phones [][]int) bool {
	t := r.text
	for _, span := range addresses {
		if n.start >= span[0] && n.end <= span[1] {
			return true // "carol" of carol.ledger@acme.example
		}
	}
	if len(addresses)+len(phones) > 0 || t.tokens[n.from].given || behindTitle(t, n) {
		return false
	}
	named := n.from > 0 && titles(t.tokens[n.from-1].text)
	if r.language == "de" && !named && c.germanNoun(t, n) {
		return true
	}
	if !named || n.from < 2 || !strings.HasSuffix(strings.TrimRight(t.raw[:t.tokens[n.from-1].start], " "), ",") || n.end >= len(t.raw) {
		return false
	}
	return t.raw[n.end] == ',' || t.raw[n.end] == '.' || t.raw[n.end] == '!'
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
		for end-at > 1 && (honorific(t.tokens[at].text) || person(t.tokens[at].text) || leadsIn(t, at)) {
			at++
		}
		for end-at > 1 && honorific(t.tokens[end-1].text) && !t.tokens[end-1].given {
			end-- // "Serkan Bey"
		}
		if end-at <= 5 {
			start, stop := t.tokens[at].start, t.tokens[end-1].end
			runs = append(runs, nameFound{text: withoutPossessive(t.raw[start:stop]), start: start, end: stop, from: at, to: end})
		}
		at = end
	}
	return runs
}

// leadsIn tells a word that only its place in the sentence or the language makes a
// capital one: "Bij Corné", "Bauleiter Torben Reich".
func leadsIn(t text, at int) bool {
	token, next := t.tokens[at], t.tokens[at+1]
	return !token.given && next.given && (token.ordinary && opens(t, at) || isTitle(token.text))
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
