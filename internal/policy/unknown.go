package policy

import "strings"

// DeadByWords tells whether a server's words say beyond doubt that the address is
// not there, and speak of nothing else. It is for refusals that show no status, or
// one that servers write for anything: nothing but such words may suppress a lead then.
func DeadByWords(code int, enhanced, text string) bool {
	text = strings.ToLower(text)
	if code < 500 || !vagueStatus(enhanced) || !containsAny(text, noSuchUserWords) {
		return false
	}
	return !containsAny(text, fullWords) && !containsAny(text, policyWords) && !containsAny(text, otherCauseWords)
}

// vagueStatus lists the statuses that servers write for anything: the words decide.
func vagueStatus(enhanced string) bool {
	return enhanced == "" || enhanced == "5.0.0" || enhanced == "5.5.0"
}

var (
	noSuchUserWords = []string{
		"no such user", "no such recipient", "no such mailbox", "no such address", "no such account", "no such person", "no such local user",
		"user unknown", "unknown user", "unknown recipient", "recipient unknown", "unknown local", "unknown or illegal alias", "user is unknown",
		"user does not exist", "user doesn't exist", "account does not exist", "account doesn't exist", "mailbox does not exist", "mailbox doesn't exist",
		"recipient does not exist", "recipient doesn't exist", "address does not exist", "address doesn't exist",
		"tried to reach does not exist", "user not found", "mailbox not found", "recipient not found", "account not found",
		"no mailbox here by that name", "no mailbox by that name",
		"benutzer unbekannt", "empfänger unbekannt", "utilisateur inconnu", "destinataire inconnu", "usuario desconocido", "usuario no existe", "utente sconosciuto",
	}
	// otherCauseWords beside them make the cause doubtful: filters, full mailboxes and
	// callbacks to our own address say "unknown user" of people who exist.
	otherCauseWords = []string{
		"block", "listed", "rbl", "quota", "denied", "prohibit", "not allowed", "restrict", "filter", "sender", "from address", "mail from",
		"relay", "disabled", "suspended", "inactive", "temporar", "try again", "greylist", "graylist", "verif",
	}
)
