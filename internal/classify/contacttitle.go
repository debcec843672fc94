package classify

import "strings"

// titleOf gives the bytes of the job named beside a person: "Ana Ruiz, CFO", "Jane Roe
// (head of IT)", "our CFO Ana Ruiz", "the acting head of department is Dr. Pal"; nil when
// none is.
func titleOf(r reading, n nameFound) []int {
	if at := titleBehind(r.text.raw, n); at != nil {
		return at
	}
	return titleBefore(r.text, n)
}

// mostTitleWords is how long a job may be.
const (
	mostTitleWords = 6
	mostTitleBytes = 120
)

// titleBehind reads the job behind a name and a comma, a dash or a parenthesis.
func titleBehind(raw string, n nameFound) []int {
	behind := raw[n.end:min(n.end+mostTitleBytes, len(raw))]
	for _, open := range []string{", ", " - ", " – ", " — ", " ("} {
		rest, ok := strings.CutPrefix(behind, open)
		if !ok {
			continue
		}
		end := strings.IndexAny(rest, ",.;:()\n!?")
		if end < 0 {
			end = len(rest)
		}
		title := strings.TrimSpace(rest[:end])
		if !isTitle(title) && !(open == " (" && isDepartment(title)) || len(strings.Fields(title)) > mostTitleWords || strings.Contains(title, "@") {
			return nil
		}
		title = withoutArticle(title)
		from := n.end + strings.Index(behind, title)
		return []int{from, from + len(title)}
	}
	return nil
}

func withoutArticle(title string) string {
	for _, article := range []string{"our ", "the ", "my ", "unser ", "unsere ", "notre ", "nuestro ", "nuestra ", "il nostro ", "la nostra ", "onze ", "o nosso ", "a nossa ", "vår ", "vores "} {
		title = strings.TrimPrefix(title, article)
	}
	return title
}

// titleBefore reads the job before a name, from behind its article: "our procurement
// officer, Mr. Ouma". Without an article it is the one word right before the name.
func titleBefore(t text, n nameFound) []int {
	last := n.from - 1
	for last >= 0 && (titles(t.tokens[last].text) || links(t.tokens[last].text)) {
		last--
	}
	if last < 0 || t.tokens[last].sentence != t.tokens[n.from].sentence || strings.ContainsAny(t.raw[t.tokens[last].end:n.start], "!?\n;:(") {
		return nil
	}
	for first := last; first >= 0 && first > last-mostTitleWords && t.tokens[first].sentence == t.tokens[n.from].sentence; first-- {
		if first < last && strings.ContainsAny(t.raw[t.tokens[first].end:t.tokens[first+1].start], ",;:()") {
			break
		}
		if begins := first == 0 || t.tokens[first-1].sentence != t.tokens[first].sentence; begins || possesses(t.tokens[first-1].text) {
			if isJob(t, first, last, begins) {
				return []int{t.tokens[first].start, t.tokens[last].end}
			}
			break
		}
	}
	if before := t.tokens[last]; last == n.from-1 && isTitle(t.raw[before.start:before.end]) {
		return []int{before.start, before.end}
	}
	return nil
}

// isJob tells words that are a job: its noun last, or followed by what it is of ("head of
// operations"); without an article before them it comes first.
func isJob(t text, first, last int, bare bool) bool {
	for at := first; at <= last; at++ {
		if !isTitle(t.tokens[at].text) {
			continue
		}
		return at == last && !bare || at == first && at == last || (at == first || !bare) && jobOf(t.tokens[at+1].text) && !jobOf(t.tokens[last].text)
	}
	return false
}

func jobOf(word string) bool {
	switch word {
	case "of", "for", "de", "du", "des", "d", "fur", "der", "di", "del", "della", "van", "da", "do", "ds", "og", "och", "i", "w":
		return true
	}
	return false
}

// links: verbs between a job and its holder.
func links(word string) bool {
	switch word {
	case "is", "ist", "est", "es", "e", "ar", "er", "jest", "je", "namely":
		return true
	}
	return false
}

// possesses: articles before a job.
func possesses(word string) bool {
	switch word {
	case "our", "the", "my", "their", "unser", "unsere", "unseren", "unserem", "unserer", "der", "die", "notre", "le", "la", "nuestro", "nuestra", "el", "nostro", "nostra", "il", "onze", "de", "nosso", "nossa", "o", "a", "var", "vores", "min", "mon", "ma", "mi", "mio", "mia", "meine", "mein", "mijn":
		return true
	}
	return false
}

// isDepartment: parts of a firm, as they stand in parentheses behind a name.
func isDepartment(s string) bool {
	for _, word := range strings.FieldsFunc(fold(s), notInWord) {
		switch word {
		case "it", "hr", "procurement", "purchasing", "finance", "accounts", "operations", "ops", "marketing", "sales", "legal", "regulatory", "facilities", "maintenance", "quality", "qa", "logistics", "compliance", "payroll", "engineering", "production",
			"einkauf", "vertrieb", "personal", "buchhaltung", "technik", "produktion", "achats", "comptabilite", "compras", "finanzas", "acquisti", "acquisto", "amministrazione", "inkoop", "financien", "inkop", "indkob", "innkjop", "zakupy", "nakup":
			return true
		}
	}
	return false
}
