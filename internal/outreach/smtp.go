package outreach

// Delivery is how an SMTP dialogue ended, as the ledger needs to know it.
type Delivery string

// The ends of a dialogue.
const (
	DeliveryAccepted  Delivery = "accepted"  // 250 to the final dot
	DeliveryRefused   Delivery = "refused"   // 5xx: permanent
	DeliveryDeferred  Delivery = "deferred"  // 4xx: try again later
	DeliveryNotSent   Delivery = "not_sent"  // no dot went: connection failed, or the commit point said no
	DeliveryUncertain Delivery = "uncertain" // the dot went and no answer came
)

// DeliveryResult is the outcome of one attempt.
type DeliveryResult struct {
	Delivery Delivery
	Code     int    // SMTP reply code, 0 when none came
	Enhanced string // RFC 3463 status, "" when none came
	Text     string // the server's text or the network's error, one line, addresses removed
	Phase    string // dial, mail, rcpt, data, body, commit, dot
}
