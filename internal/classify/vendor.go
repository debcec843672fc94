package classify

import (
	"strings"
	"unicode"

	"drumbeat/internal/outreach"
)

// vendor finds the name of the vendor a sender uses: "we use Acme", "happy with
// Acme", "nous travaillons avec Acme", "Acme does that for us". It is looked for
// where the status quo is the label or stands clearly beside another one.
func (c *Classifier) vendor(r reading, res Result) string {
	if r.automatic() || res.Label == outreach.LabelLeftCompany || res.Label == outreach.LabelOutOfOffice || res.Label == outreach.LabelUnclear {
		return ""
	}
	least, beside := 2, res.Label != outreach.LabelStatusQuo
	if beside {
		least = 5
	}
	named := c.vote(r)[outreach.LabelStatusQuo] >= 4
	best, top := "", least-1
	for _, run := range brandRuns(r.text) {
		if beside && !named && !camelCase(r.text, run) && !contracted(r.text, run) {
			continue
		}
		if score := vendorScore(r.text, run); score > top && !c.isSender(r, run.text) {
			best, top = run.text, score
		}
	}
	return best
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
		start, stop := t.tokens[at].start, t.tokens[end-1].end
		runs = append(runs, nameFound{text: t.raw[start:stop], start: start, end: stop, from: at, to: end})
		at = end
	}
	return runs
}

// vendorScore weighs how a run is written and what stands around it.
func vendorScore(t text, run nameFound) int {
	score := 0
	if camelCase(t, run) {
		score += 3
	}
	if contracted(t, run) {
		return score + 6
	}
	for back := 1; back <= 3 && run.from-back >= 0; back++ {
		at := run.from - back
		if t.tokens[at].sentence != t.tokens[run.from].sentence {
			break
		}
		word := t.tokens[at].text
		switch {
		case greets(word) && back <= 2 && (camelCase(t, run) || sinceBehind(t, run)):
			back = 3
		case back <= 2 && left(word), back == 1 && placed(word) && !(word == "w" && t.raw[t.tokens[at].end] == '/'), greets(word) && back <= 2, honorific(word), back == 1 && person(word):
			return 0
		case vendorCue(t, at) > 0:
			return score + 2*vendorCue(t, at) - back + 1
		case !vendorFiller(word):
			back = 3
		}
	}
	first := run.from == 0 || t.tokens[run.from-1].sentence != t.tokens[run.from].sentence
	switch {
	case first && run.to-run.from == 1 && !aloneOrSince(t, run): // "Wife handles it", "Signed on Tuesday"
		score--
	case run.to < len(t.tokens) && actsFor(t.tokens[run.to].text):
		score += 2
	case first && aloneOrSince(t, run) && run.from > 0:
		score++
	}
	return score + 1
}

// camelCase tells names such as ChatTeller and eJobs.
func camelCase(t text, run nameFound) bool {
	inner := t.raw[run.start+1 : run.end]
	return run.to-run.from == 1 && strings.ContainsFunc(inner, unicode.IsUpper) && strings.ContainsFunc(t.raw[run.start:run.end], unicode.IsLower)
}

// aloneOrSince: "Excel. Since 1998.", "Zucchetti da vent'anni".
func aloneOrSince(t text, run nameFound) bool {
	if run.end < len(t.raw) && (t.raw[run.end] == '.' || t.raw[run.end] == ',') {
		return true
	}
	return sinceBehind(t, run)
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
		case "contract", "contracts", "agreement", "deal", "signed", "locked", "tied", "fixed", "happy", "content", "satisfied", "already", "arbeiten", "zusammen", "vertrag",
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
	case "in", "im", "aus", "nach", "w", "since", "seit", "v", "basee", "until", "bis", "every":
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
	case "running", "kor", "kjorer", "korer", "renewed", "lease", "adopted", "deployed", "installed", "installato", "migrou", "use", "uses", "using", "used", "usamos", "uso", "utilizamos", "utilisons", "utilise", "nutzen", "nutze", "verwenden", "gebruiken", "gebruik", "usiamo",
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
	return !strings.ContainsAny(word, "'’") && len(token.text) >= 2
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
