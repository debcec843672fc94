package policy

import (
	"strings"

	"drumbeat/internal/outreach"
)

// RefusalClass says whose fault a permanent refusal is.
type RefusalClass string

// The classes.
const (
	RefusedAddress RefusalClass = "address" // it does not exist: suppress it
	RefusedFull    RefusalClass = "full"    // the mailbox is full or the mail too large: this time only
	RefusedDomain  RefusalClass = "domain"  // the recipient's domain does not take mail from this mailbox
	RefusedMailbox RefusalClass = "mailbox" // our mailbox or our own domain is at fault: stop it
	RefusedUnclear RefusalClass = "unclear" // no word of why: stop this enrolment, touch nothing else
)

// Refusal classifies a 5xx answer or the status of a bounce (RFC 3463, RFC
// 5248). Suppressing a lead needs certainty: what may be policy or a full
// mailbox never does.
func Refusal(code int, enhanced, text string) RefusalClass {
	text = strings.ToLower(text)
	switch {
	case code == 535 || code == 534 || code == 530 || ownFault(enhanced):
		return RefusedMailbox
	case containsAny(text, fullWords) || enhanced == "5.2.2" || enhanced == "5.2.3" || enhanced == "5.3.4":
		return RefusedFull
	case strings.HasPrefix(enhanced, "5.7.") || containsAny(text, policyWords):
		return RefusedDomain
	case deadStatus(enhanced), DeadByWords(code, enhanced, text),
		enhanced == "" && (code == 550 || code == 551 || code == 553) && containsAny(text, unknownWords):
		return RefusedAddress
	}
	return RefusedUnclear
}

// ownFault lists the statuses that are about us, whoever the recipient is.
func ownFault(enhanced string) bool {
	switch enhanced {
	case "5.1.7", "5.1.8", // the sender's address
		"5.7.8", "5.7.9", "5.7.57", // credentials (RFC 4954, section 6)
		"5.7.26", "5.7.515", // no SPF, DKIM or DMARC that passes
		"5.7.60", "5.2.252", // not allowed to send as this address
		"5.4.5", "5.7.705", "5.7.708": // the account's own limit
		return true
	}
	return false
}

// deadStatus lists the statuses that say: there is no such address.
func deadStatus(enhanced string) bool {
	switch enhanced {
	case "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10":
		return true
	}
	return false
}

// The words of servers that give no status, or a wrong one.
var (
	fullWords    = []string{"full", "over quota", "quota exceeded", "exceeds the storage", "too large", "insufficient storage"}
	policyWords  = []string{"policy", "spam", "blocked", "blacklist", "black list", "blocklist", "block list", "reputation", "rejected for", "not authorized", "unauthenticated", "dmarc", "spf ", "dkim", "content rejected"}
	unknownWords = append([]string{"does not exist", "doesn't exist", "no mailbox", "mailbox unavailable", "invalid recipient", "address rejected", "not a valid"}, noSuchUserWords...)
)

func containsAny(text string, words []string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// RefusalOf classifies the outcome of an attempt.
func RefusalOf(r outreach.DeliveryResult) RefusalClass { return Refusal(r.Code, r.Enhanced, r.Text) }
