package classify

import (
	"strings"

	"drumbeat/internal/outreach"
)

// nameScore tells how likely a run is the person meant.
func (c *Classifier) nameScore(r reading, n nameFound, addresses, phones [][]int) int {
	t := r.text
	if vocative(r, n) || place(t, n) || deedOfAnother(t, n) || firmLike(t, n) || ownFirm(r, n) || institution(t, n) {
		return -5
	}
	score := 0
	if n.to-n.from >= 2 {
		score++
	}
	switch {
	case t.tokens[n.from].given:
		score += 2
	case unknown(t, n):
		score++
	default:
		score -= 3 // "Facilities Manager", "Audit Committee"
	}
	if titled(r, n) {
		score += 3
	}
	if n.start >= 2 && t.raw[n.start-2:n.start] == ": " {
		score++ // "Deal matters: Rory Cheng"
	}
	if behindTitle(t, n) {
		score += 3
	}
	score += addressed(t, n, addresses) + reachable(t, n, addresses, phones) + cuesAround(t, n)
	if len(addresses) == 0 && ownName(r, n) {
		score -= 4
	}
	return score
}

// addressed weighs the addresses that are made of a name.
func addressed(t text, n nameFound, addresses [][]int) int {
	score := 0
	for _, span := range addresses {
		local, _, _ := strings.Cut(fold(t.raw[span[0]:span[1]]), "@")
		for at := n.from; at < n.to; at++ {
			if word := t.tokens[at].text; len(word) >= 3 && strings.Contains(local, word) {
				score += 3
				break
			}
		}
	}
	return score
}

// reachable weighs an address and a number that stand right behind a name.
func reachable(t text, n nameFound, addresses, phones [][]int) int {
	score := 0
	for _, spans := range [][][]int{addresses, phones} {
		for _, span := range spans {
			if gap := span[0] - n.end; gap >= 0 && gap < 40 && !strings.ContainsAny(telPattern.ReplaceAllString(t.raw[n.end:span[0]], ""), "!?\n") && !strings.Contains(t.raw[n.end:span[0]], ". ") {
				score += 2
				break
			}
		}
	}
	return score
}

// ownName tells the sender's own name. A surname in the family is another's:
// "my cousin Bruno Cattaneo", "Mr Hart senior".
func ownName(r reading, n nameFound) bool {
	own, words := " "+fold(r.in.From.Name)+" ", 0
	if n.from > 0 && honorific(r.text.tokens[n.from-1].text) {
		return strings.Contains(own, " "+r.text.tokens[n.from-1].text+" "+r.text.tokens[n.to-1].text+" ")
	}
	if local, _, _ := strings.Cut(r.in.From.Email, "@"); r.in.From.Name == "" {
		own = " " + fold(strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(local)) + " "
	}
	for at := n.from; at < n.to; at++ {
		if word := r.text.tokens[at].text; len(word) > 2 && strings.Contains(own, " "+word+" ") {
			words++
		}
	}
	return words > 0 && (words == n.to-n.from || strings.Contains(own, " "+r.text.tokens[n.from].text+" "))
}

// vocative tells who is spoken to: "Hola Lic. Vidal,", "Emre Bey, ...".
func vocative(r reading, n nameFound) bool {
	t := r.text
	if titled(r, n) {
		return false
	}
	if greets(t.tokens[n.from].text) || honorific(t.tokens[n.from].text) && n.from == 0 && n.end < len(t.raw) && t.raw[n.end] == ',' {
		return true
	}
	for at := range n.from {
		if word := t.tokens[at].text; !greets(word) && !honorific(word) && !salutes(word) {
			return false
		}
	}
	if n.end >= len(t.raw) || n.from == 0 && n.to-n.from == 1 && !honorific(t.tokens[n.to-1].text) && t.raw[n.end] == ',' && !strings.HasPrefix(t.raw[n.end:], ",\n") {
		return false // "Karen, not me", "Connor, one for you"
	}
	return t.raw[n.end] == ',' && (n.from > 0 || strings.HasPrefix(t.raw[n.end:], ",\n") || honorific(t.tokens[n.to-1].text)) || t.raw[n.end] == ':' && n.from <= 1 || n.from > 0 && joined(t, n.from-1) && greets(t.tokens[n.from-1].text)
}

// salutes: words of greetings that are ordinary elsewhere.
func salutes(word string) bool {
	switch word {
	case "buen", "buenos", "buenas", "dia", "dias", "tardes", "bom", "boa", "tarde", "guten", "tag", "gott", "goedemorgen", "goedemiddag", "good", "day", "god", "dzien", "to", "all", "liebes":
		return true
	}
	return false
}

// place tells a town, a country or a firm called after one.
func place(t text, n nameFound) bool {
	for at := n.from; at < n.to; at++ {
		if !t.tokens[at].place {
			return false
		}
	}
	return true
}

// personal tells a run that is surely somebody: a given name, an honorific, or a
// job beside it.
func personal(t text, n nameFound) bool {
	return t.tokens[n.from].given || n.from > 0 && titles(t.tokens[n.from-1].text) || behindTitle(t, n) || n.to-n.from >= 2 && n.score >= leastMeeting
}

// behindTitle tells a name set behind a job: "our chief of staff, Amara", "mi
// socia, Lucía Prado".
func behindTitle(t text, n nameFound) bool {
	if n.start < 2 || t.raw[n.start-2:n.start] != ", " && !(n.from > 0 && titles(t.tokens[n.from-1].text)) {
		return false
	}
	for back := 1; back <= 5 && n.from-back >= 0 && t.tokens[n.from-back].sentence == t.tokens[n.from].sentence; back++ {
		if word := t.tokens[n.from-back].text; isTitle(word) || kin(word) {
			return true
		}
	}
	return false
}

// kin: partners and relatives who decide in small firms.
func kin(word string) bool {
	switch word {
	case "socia", "socio", "associe", "associee", "compagnon", "partnerin", "colleague", "kollegin", "kollege", "colega", "collega", "collegue", "kollega",
		"wife", "husband", "brother", "sister", "father", "mother", "son", "daughter", "hermano", "hermana", "fratello", "sorella", "bruder", "schwester", "frere", "soeur", "pai", "padre", "pere":
		return true
	}
	return false
}

// titles: honorifics that are no other word.
func titles(word string) bool {
	switch word {
	case "mr", "mrs", "ms", "dr", "prof", "herr", "herrn", "frau", "mme", "monsieur", "madame", "mevrouw", "heer", "sr", "sra", "senor", "senora", "signor", "signora", "dott", "pan", "pani", "lt", "capt", "sgt", "shri", "ing", "lic":
		return true
	}
	return false
}

// firmLike tells a brand from a person by its capital inside the word; Scots and
// Irish names have one too.
func firmLike(t text, n nameFound) bool {
	return camelCase(t, n) && !strings.HasPrefix(n.text, "Mc") && !strings.HasPrefix(n.text, "Mac") && !strings.HasPrefix(n.text, "De") && !strings.HasPrefix(n.text, "O'")
}

// institution tells a body, a feast or a thing by a word in its name.
func institution(t text, n nameFound) bool {
	for at := n.from; at < n.to; at++ {
		switch t.tokens[at].text {
		case "committee", "board", "group", "commons", "department", "dept", "office", "team", "desk", "clinic", "hospital", "school", "university", "college", "bank", "council", "act",
			"year", "day", "weekend", "series", "fax", "gmbh", "ltd", "inc", "llc", "bv", "oy", "center", "centre", "commission", "association", "agency", "agentur", "abteilung", "services",
			"solutions", "systems", "software", "engineering", "content", "portal", "church", "holdings", "trust", "foundation", "freedom", "payments", "himmelfahrt", "ostern", "weihnachten",
			"pfingsten", "karneval", "fasching", "santa", "navidad", "noel", "natale", "ferragosto", "linkedin", "google", "slack", "calendly", "intranet", "hotline", "support", "helpdesk", "zentrale", "rezeption",
			"comune", "stadt", "gemeinde", "mairie", "ayuntamiento", "vorstand", "stiftung", "verein", "ostertag", "reception", "registry", "treasury", "estates":
			return true
		}
	}
	return false
}

// ownFirm tells a run that the domain of the sender is made of: "Castle Bail" of
// castlebail.example.
func ownFirm(r reading, n nameFound) bool {
	if n.to-n.from < 2 {
		return false
	}
	var joined strings.Builder
	for at := n.from; at < n.to; at++ {
		joined.WriteString(r.text.tokens[at].text)
	}
	host, _, _ := strings.Cut(outreach.Domain(r.in.From.Email), ".")
	return strings.ReplaceAll(host, "-", "") == joined.String()
}

// deedOfAnother: "Dr. Amara does not review proposals" names who will not.
func deedOfAnother(t text, n nameFound) bool {
	if n.to+1 >= len(t.tokens) {
		return false
	}
	switch t.tokens[n.to].text {
	case "doesnt", "isnt", "cant", "wont":
		return true
	case "does", "is", "can", "will":
		return t.tokens[n.to+1].text == "not"
	}
	return false
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
		case back == 1 && locates(word):
			score -= 3
		case back == 1 && honorific(word):
			score += 3
		case introduces(word):
			score += 2
		}
	}
	if leaves(t, n) || partedFrom(t, n) || aKind(t, n) {
		return -5
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

// partedFrom tells a firm that the sender has left: "I finished up with Hartigan
// Plant", "superannuated from Bharat Cargo".
func partedFrom(t text, n nameFound) bool {
	if n.from < 2 || t.tokens[n.from-1].text != "with" && t.tokens[n.from-1].text != "from" {
		return false
	}
	for back := 2; back <= 3 && n.from-back >= 0; back++ {
		switch t.tokens[n.from-back].text {
		case "finished", "superannuated", "retired", "resigned", "parted", "worked", "ways", "departed", "redundant":
			return true
		}
	}
	return false
}

// aKind tells a word with an article before it: "the Greek owner", "a Finn".
func aKind(t text, n nameFound) bool {
	if n.from == 0 || n.to-n.from > 1 || t.tokens[n.from].given || t.tokens[n.from-1].sentence != t.tokens[n.from].sentence {
		return false
	}
	switch t.tokens[n.from-1].text {
	case "the", "a", "an", "some", "those", "these":
		return true
	}
	return false
}

// locates: words behind which a place stands, or a firm that somebody left.
func locates(word string) bool {
	switch word {
	case "in", "at", "nach", "aus", "since", "w", "ve", "left", "near", "gdzies", "kolo", "naar", "chez":
		return true
	}
	return false
}

// leaves tells whether the sentence says that the person named is away for good:
// "Kollege Pieper hat uns leider schon vor einiger Zeit verlassen".
func leaves(t text, n nameFound) bool {
	for ahead := 0; ahead < 9 && n.to+ahead < len(t.tokens); ahead++ {
		token := t.tokens[n.to+ahead]
		if token.sentence != t.tokens[n.to-1].sentence || ahead > 3 && token.given {
			return false
		}
		if token.text == "piu" && n.to+ahead > 0 && ahead < 4 && (t.tokens[n.to].text == "non") {
			return true
		}
		if gone(token.text) && (ahead < 4 || goneAtTheEnd(token.text)) || token.text == "nicht" && n.to+ahead+1 < len(t.tokens) && t.tokens[n.to+ahead+1].text == "mehr" {
			return true
		}
	}
	return false
}

// goneAtTheEnd: words for leaving that close a long clause.
func goneAtTheEnd(word string) bool {
	switch word {
	case "verlassen", "ausgeschieden", "verstorben", "gestorben", "nepracuje", "pracuje", "pracownikiem", "trabaja", "lavora", "transferred", "resigned", "retired", "gegaan", "overleden":
		return true
	}
	return false
}
