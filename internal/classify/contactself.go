package classify

import (
	"regexp"
	"strings"

	"drumbeat/internal/outreach"
)

// ownAddress finds the words by which somebody tells that their own address has
// changed, in ten languages.
var ownAddress = regexp.MustCompile(`(?i)(?:^|\PL)(?:` +
	`(?:e-?mail )?address (?:has|have) changed|(?:changed|moved) (?:my |our )?(?:e-?mail )?address|my (?:new |current |correct )?(?:e-?mail )?(?:address|e-?mail|mail) (?:is|has)|(?:my|the) new (?:e-?mail|address|mail|mailbox)|new e-?mail[: ]|reach me (?:from now on )?(?:at|under|on)` +
	`|(?:meine|unsere) (?:neue )?(?:e-?mail-?|mail-?)?adresse|(?:e-?mail-?|mail-?)adresse hat sich geändert|neue (?:e-?)?mail` +
	`|(?:ma|mon) nouvel(?:le)? (?:adresse|e-?mail|mail)|adresse (?:e-?mail )?a changé|change d['’]adresse` +
	`|mi nuev[ao] (?:direcci[oó]n|correo|e-?mail|mail)|direcci[oó]n ha cambiado|he cambiado de (?:correo|direcci[oó]n)` +
	`|(?:il )?mi[ao] nuov[ao] (?:indirizzo|e-?mail|mail)|indirizzo è cambiato` +
	`|mijn nieuwe (?:e-?mail)?(?:adres|mail)|e-?mailadres is (?:gewijzigd|veranderd)` +
	`|(?:o )?meu novo (?:e-?mail|endere[cç]o)|meu endere[cç]o mudou` +
	`|min nya (?:e-?post|mejl|mail)|(?:e-?post|mejl|mail)adress har (?:ändrats|bytts)|min nye (?:e-?post|mail)` +
	`|m[oó]j nowy (?:adres|e-?mail|mail)|adres (?:e-?mail )?(?:uległ zmianie|się zmienił)|(?:moje|má|můj) nov[áýé] (?:adresa|e-?mail|mail)` +
	`)`)

// movedTo gives the sender with a new address, where the reply says that their own
// has changed.
func movedTo(r reading, addresses [][]int) (*outreach.Contact, []Span) {
	if len(addresses) == 0 {
		return nil, nil
	}
	at := ownAddress.FindStringIndex(r.text.raw)
	if at == nil {
		return nil, nil
	}
	pick := addresses[0]
	for _, span := range addresses {
		if span[0] >= at[0] {
			pick = span
			break
		}
	}
	found := outreach.Contact{Email: strings.TrimRight(r.text.raw[pick[0]:pick[1]], ".-")}
	if name := withoutHonorifics(r.in.From.Name); personalAddress(name, found.Email) {
		found.Name = name
	}
	return &found, []Span{r.span(FieldContactEmail, pick[0], pick[0]+len(found.Email))}
}

// personalAddress tells whether an address is made of a name: "s.krueger" of Sabine
// Krüger. "Microsoft Outlook" and departments are the sender of machines.
func personalAddress(name, address string) bool {
	local, _, _ := strings.Cut(fold(address), "@")
	for _, spelt := range []string{fold(name), umlautsSpelt(name)} {
		for _, word := range strings.FieldsFunc(spelt, notInWord) {
			if len(word) >= 3 && strings.Contains(local, word) {
				return true
			}
		}
	}
	return false
}

// umlautsSpelt folds a name as German addresses spell it: "krueger".
func umlautsSpelt(name string) string {
	return fold(strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ø", "oe", "å", "aa").Replace(name))
}

// withoutHonorifics gives a name as a contact has it: "Dr. Carol Ledger" is "Carol
// Ledger".
func withoutHonorifics(name string) string {
	name = strings.TrimSpace(name)
	for {
		first, rest, more := strings.Cut(name, " ")
		if !more || !titles(strings.TrimSuffix(fold(first), ".")) && fold(first) != "dipl." && fold(first) != "prof." {
			return name
		}
		name = strings.TrimSpace(rest)
	}
}
