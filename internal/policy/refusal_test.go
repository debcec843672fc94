package policy_test

import (
	"testing"

	"drumbeat/internal/policy"
)

// TestWhoseFaultARefusalIs is a table of what servers say. The addresses and hosts
// in them are examples; the words are those of the servers.
func TestWhoseFaultARefusalIs(t *testing.T) {
	const (
		address, full, domain = policy.RefusedAddress, policy.RefusedFull, policy.RefusedDomain
		mailbox, unclear      = policy.RefusedMailbox, policy.RefusedUnclear
	)
	for _, test := range []struct {
		code     int
		enhanced string
		text     string
		want     policy.RefusalClass
	}{
		// The address does not exist.
		{550, "5.1.1", "The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos", address},
		{550, "5.1.1", "[address]: Recipient address rejected: User unknown in virtual mailbox table", address},
		{550, "5.1.1", "User unknown", address},
		{550, "5.1.1", "No such user here", address},
		{550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", address},
		{550, "5.1.2", "Host unknown (Name server: host not found)", address},
		{553, "5.1.3", "Invalid address format", address},
		{550, "5.1.6", "Recipient no longer on server", address},
		{550, "5.1.0", "Address rejected", address},
		{550, "", "Requested action not taken: mailbox unavailable", address},
		{550, "", "No Such User Here", address},
		{550, "", "Unknown user", address},
		{550, "", "Invalid recipient", address},
		{550, "", "sorry, no mailbox here by that name. (#5.1.1)", address},
		{551, "", "User not local; user does not exist", address},
		{553, "", "sorry, that recipient is not in my list of users: no such user", address},
		{550, "", "User not found", address},
		{550, "5.0.0", "<[address]>... User unknown", address},
		{554, "5.0.0", "No such user", address},
		{550, "5.5.0", "Requested action not taken: user does not exist", address},

		// The mailbox is full, or the mail too large: this time only.
		{552, "5.2.2", "The email account that you tried to reach is over quota and inactive", full},
		{552, "5.2.2", "Mailbox size limit exceeded", full},
		{550, "5.2.2", "Quota exceeded (mailbox for user is full)", full},
		{550, "5.1.1", "[address]: mailbox full", full},
		{552, "5.3.4", "Message size exceeds fixed limit", full},
		{552, "5.2.3", "Message length exceeds administrative limit", full},
		{554, "5.2.2", "RESOLVER.RST.MailboxFull; mailbox full", full},
		{552, "", "Requested mail action aborted: exceeded storage allocation; mailbox is full", full},
		{552, "", "Message too large", full},
		{550, "5.2.2", "STOREDRV.Deliver; mailbox full. The recipient's mailbox is full and can't accept messages now", full},

		// The recipient's domain does not take mail from this mailbox.
		{550, "5.7.1", "Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent, this message has been blocked", domain},
		{550, "5.7.1", "Service unavailable, Client host [192.0.2.1] blocked using Spamhaus. To request removal from this list see the web page", domain},
		{554, "5.7.1", "Service unavailable; Client host [192.0.2.1] blocked using zen.example; listed", domain},
		{550, "5.7.1", "Message rejected as spam by Content Filtering", domain},
		{550, "5.7.0", "Local Policy Violation", domain},
		{554, "", "Message not accepted for policy reasons", domain},
		{553, "5.7.1", "[BL21] Connections will not be accepted from 192.0.2.1, because the ip is in a blocklist", domain},
		{550, "5.7.133", "RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; the group only accepts mail from its members", domain},
		{550, "5.7.606", "Access denied, banned sending IP [192.0.2.1]", domain},
		{550, "5.7.511", "Access denied, banned sender", domain},
		{550, "5.7.124", "RESOLVER.RST.NotAuthorized; sender not in allowed-senders list", domain},
		{554, "", "Transaction failed: reputation of the sending host", domain},
		{550, "5.7.350", "Remote server returned message detected as spam", domain},
		{550, "5.1.1", "Recipient address rejected: blocked by policy", domain},
		{571, "5.7.1", "Delivery not authorized, message refused", domain},
		{554, "", "5.7.1 Reject due to content rejected", domain},
		{550, "", "High probability of spam", domain},
		{550, "", "No such user here, or your host is on a block list", domain},
		{550, "", "User unknown; rejected by policy", domain},

		// We are at fault, whoever the recipient is.
		{535, "5.7.8", "Username and Password not accepted", mailbox},
		{535, "5.7.3", "Authentication unsuccessful", mailbox},
		{534, "5.7.9", "Application-specific password required", mailbox},
		{530, "5.7.0", "Authentication Required", mailbox},
		{530, "5.7.57", "Client not authenticated to send mail", mailbox},
		{550, "5.7.515", "Access denied, sending domain ours.example does not meet the required authentication level", mailbox},
		{550, "5.7.26", "This message does not pass authentication checks (SPF and DKIM both do not pass)", mailbox},
		{550, "5.7.26", "Unauthenticated email from ours.example is not accepted due to domain's DMARC policy", mailbox},
		{550, "5.1.7", "The sender's address was invalid", mailbox},
		{550, "5.1.8", "Access denied, bad outbound sender", mailbox},
		{553, "5.1.8", "Sender address rejected: Domain not found", mailbox},
		{550, "5.7.60", "SMTP; Client does not have permissions to send as this sender", mailbox},
		{550, "5.7.708", "Service unavailable. Access denied, traffic not accepted from this IP", mailbox},
		{550, "5.4.5", "Daily user sending limit exceeded", mailbox},
		{554, "5.2.252", "SendAsDenied; not allowed to send as", mailbox},

		// No word of why: this lead's sequence ends, and nothing else is touched.
		{554, "", "Transaction failed", unclear},
		{550, "", "Requested action not taken", unclear},
		{550, "5.0.0", "Message rejected", unclear},
		{550, "5.0.0", "Sender verification failed: no such user", unclear}, // it speaks of us, not of the lead
		{554, "", "User unknown or temporarily disabled", unclear},
		{550, "5.4.1", "Recipient address rejected: Access denied.", unclear}, // nearly always no such address, but it does not say so
		{554, "5.4.14", "Hop count exceeded - possible mail loop", unclear},
		{550, "5.2.1", "The email account that you tried to reach is disabled", unclear},
	} {
		if got := policy.Refusal(test.code, test.enhanced, test.text); got != test.want {
			t.Errorf("%d %s %s: %s, want %s", test.code, test.enhanced, test.text, got, test.want)
		}
	}
}

// TestWordsThatAloneSayThatAnAddressIsDead: of a report without a status nothing but
// its words can suppress a lead.
func TestWordsThatAloneSayThatAnAddressIsDead(t *testing.T) {
	for _, test := range []struct {
		code     int
		enhanced string
		text     string
		want     bool
	}{
		{550, "", "550 no such user here", true},
		{550, "", "550 <ana@lead.example> No such user here", true},
		{550, "5.0.0", "User unknown", true},
		{550, "", "Empfänger unbekannt", true},
		{450, "", "450 user unknown", false},                             // it may pass
		{0, "", "user unknown", false},                                   // nobody refused anything
		{550, "5.2.1", "User unknown", false},                            // the status says: disabled
		{550, "5.7.1", "User unknown", false},                            // the status says: policy
		{550, "", "mailbox unavailable", false},                          // for whatever reason
		{550, "", "no such user: blocked by our filter", false},          // of people who exist, too
		{550, "", "user unknown, over quota", false},                     // there is a mailbox
		{550, "", "sender rejected: no such user at your host", false},   // a callback to us
		{550, "", "Message refused as spam for unknown user", false},     // the content
		{550, "", "relaying denied to unknown user", false},              // not a server of the lead's
		{550, "", "The recipient's server would not take mail", false},   // no word of a user
		{550, "", "550 Unrouteable address: DNS lookup failed", false},   // of the host
		{550, "", "unknown recipient, try again in some minutes", false}, // it may pass
	} {
		if got := policy.DeadByWords(test.code, test.enhanced, test.text); got != test.want {
			t.Errorf("%d %s %s: %t", test.code, test.enhanced, test.text, got)
		}
	}
}
