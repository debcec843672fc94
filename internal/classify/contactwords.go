package classify

import (
	"strings"

	"drumbeat/internal/outreach"
)

func greets(word string) bool {
	switch word {
	case "hi", "hello", "dear", "hey", "hallo", "hola", "bonjour", "ciao", "liebe", "lieber", "geehrte", "geehrter", "cher", "chere", "beste", "ola",
		"buongiorno", "gentile", "egregio", "estimado", "estimada", "hej", "hei", "moin", "szanowny", "szanowna", "thanks", "thank", "you", "danke", "merci",
		"gracias", "grazie", "tack", "tak", "takk", "morning", "afternoon", "evening", "caro", "cara", "prezado", "prezada", "kaere", "geachte", "dag",
		"aloha", "howdy", "yo", "oi", "howya", "lic", "witam", "panie", "dobry", "regards", "cheers", "sorry", "yes", "no", "merhaba", "namaste", "aupa", "goddag", "paivaa", "tjena", "groete", "groetjes", "cordialmente", "salut", "sincerely", "coucou", "gruezi", "heisann", "hiya", "hoi", "servus", "grussen":
		return true
	}
	return false
}

func honorific(word string) bool {
	switch word {
	case "mr", "mrs", "ms", "miss", "dr", "prof", "herr", "herrn", "frau", "m", "mme", "monsieur", "madame", "mevrouw", "heer", "sr", "sra", "senor", "senora",
		"don", "dona", "doctora", "doctor", "doutor", "maitre", "querido", "querida", "capt", "sgt", "rev", "dott", "dottssa", "ing", "sig", "signor", "signora", "ssa", "pan", "pani", "pana", "panem", "pania", "eng", "arq", "lic", "shri", "lt", "captain", "judge", "chief", "sister", "sir", "madam",
		"fru", "herra", "rouva", "bey", "hanim", "κ", "κος", "κα", "kollege", "kollegin", "collega", "domnul", "doamna", "inz", "mgr", "mudr", "dhr", "mw":
		return true
	}
	return false
}

// introduces: words that stand before the person to talk to.
func introduces(word string) bool {
	switch word {
	case "contact", "ask", "speak", "talk", "email", "mail", "write", "call", "try", "reach", "ring", "phone", "colleague", "successor", "replacement", "to", "with", "by",
		"boss", "manager", "director", "head", "deputy", "cc", "copied", "copying", "looping", "loop", "is", "be", "assistant", "partner", "owner", "buyer", "want", "cfo",
		"ceo", "cto", "coo", "lead", "forwarded", "address", "attention", "secretary", "chef", "an", "meine", "meinen", "unsere", "unser", "unseren", "meiner", "kollegin", "kollege", "kollegen",
		"nachfolgerin", "nachfolger", "vertretung", "ist", "bei", "wenden", "avec", "contacter", "collegue", "a", "est", "successeur", "responsable", "directeur", "directrice", "assistante",
		"con", "companera", "companero", "jefa", "jefe", "es", "colega", "collega", "met", "aan", "opvolger", "opvolgster", "successore", "responsabile", "al", "alla",
		"com", "e", "kollega", "kollegan", "till", "til", "med", "er", "ar", "kolleganka", "kolega", "kolezanka", "kolezanki", "z", "do", "jest", "je", "na", "kolegyne", "kolegu", "colegul", "pe", "cu",
		"son", "daughter", "wife", "husband", "brother", "sister", "girl", "fwding", "figlia", "figlio", "cugino", "bruder", "schwester", "tochter", "sohn", "fille", "fils", "hija", "hijo", "zoon", "broer", "bloke", "compagnon", "associe", "associee", "mother", "father", "uncle", "aunt", "nephew", "niece", "paralegal", "accountant", "bookkeeper", "fwd", "riferimento", "referente", "titolare", "socio", "socia", "via", "now", "name", "called", "our", "my", "contactez", "contactar", "contattare", "guy", "through", "efter", "efterfolger", "eftertradare":
		return true
	}
	return false
}

// actsFor: words that stand behind the person who is in charge.
func actsFor(word string) bool {
	switch word {
	case "handles", "charges", "runs", "decides", "looks", "does", "has", "deals", "manages", "took", "takes", "is", "covers", "covering", "will", "can", "owns", "heads", "leads", "holds", "buys", "signs",
		"makes", "who", "now", "keeps", "would", "kummert", "ist", "entscheidet", "macht", "ubernimmt", "vertritt", "hilft", "gere", "decide", "est", "s", "pilote", "remplace", "regelt", "gaat",
		"beheert", "lleva", "se", "es", "ve", "maneja", "gestiona", "puede", "gestisce", "segue", "e", "cuida", "trata", "resolve", "ansvarar", "skoter", "ar", "er", "tager", "star", "bestemmer", "tar", "zajmuje", "odpowiada",
		"jest", "prowadzi", "ma", "resi", "je", "ocupa", "raspunde", "bakiyor", "ilgileniyor", "heeft", "sits", "picks", "chooses", "in", "at", "on", "from", "knows", "joined", "inherited", "stepped", "hoitaa", "vastaa", "over":
		return true
	}
	return false
}

// gone: words that say that the person named before them is away for good.
func gone(word string) bool {
	switch word {
	case "left", "sold", "retired", "died", "passed", "transferred", "resigned", "quit", "departed", "nepracuje", "ausgeschieden", "verlassen", "partie", "quitte",
		"ya", "pracuje", "slutat", "stoppet", "sluttet", "lascia", "saiu", "deceased", "ayrildi", "pracownikiem", "cessou", "closed", "nepracoval", "gestorben", "verstorben", "abandono", "lavora", "cede", "rente", "ruhestand", "prodal", "vendu", "stoppede", "reformou", "reformouse", "aposentou", "fallecio", "faleceu", "plecat", "odesel", "odesla", "nedela", "baja", "gegaan", "overleden", "odszedl", "odeszla",
		"slutade", "emeritus", "buried", "parted", "superannuated", "jubilo", "pensionne", "decede":
		return true
	}
	return false
}

// notAName: capitalised words that begin sentences, name days, firms or jobs.
func notAName(word string) bool {
	switch word {
	case "whatsapp", "group", "ministry", "lordship", "sekretariat", "personalabteilung", "matron", "feliz", "navidad", "semana", "geschaftsleitung", "vertriebsleitung", "ring", "pitch", "knock", "grab", "i", "im", "ive", "id", "ill", "we", "were", "weve", "you", "youll", "your", "he", "she", "hes", "shes", "they", "it", "its", "the", "a", "an", "this", "that", "thats", "these", "please", "thanks", "thank",
		"hi", "hello", "dear", "hey", "no", "not", "yes", "but", "and", "or", "if", "in", "on", "at", "for", "from", "to", "my", "our", "his", "her", "as", "so", "try", "ask", "call", "contact", "talk", "speak", "write", "email",
		"unfortunately", "regards", "best", "kind", "cheers", "sorry", "good", "great", "morning", "afternoon", "until", "during", "when", "while", "after", "before", "since", "there", "here", "what", "who", "how", "why", "where",
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
		"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "herrn", "frau", "sr", "sra", "mme", "m", "pan", "pani", "monsieur", "madame", "cfo", "ceo", "cto", "coo", "hr", "gm", "vp", "svp", "head", "director", "manager",
		"procurement", "purchasing", "marketing", "finance", "sales", "operations", "legal", "accounts", "facilities", "automatic", "reply", "office", "urgent", "wrong", "everything", "anything", "just",
		"sie", "ich", "wir", "bitte", "guten", "tag", "hallo", "danke", "vielen", "sehr", "der", "die", "das", "ihre", "ihr", "leider", "bei", "mein", "meine", "unser", "unsere", "fur", "zu", "wenden", "dringenden", "fallen", "urlaub", "nachricht", "mail", "buro",
		"bonjour", "merci", "je", "nous", "vous", "il", "elle", "ce", "cette", "c", "le", "la", "les", "un", "une", "pour", "en", "ma", "notre", "votre", "cordialement", "l", "d",
		"hola", "gracias", "el", "los", "las", "yo", "para", "por", "su", "mi", "buenos", "buenas", "estimado", "estimada", "saludos", "favor",
		"buongiorno", "grazie", "salve", "ciao", "non", "per", "gentile", "sono", "puo", "ola", "obrigado", "obrigada", "bom", "boa", "eu", "nao", "o", "os", "quem", "fale",
		"hej", "hei", "jag", "jeg", "det", "vi", "tack", "tak", "takk", "den", "du", "ni", "goedemorgen", "beste", "ik", "wij", "het", "de", "een", "bedankt", "u", "uw", "neem",
		"dzien", "prosze", "dziekuje", "ja", "nie", "szanowny", "panie", "w", "z", "dobry", "dekuji", "prosim", "ne", "na", "buna", "merhaba", "ben", "bu", "lutfen", "gdpr", "uk", "us", "ok", "sure", "hmm", "fyi", "re", "cc", "out", "back", "away", "all", "any", "some", "both", "nobody", "someone", "somebody", "maybe", "perhaps", "because", "mit", "am", "ab", "bis", "von", "vom", "with", "ps", "also", "then", "now", "today", "tomorrow", "tell", "send", "see", "let", "do", "dont", "can", "could", "would", "will", "is", "are", "was", "has", "have", "had", "nothing", "be", "by", "of", "off", "up", "down", "than", "too", "very", "quick", "kindly", "afraid", "apologies", "honestly", "actually", "lieber", "liebe", "geehrte", "geehrter", "damen", "herren", "kollege", "kollegin", "vertretung", "ansprechpartner", "einkauf", "geschaftsfuhrung", "geschaftsfuhrer", "chef", "chefin", "thema", "abteilung", "zentrale", "christmas", "easter", "ooo", "pto", "zoom", "teams", "english", "german", "french":
		return true
	}
	return false
}

func isTitle(s string) bool {
	for _, word := range strings.FieldsFunc(fold(s), notInWord) {
		switch word {
		case "cfo", "ceo", "cto", "coo", "cmo", "cio", "ciso", "cpo", "cro", "gm", "vp", "svp", "evp", "superintendent", "clerk", "registrar", "principal", "dean", "librarian", "foreman", "bedrijfsleider", "werkleider", "armatore", "titolare", "head", "director", "manager", "owner", "lead", "chief", "officer", "buyer", "deputy", "assistant", "secretary", "partner", "president", "coordinator",
			"supervisor", "treasurer", "bursar", "controller", "specialist", "administrator", "leiter", "leiterin", "geschaftsfuhrer", "geschaftsfuhrerin", "chef", "chefin", "assistentin", "einkaufsleiter", "einkauferin", "prokurist",
			"directeur", "directrice", "responsable", "gerant", "daf", "assistante", "acheteur", "beleidsadviseur", "hoofd", "inkoper", "jefe", "jefa", "directora", "gerente", "encargada", "encargado", "responsabile", "direttore", "direttrice",
			"diretor", "diretora", "responsavel", "chefe", "vd", "chefen", "inkopschef", "leder", "indkobschef", "innkjopssjef", "dyrektor", "kierownik", "kierowniczka", "prezes", "reditel", "vedouci", "mudur", "muduru":
			return true
		}
		if strings.HasSuffix(word, "leitung") || strings.HasSuffix(word, "leiter") || strings.HasSuffix(word, "leiterin") || strings.HasSuffix(word, "chef") || strings.HasSuffix(word, "chefin") {
			return true
		}
	}
	return false
}

// copiedContact gives the person in Cc of the sender's own company, when there
// is one or the text names one of them.
func copiedContact(r reading, name string) *outreach.Contact {
	domain := outreach.Domain(r.in.From.Email)
	var picked *outreach.Contact
	for _, cc := range r.in.Cc {
		if outreach.Domain(cc.Email) != domain || strings.EqualFold(cc.Email, r.in.From.Email) {
			continue
		}
		first, _, _ := strings.Cut(fold(name), " ")
		if picked == nil || first != "" && strings.Contains(fold(cc.Name+" "+cc.Email), first) {
			picked = &outreach.Contact{Name: cc.Name, Email: cc.Email}
		}
	}
	return picked
}
