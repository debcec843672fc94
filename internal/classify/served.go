package classify

// servedBy tells a run that the words make a vendor without "we use": "is run by
// Corvid", "moved to Rosterly", "replace Granaria", "Guestloop charges us".
func servedBy(t text, run nameFound) bool {
	if run.from > 0 && t.tokens[run.from-1].sentence == t.tokens[run.from].sentence && servedBefore(t, run) {
		return true
	}
	return servedBehind(t, run)
}

// servedBefore looks at the words before a run.
func servedBefore(t text, run nameFound) bool {
	at := run.from - 1
	for at > 0 && (t.tokens[at].text == "the" || t.tokens[at].text == "a" || t.tokens[at].text == "o" || t.tokens[at].text == "die" || t.tokens[at].text == "firma") && t.tokens[at-1].sentence == t.tokens[run.from].sentence {
		at--
	}
	word := t.tokens[at].text
	if replaces(word) || at < run.from-1 && t.tokens[run.from-1].text == "firma" || word == "an" && run.to < len(t.tokens) && t.tokens[run.to].text == "gebunden" {
		return true
	}
	if run.start > 0 && t.raw[run.start-1] == '(' {
		for back := 0; back <= 3 && at-back >= 0; back++ {
			if vendorNoun(t.tokens[at-back].text) {
				return true // "a supplier already (Hydrobit)"
			}
		}
	}
	for back := 1; back <= 3 && at-back >= 0 && t.tokens[at-back].sentence == t.tokens[run.from].sentence; back++ {
		before := t.tokens[at-back].text
		switch word {
		case "by", "durch", "von", "par", "por", "da", "door", "av", "af", "przez":
			if back <= 2 && servedParticiple(before) {
				return true
			}
		case "of":
			if before == "members" || before == "member" || before == "customers" || before == "customer" || before == "clients" {
				return true
			}
		case "than", "with":
			if before == "compared" || before == "compare" {
				return true
			}
		case "to", "pro", "auf", "zu", "a", "naar", "op", "till", "til", "vers", "sur", "su", "na", "para":
			if back <= 3 && moved(before) {
				return true
			}
		case "on":
			if back == 1 && (before == "were" || before == "are" || before == "run" || before == "runs" || before == "live") {
				return true
			}
		}
	}
	return false
}

// servedBehind looks at what a run does: it charges or gives the sender something.
func servedBehind(t text, run nameFound) bool {
	if usedNext(t, run) || run.to < len(t.tokens) && introduced(t.tokens[run.to].text) && unknown(t, run) {
		return true
	}
	if run.to+1 >= len(t.tokens) || t.tokens[run.to].sentence != t.tokens[run.from].sentence || !unknown(t, run) {
		return false
	}
	verb, object := t.tokens[run.to].text, t.tokens[run.to+1].text
	switch verb {
	case "have", "has", "looks", "look":
		return object == "our" || object == "it" || object == "looked" || object == "after" || object == "us" || object == "exclusive" || object == "sole"
	case "charges", "charge", "gives", "give", "costs", "sends", "does", "do", "supplies", "supply", "handles", "handle", "provides", "provide":
		return object == "us" || object == "me" || object == "our" || object == "all"
	case "holds", "hold":
		return object == "exclusive" || object == "sole" || object == "us"
	case "me", "nos", "mi", "ci", "nous", "uns", "ons", "macht", "erledigt", "maakt":
		return object == "sale" || object == "cobra" || object == "hace" || object == "costa" || object == "fa" || object == "fait" || object == "das" || object == "dat"
	case "kullaniyoruz":
		return true
	}
	return false
}

// usedNext: the next sentence says what is done with the name that ends this one:
// "you mention Lingora. We've used them since ...".
func usedNext(t text, run nameFound) bool {
	if run.to >= len(t.tokens) || t.tokens[run.to].sentence != t.tokens[run.from].sentence+1 || !unknown(t, run) {
		return false
	}
	for ahead := 0; ahead < 4 && run.to+ahead+1 < len(t.tokens); ahead++ {
		switch t.tokens[run.to+ahead].text {
		case "used", "use", "using", "nutzen", "utilisons", "usamos", "usiamo", "gebruiken":
			object := t.tokens[run.to+ahead+1].text
			return object == "them" || object == "it" || object == "das" || object == "that"
		}
	}
	return false
}

// introduced: German participles that close the clause of what was bought.
func introduced(word string) bool {
	switch word {
	case "eingefuhrt", "entschieden", "angeschafft", "installiert", "gekauft", "abgeschlossen", "beauftragt", "implementiert":
		return true
	}
	return false
}

// usedBy tells a name of no language right behind a word for using.
func usedBy(t text, run nameFound) bool {
	for back := 1; back <= 2 && run.from-back >= 0 && t.tokens[run.from-back].sentence == t.tokens[run.from].sentence; back++ {
		if vendorCue(t, run.from-back) == 4 {
			return unknown(t, run)
		}
	}
	return false
}

func replaces(word string) bool {
	switch word {
	case "replace", "replacing", "ditch", "ditching", "dropping", "ersetzen", "remplacer", "reemplazar", "substituir", "sostituire", "vervangen", "ersatta", "erstatte", "zastapic", "pay", "appointed", "nominated", "implementing", "adopting", "introducing":
		return true
	}
	return false
}

func moved(word string) bool {
	switch word {
	case "switched", "moved", "migrated", "changed", "upgraded", "award", "contract", "belongs", "compared", "released", "umgestellt", "gewechselt", "umgestiegen", "overgestapt", "migrou", "mudamos", "passes", "passe", "passati", "cambiamos", "migramos",
		"bytt", "gatt", "skiftet", "przeszlismy":
		return true
	}
	return false
}

func servedParticiple(word string) bool {
	switch word {
	case "run", "handled", "managed", "done", "supplied", "provided", "served", "covered", "after", "delivered", "serviced", "hosted", "maintained", "looked", "betreut", "gemacht", "erledigt", "gere", "assure", "geree", "assuree",
		"gestionado", "hecho", "llevado", "gestito", "seguito", "fatto", "feito", "gerido", "geregeld", "gedaan", "verzorgd", "skots", "varetages", "prowadzone":
		return true
	}
	return false
}

// noVendor tells the runs that are people, places, days and parts of the sender's
// own house.
func noVendor(t text, run nameFound) bool {
	if greets(t.tokens[run.from].text) || aThing(t, run) || ownPlace(t, run) {
		return true
	}
	if place(t, run) || run.to-run.from == 1 && (ownHouse(t.tokens[run.from].text) || plural(t.tokens[run.from].text)) {
		return true
	}
	if !t.tokens[run.from].given || run.to-run.from > 2 {
		return false
	}
	for back := 1; back <= 2 && run.from-back >= 0; back++ {
		if vendorCue(t, run.from-back) == 4 {
			return false // "we use Penelope"
		}
	}
	return run.to-run.from == 1 || !firmWord(t.tokens[run.to-1].text)
}

// aThing tells one of many, with "a" before it and nothing it names behind it: "a
// Labrador", "an Ophelia in a hurry". Not "an Idexx machine".
func aThing(t text, run nameFound) bool {
	at := run.from - 1
	if at > 0 && (t.tokens[at].text == "used" || t.tokens[at].text == "new") {
		at--
	}
	if at < 0 || run.to-run.from > 1 || t.tokens[at].sentence != t.tokens[run.from].sentence || t.tokens[at].text != "a" && t.tokens[at].text != "an" {
		return false
	}
	return run.to >= len(t.tokens) || t.tokens[run.to].sentence != t.tokens[run.from].sentence || t.tokens[run.to].text == "in" || t.tokens[run.to].text == "with"
}

// ownPlace tells where a house of the sender stands: "our Coimbatore office", "the
// Oranmore house", "Priya's desk".
func ownPlace(t text, run nameFound) bool {
	if run.to >= len(t.tokens) || t.tokens[run.to].sentence != t.tokens[run.from].sentence {
		return false
	}
	switch t.tokens[run.to].text {
	case "office", "house", "branch", "site", "plant", "desk", "depot", "factory":
		return t.raw[t.tokens[run.to-1].end:t.tokens[run.to].start] == " "
	}
	return false
}

// plural tells days of the week as habits: "on Fridays".
func plural(word string) bool {
	switch word {
	case "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays", "weekdays", "weekends":
		return true
	}
	return false
}

// ownHouse: capitalised words for people and departments of the sender, and the
// media that everybody has.
func ownHouse(word string) bool {
	switch word {
	case "allah", "god", "jesus", "linkedin", "whatsapp", "ipad", "iphone", "ipads", "iphones", "chancellor", "vice", "comptroller", "estates", "league", "president", "treasurer", "council", "board", "committee", "commission", "ministry", "daddy", "mum", "mom", "dad", "whoever",
		"registrar", "dean", "rector", "provost", "principal", "bursar", "matron", "secretary", "lordship", "parliament", "university",
		"government", "commissioners", "tradition", "state", "chambers", "route", "transport", "yours", "thanksgiving", "diwali", "valentin", "direktion", "zentrale", "konzern", "erfahrung", "consejeria", "ayuntamiento", "prefecture", "rektorat", "lord":
		return true
	}
	return false
}

// firmWord: what stands at the end of a firm's or product's name.
func firmWord(word string) bool {
	switch word {
	case "ab", "ag", "as", "bv", "gmbh", "ltd", "inc", "llc", "oy", "sa", "srl", "office", "cloud", "group", "pro", "one", "services", "solutions", "systems", "software", "online", "marketing", "hr", "direct", "labs", "co":
		return true
	}
	return false
}

// isBare: verbs that stand behind any subject that opens a sentence.
func isBare(word string) bool {
	switch word {
	case "is", "s", "has", "on", "ma", "e", "est", "ist", "er", "ar", "es", "je", "jest", "in", "at", "from", "ha", "se", "over", "can", "will", "would", "who", "now":
		return true
	}
	return false
}

// origin tells where a firm comes from: "an agency from Opole", "empresa de
// Aveiro".
func origin(t text, at int) bool {
	switch t.tokens[at].text {
	case "from", "de", "d", "z", "ze", "aus", "van", "da", "di", "in", "a", "at":
	default:
		return false
	}
	for back := 1; back <= 3 && at-back >= 0 && t.tokens[at-back].sentence == t.tokens[at].sentence; back++ {
		switch t.tokens[at-back].text {
		case "agency", "agencja", "agencje", "agencji", "supplier", "empresa", "fornecedor", "firma", "firme", "bureau", "mill", "cell", "branch", "agentur", "anbieter", "fournisseur", "proveedor", "fornitore", "leverancier", "basee", "based", "verrerie", "fabrica", "usine", "compadre", "grossiste", "mayorista", "taller", "importeur", "hurtownia", "hurtowni", "aqui", "company":
			return true
		}
	}
	return false
}

// integrates tells what the offer would have to work with: "does it integrate
// with BambooHR".
func integrates(t text, at int) bool {
	switch t.tokens[at].text {
	case "with", "in", "mit", "avec", "con", "com", "met", "to", "into":
	default:
		return t.tokens[at].text == "compatible"
	}
	for back := 1; back <= 2 && at-back >= 0; back++ {
		switch t.tokens[at-back].text {
		case "integrate", "integrates", "integration", "ties", "tie", "compatible", "sync", "syncs", "talk", "talks", "plug", "plugs", "hook", "connect", "connects", "kompatibel", "kompatible":
			return true
		}
	}
	return false
}

// worksIn tells the tool that somebody works in: "on tourne sur Chiffrauto",
// "pracujemy w SocEwid", "lucram in ContaBun", "wir sind bei Pistenrent".
func worksIn(t text, run nameFound) bool {
	if run.from < 2 || t.tokens[run.from-2].sentence != t.tokens[run.from].sentence || !unknown(t, run) {
		return false
	}
	verb := t.tokens[run.from-2].text
	switch t.tokens[run.from-1].text {
	case "sur":
		return verb == "tourne" || verb == "tournons" || verb == "bosse" || verb == "travaille" || verb == "travaillons"
	case "w", "na":
		return verb == "pracujemy" || verb == "pracuje" || verb == "dzialamy" || verb == "robimy"
	case "v":
		return verb == "jedem" || verb == "jedeme" || verb == "delame" || verb == "pracujeme"
	case "in":
		return verb == "lucram" || verb == "lucrez" || verb == "arbeiten"
	case "bei", "bi":
		return verb == "sind" || verb == "bin" || verb == "bleiben"
	case "off":
		return verb == "boxes" || verb == "it" || verb == "them" || verb == "everything" || verb == "stock" || verb == "parts"
	case "en":
		return verb == "trabajamos" || verb == "estamos"
	}
	return false
}
