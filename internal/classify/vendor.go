package classify

import (
	"strings"
	"unicode"

	"drumbeat/internal/outreach"
)

// vendor finds the name of the vendor a sender uses: "we use Acme", "happy with
// Acme", "nous travaillons avec Acme", "Acme does that for us". It is looked for
// where the status quo is the label or stands clearly beside another one.
func (c *Classifier) vendor(r reading, res Result) (string, []Span) {
	if r.automatic() || res.Label == outreach.LabelLeftCompany || res.Label == outreach.LabelOutOfOffice {
		return "", nil
	}
	view := vendorView{label: res.Label, beside: res.Label != outreach.LabelStatusQuo}
	view.compared = res.Label == outreach.LabelPrice || res.Label == outreach.LabelInterested
	view.named = c.vote(r)[outreach.LabelStatusQuo] >= 4
	var best *nameFound
	top := view.least() - 1
	for _, run := range c.vendorRuns(r) {
		if score := c.vendorWeight(r, run, view); score > top && !c.isSender(r, run.text) && !isPerson(r.text, run) && !c.isContact(r, res, run) {
			best, top = &run, score
		}
	}
	if best == nil {
		return "", nil
	}
	return best.text, []Span{r.span(FieldCompetitor, best.start, best.start+len(best.text))}
}

// inflected tells English word forms that are no name.
func inflected(word string) bool {
	for _, ending := range []string{"ed", "ing", "ly", "es", "ness", "ment", "tion"} {
		if strings.HasSuffix(word, ending) {
			return true
		}
	}
	return false
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// unknown tells a run that holds a word of no language.
func unknown(t text, run nameFound) bool {
	for at := run.from; at < run.to; at++ {
		if !t.tokens[at].ordinary {
			return true
		}
	}
	return false
}

// isContact tells the person whom the reply hands on to. A name without a first name
// that the sender is bound to is the vendor all the same: "head office picked Hexaline".
func (c *Classifier) isContact(r reading, res Result, run nameFound) bool {
	if res.Label == outreach.LabelStatusQuo || res.Contact == nil || res.Contact.Name == "" || !strings.HasSuffix(run.text, res.Contact.Name) {
		return false
	}
	switch {
	case r.text.tokens[run.from].given || res.Contact.Title != "":
		return true
	case res.Contact.Email != "":
		return outreach.Domain(res.Contact.Email) == outreach.Domain(r.in.From.Email) // a firm has its own
	}
	return res.Contact.Phone != "" || c.said(r, run)&saidWith == 0
}

// isPerson tells whether the sentence behind a run goes on with "she" or "he":
// "billing stays with Joyce. She's been here for years".
func isPerson(t text, run nameFound) bool {
	for at := run.to; at < len(t.tokens) && t.tokens[at].sentence <= t.tokens[run.from].sentence+1; at++ {
		if t.tokens[at].sentence == t.tokens[run.from].sentence {
			continue
		}
		switch t.tokens[at].text {
		case "she", "shes", "he", "hes", "her", "his", "sie", "er", "elle", "il", "ella", "lei", "zij", "ona":
			return true
		}
		return false
	}
	return false
}

// brandRuns gives the runs of up to four words that are written like a brand.
func brandRuns(t text) []nameFound {
	var runs []nameFound
	for at := 0; at < len(t.tokens); {
		end := at
		for end < len(t.tokens) && brandToken(t, end) && (end == at || joined(t, end-1) || t.raw[t.tokens[end-1].end:t.tokens[end].start] == " & ") && end-at < 4 {
			end++
		}
		if end == at {
			at++
			continue
		}
		for end < len(t.tokens) && end-at < 4 && firmWord(t.tokens[end].text) && t.tokens[end].upper && joined(t, end-1) && unknown(t, nameFound{from: at, to: end}) {
			end++ // "Kallelse AB"
		}
		from := at
		for from < end-1 && t.tokens[from].ordinary && opens(t, from) {
			from++ // "Usiamo MailUp"
		}
		start, stop := t.tokens[from].start, t.tokens[end-1].end
		runs = append(runs, nameFound{text: withoutPossessive(t.raw[start:stop]), start: start, end: stop, from: from, to: end})
		at = end
	}
	return runs
}

// opens tells whether a token begins its sentence.
func opens(t text, at int) bool { return at == 0 || t.tokens[at-1].sentence != t.tokens[at].sentence }

// vendorScore weighs how a run is written and what stands around it.
func vendorScore(t text, run nameFound) int {
	score := writtenLike(t, run)
	if contracted(t, run) {
		return score + 6
	}
	if cue, no := vendorBefore(t, run); no {
		return 0
	} else if cue > 0 {
		return score + cue
	}
	if !unknown(t, run) {
		score--
	}
	return score + vendorBehind(t, run) + 1
}

// writtenLike weighs the looks of a run: CamelCase, words of no language, no
// abbreviation.
func writtenLike(t text, run nameFound) int {
	score := 0
	switch {
	case camelCase(t, run):
		score += 3
	case unknown(t, run):
		score++
	}
	if run.end-run.start <= 3 && shouted(run) {
		score -= 2 // "GPS"
	}
	return score
}

// shouted tells abbreviations: "HMRC".
func shouted(run nameFound) bool { return strings.ToUpper(run.text) == run.text }

// vendorBefore weighs the words before a run, and tells those that speak of
// something else.
func vendorBefore(t text, run nameFound) (cue int, no bool) {
	for back := 1; back <= 3 && run.from-back >= 0; back++ {
		at := run.from - back
		if t.tokens[at].sentence != t.tokens[run.from].sentence {
			break
		}
		word := t.tokens[at].text
		switch {
		case greets(word) && back <= 2 && (camelCase(t, run) || sinceBehind(t, run)):
			return 0, false
		case back == 1 && word == "in" && unknown(t, run) && keptIn(t, at):
			return 3, false
		case back == 1 && origin(t, at), integrates(t, at):
			return 0, true
		case back <= 2 && left(word), back == 1 && placed(word) && !(word == "w" && t.raw[t.tokens[at].end] == '/'), greets(word) && back <= 2, honorific(word), back == 1 && person(word):
			return 0, true
		case back == 1 && vendorNoun(word) && unknown(t, run):
			return 4, false // "a tool, Labelworks", "a supplier (Hydrobit)"
		case vendorCue(t, at) > 0:
			return max(2*vendorCue(t, at)-back+1, 1), false
		case !vendorFiller(word):
			return 0, false
		}
	}
	return 0, false
}

// vendorBehind weighs the words behind a run.
func vendorBehind(t text, run nameFound) int {
	first := opens(t, run.from)
	acts := run.to < len(t.tokens) && t.tokens[run.to].sentence == t.tokens[run.from].sentence && (actsFor(t.tokens[run.to].text) && !(first && isBare(t.tokens[run.to].text)) || supplies(t.tokens[run.to].text))
	switch {
	case acts && unknown(t, run), acts && !first, first && sinceYear(t, run):
		return 2
	case run.from == 0 && unknown(t, run) && run.end < len(t.raw) && t.raw[run.end] == '.':
		return 1 // "Pixieset. My clients know where to click."
	case first && (run.from > 0 || run.to-run.from > 1) && aloneOrSince(t, run) && !t.tokens[run.from].ordinary, sinceBehind(t, run):
		return 1
	case first && run.to-run.from == 1 || unknown(t, run) && !camelCase(t, run): // "Wife handles it", "Signed on Tuesday"; "Appreciate it Tyler."
		return -1
	}
	return 0
}

// keptIn: what is kept, done or locked in something: "ten years of data in X".
func keptIn(t text, at int) bool {
	for back := 1; back <= 5 && at-back >= 0 && t.tokens[at-back].sentence == t.tokens[at].sentence; back++ {
		switch t.tokens[at-back].text {
		case "data", "history", "records", "everything", "all", "live", "lives", "run", "runs", "do", "does", "doing", "work", "works", "keep", "kept", "built", "scoring", "locked", "alles", "doen", "machen", "pool":
			return true
		}
	}
	return false
}

// vendorNoun: words behind which a vendor's name is given.
func vendorNoun(word string) bool {
	switch word {
	case "tool", "supplier", "vendor", "provider", "platform", "agency", "broker", "incumbent", "firm", "crm", "erp", "anbieter", "lieferant", "agentur", "fournisseur", "prestataire", "logiciel",
		"proveedor", "programa", "fornitore", "programma", "leverancier", "pakket", "fornecedor", "programie", "programu", "programem", "leverantor", "systemet":
		return true
	}
	return false
}

// supplies: what a vendor does for the sender or asks of him.
func supplies(word string) bool {
	switch word {
	case "gives", "give", "fill", "fills", "supply", "supplies", "provides", "provided", "came", "comes", "did", "do", "fitted", "runs", "charge", "costs", "sends", "sent", "made", "hat", "haben", "liefert",
		"fait", "fournit", "hace", "cobra", "fa", "faz", "robi", "already", "since", "me":
		return true
	}
	return false
}

// camelCase tells names such as ChatTeller and eJobs.
func camelCase(t text, run nameFound) bool {
	inner := t.raw[run.start+1 : run.end]
	if strings.HasSuffix(inner, "s") && strings.ToUpper(inner[:len(inner)-1]) == inner[:len(inner)-1] {
		return false // "CVs", "SDETs"
	}
	return run.to-run.from == 1 && strings.ContainsFunc(inner, unicode.IsUpper) && strings.ContainsFunc(t.raw[run.start:run.end], unicode.IsLower)
}

// aloneOrSince: "Excel. Since 1998.", "Zucchetti da vent'anni".
func aloneOrSince(t text, run nameFound) bool {
	if run.end < len(t.raw) && (t.raw[run.end] == '.' || t.raw[run.end] == ',') {
		return true
	}
	return sinceBehind(t, run)
}

// sinceYear: "Excel. Since 1998.".
func sinceYear(t text, run nameFound) bool {
	return run.to+1 < len(t.tokens) && t.tokens[run.to].text == "since" && len(t.tokens[run.to+1].text) >= 2 && strings.Trim(t.tokens[run.to+1].text, "0123456789") == ""
}

func sinceBehind(t text, run nameFound) bool {
	if run.to < len(t.tokens) {
		switch t.tokens[run.to].text {
		case "since", "da", "seit", "depuis", "desde", "sinds", "sedan", "siden", "od":
			return true
		}
	}
	return false
}

// contracted tells whether a run stands behind "contract with", "signed with",
// "locked into", "happy with" and the like: whatever the label, that is a vendor.
func contracted(t text, run nameFound) bool {
	return contractedWith(t, run) || servedBy(t, run) || worksIn(t, run)
}

func contractedWith(t text, run nameFound) bool {
	at := run.from - 1
	for at > 0 && vendorFiller(t.tokens[at].text) {
		at--
	}
	if at < 1 || t.tokens[at].sentence != t.tokens[run.from].sentence {
		return false
	}
	switch t.tokens[at].text {
	case "with", "w", "into", "mit", "avec", "met", "con", "com", "med", "z", "s", "cu":
	default:
		return false
	}
	for back := 1; back <= 3 && at-back >= 0 && t.tokens[at-back].sentence == t.tokens[at].sentence; back++ {
		switch t.tokens[at-back].text {
		case "continue", "continuing", "went", "go", "gone", "stay", "staying", "stick", "sticking", "contract", "contracts", "agreement", "deal", "signed", "locked", "tied", "fixed", "happy", "content", "satisfied", "already", "arbeiten", "zusammen", "vertrag",
			"travaille", "travaillons", "contrat", "werken", "trabajamos", "trabajo", "contrato", "lavoriamo", "contratto", "trabalhamos", "jobbar", "avtal", "aftale",
			"arbejder", "avtale", "jobber", "wspolpracujemy", "umowe", "spolupracujeme", "smlouvu", "lucram", "colaboram":
			return true
		}
	}
	return false
}

// left: words that say that the vendor behind them is the past.
func left(word string) bool {
	switch word {
	case "left", "leaving", "dropped", "quit", "instead", "verlassen", "quitte", "dejamos", "lasciato":
		return true
	}
	return false
}

// placed: words that put a place, not a vendor, behind them.
func placed(word string) bool {
	switch word {
	case "in", "near", "im", "aus", "nach", "w", "since", "seit", "v", "basee", "until", "bis", "every":
		return true
	}
	return false
}

// person: words behind which a person's name stands.
func person(word string) bool {
	switch word {
	case "cousin", "accountant", "volunteer", "called", "named", "engineer", "brother", "sister", "son", "daughter", "nephew", "niece", "uncle", "aunt",
		"husband", "wife", "friend", "neighbour", "neighbor", "mate", "guy", "lad", "bookkeeper", "mechanic", "chauffeur", "schwager", "sohn", "tochter", "bruder",
		"freund", "cugino", "gendre", "fils", "frere", "hijo", "hermano", "prima", "primo", "zoon", "broer", "figlia", "figlio", "filho", "irmao":
		return true
	}
	return false
}

// vendorCue weighs a word that stands before a vendor's name; 0 is none.
func vendorCue(t text, at int) int {
	word := t.tokens[at].text
	switch word {
	case "had", "provided", "running", "kor", "kjorer", "korer", "renewed", "lease", "adopted", "deployed", "installed", "installato", "migrou", "use", "uses", "using", "used", "usamos", "uso", "utilizamos", "utilisons", "utilise", "nutzen", "nutze", "verwenden", "gebruiken", "gebruik", "usiamo",
		"utilizziamo", "anvander", "bruger", "bruker", "brukt", "uzywamy", "korzystamy", "pouzivame", "folosim", "kullaniyoruz", "kaytamme", "kaytossa", "bruges", "brugt", "utiliza", "usa":
		return 4
	case "w", "pro", "gives", "zu", "fur", "run", "met", "mit", "avec", "with", "con", "com", "med", "z", "s", "cu", "chez", "bei", "bij", "hos", "ile", "su", "op", "til", "na":
		return 2
	case "on", "from", "to", "by", "of", "have", "got", "through", "under", "auf", "von", "sous", "d", "par", "da", "van", "av", "fran", "fra", "via", "into", "has", "haben", "a", "de", "hebben", "tenemos", "temos", "abbiamo", "mamy", "mame":
		return 1
	}
	return 0
}

func vendorFiller(word string) bool {
	switch word {
	case "us", "dafur", "hier", "here", "two", "dos", "due", "zwei", "deux", "dwa", "another", "good", "old", "mon", "bon", "vieux", "tableau", "yearly", "annual", "bereits", "erst",
		"the", "our", "a", "an", "die", "der", "das", "den", "dem", "le", "la", "el", "il", "o", "os", "de", "het", "und", "seit", "jahren", "unserem", "unser", "already", "alles", "schon", "guys", "people", "at",
		"from", "l", "los", "notre", "onze", "nuestro", "system", "software", "systemet", "firma", "proveedor", "toujours", "sempre", "just":
		return true
	}
	return false
}

// brandToken tells a word written like a brand: a capital anywhere, and none of
// the words that are capitalised anyway.
func brandToken(t text, at int) bool {
	token := t.tokens[at]
	word := t.raw[token.start:token.end]
	if notAName(token.text) || commonNoun(token.text) || !strings.ContainsFunc(word, unicode.IsUpper) {
		return false
	}
	if bare := withoutPossessive(word); bare != word && len(bare) > 3 && !token.ordinary {
		word = bare
	}
	return !strings.ContainsAny(word, "'’") && len(token.text) >= 2 && !amount(word)
}

// withoutPossessive cuts the ending of "Acme's".
func withoutPossessive(word string) string {
	return strings.TrimSuffix(strings.TrimSuffix(word, "'s"), "’s")
}

// amount tells "500kVA" and "kWh" from "1Password".
func amount(word string) bool {
	unit := strings.TrimLeft(word, "0123456789")
	return unit == "kWh" || len(unit) < len(word) && (unit == "" || unit[0] >= 'a' && unit[0] <= 'z')
}

// commonNoun: words that German capitalises and others shout.
func commonNoun(word string) bool {
	switch word {
	case "jahren", "jahre", "jahr", "losung", "anbieter", "partner", "dienstleister", "agentur", "vertrag", "lieferant", "lieferanten", "system", "software", "team", "kollegen", "steuerberater",
		"zeit", "unternehmen", "firma", "haus", "hand", "nahe", "region", "preis", "preise", "kosten", "budget", "grund", "wechsel", "crm", "erp", "seo", "saas", "pos", "ai", "roi", "kpi", "usd", "eur", "gbp", "dutch", "swiss", "italian",
		"spanish", "europe", "london", "berlin", "paris", "madrid", "herrn", "monat", "monaten", "woche", "euro", "prozent", "q", "ppc", "eu", "kw", "gmbh", "ag", "ltd", "inc", "llc", "dem", "god", "pa", "dms", "ehr", "lims", "rfp", "nda", "pdf":
		return true
	}
	return false
}

// isSender tells whether a name is that of the sender or of the sender's firm.
func (c *Classifier) isSender(r reading, name string) bool {
	own := fold(r.in.From.Name + " " + r.in.From.Email)
	first, _, _ := strings.Cut(fold(name), " ")
	return len(first) > 2 && strings.Contains(own, first)
}
