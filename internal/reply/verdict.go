package reply

import (
	"cmp"
	"strconv"
	"strings"

	"drumbeat/internal/pattern"
)

var (
	// enhancedStatus is an RFC 3463 status that is no part of an IP address.
	enhancedStatus = pattern.New(`(?:^|[^\d.])([245])\.(\d{1,3})\.(\d{1,3})(?:$|[^\d.]|\.(?:$|\D))`)
	// replyCode is an SMTP reply code (RFC 5321, section 4.2) where one can stand.
	replyCode  = pattern.New(`(?:^|[\s:;,(=<])([245]\d\d)(?:[\s:;,)-]|$)`)
	webAddress = pattern.New(`(?i)https?://\S+|\bwww\.\S+`)
	// bareRejection says that the address was refused and gives no cause, as
	// Exchange Online does of addresses that are not there.
	bareRejection = pattern.New(`recipient address rejected[.: ]*(?:$|\(|access denied)`)
	// boilerplate are words that say nothing about the cause.
	boilerplate = pattern.New(`(?i)recipient address rejected:?|giving up on [\d.:a-f]*|i'm not going to try again; this message has been in the queue too long|i've given up|please (?:see|visit|refer to)|will not continue trying`)
)

// How much is read, in bytes. Some fifty patterns are tried on each diagnostic, so
// the recipients of one report share what may be read.
const (
	maxDiagnostic  = 4 << 10 // of one diagnostic
	allDiagnostics = 8 << 10 // of all of a report
	leastEach      = 256     // whatever others there are
	maxLetter      = 16 << 10
)

// diagnosticShare is what each of n recipients has of what may be read.
func diagnosticShare(n int) int { return min(maxDiagnostic, max(allDiagnostics/n, leastEach)) }

// report is what a server said about one recipient, before it is judged.
type report struct {
	address string
	action  string // RFC 3464, section 2.3.3: failed, delayed, delivered ...
	status  string // the Status field
	text    string // the diagnostic, or the words around the address
	letter  letter
	sole    bool // the letter speaks of no other recipient
	limit   int  // of text, in bytes; 0: maxDiagnostic
}

// letter is all that the reporting server wrote, read once for all recipients.
type letter struct {
	text    string
	phase   phase
	pending bool // it says that the server goes on trying
}

// stillTrying is how servers without RFC 3464 say that they have not given up.
var stillTrying = pattern.New(`(?i)(?:do not|don't) need to (?:re-?send|do anything)|no action is required|will (?:keep|continue) (?:to )?try|` +
	`(?:delivery )?attempts will continue|will be retried|will retry|this is a warning message only|warning: (?:could not send|message (?:still|delayed))|still (?:un|being )deliver|` +
	`wird weiterhin versucht|weitere zustellversuche|nouvelles tentatives|seguirá intentando|continuer[aà] a tentare`)

// newLetter reads the beginning of a server's own words: what refused a mail
// stands there.
func newLetter(own string) letter {
	own = own[:min(len(own), maxLetter)]
	return letter{text: own, phase: refusedAt(own), pending: stillTrying.MatchString(own)}
}

// judge turns a report into a Recipient: the most telling status, the code,
// the reason, and what the reason means.
func (r report) judge() Recipient {
	text := oneLine(r.text, cmp.Or(r.limit, maxDiagnostic))
	out := Recipient{Address: strings.ToLower(r.address), Text: text, Status: bestStatus(r.status, text), Code: bestCode(text)}
	out.Reason = r.reason(text, out)
	out.Label = labelOf(out.Reason)
	out.Pending = out.Reason == reasonDelivered || r.action == "delayed" || r.action == "" && r.letter.pending
	return out
}

// oneLine joins the lines of a text, at most limit bytes of it.
func oneLine(text string, limit int) string {
	text = strings.ToValidUTF8(text[:min(len(text), 2*limit)], "") // there may be white space to drop
	text = strings.Join(strings.Fields(clean(text)), " ")
	return strings.ToValidUTF8(text[:min(len(text), limit)], "")
}

// reason decides in the order: success, words, status.
func (r report) reason(text string, out Recipient) string {
	if strings.HasPrefix(out.Status, "2.") || r.action == "delivered" || r.action == "relayed" || r.action == "expanded" {
		return reasonDelivered
	}
	if reason := reasonInWords(text); reason != "" {
		return r.doubt(reason, out)
	}
	if r.action == "delayed" {
		return reasonExpired
	}
	if strings.HasSuffix(out.Address, "@googlegroups.com") {
		return reasonRejected // its notice says in fifty languages that we may not post
	}
	if reason, ok := statusReasons["x"+strings.TrimLeft(out.Status, "45")]; ok {
		return r.doubt(reason, out)
	}
	return reasonUndefined
}

// reasonInWords tries the rules on each reply of the server in turn, then on
// all of the text: what was said with a code is nearer to the cause than the
// letter around it.
func reasonInWords(text string) string {
	text = strings.ToLower(text)
	for _, reply := range replies(text) {
		if reason := matchReason(reply); reason != "" && reason != reasonSystem {
			return reason // "service unavailable" is said of anything
		}
	}
	return matchReason(text)
}

func matchReason(text string) string {
	text = webAddress.ReplaceAllString(text, " ")
	if bareRejection.MatchString(text) {
		return reasonUserUnknown
	}
	text = boilerplate.ReplaceAllString(addressPattern.ReplaceAllString(text, "@"), " ")
	for _, rule := range reasonRules {
		if rule.pattern.MatchString(text) {
			return rule.reason
		}
	}
	return ""
}

// replies cuts a text at SMTP codes; the lines of one reply ("550-", "550 ")
// stay together.
func replies(text string) []string {
	var out []string
	last, code := -1, ""
	for _, m := range replyCode.FindAllStringSubmatchIndex(text, 32) {
		found := text[m[2]:m[3]]
		if found[0] == '2' || found == code {
			continue
		}
		if last >= 0 {
			out = append(out, text[last:m[2]])
		}
		last, code = m[2], found
	}
	if last >= 0 {
		out = append(out, text[last:])
	}
	return out
}

// bestStatus prefers a specific status in the words over the Status field's
// 5.0.0, which many servers write for anything.
func bestStatus(field, text string) string {
	field = findStatus(field)
	if field != "" && !strings.HasSuffix(field, ".0.0") {
		return field
	}
	if found := findStatus(text); found != "" {
		return found
	}
	return field
}

// findStatus is the first status in a text that says more than x.0.0, else the
// first.
func findStatus(text string) string {
	first := ""
	for _, m := range enhancedStatus.FindAllStringSubmatch(text, 8) {
		status := m[1] + "." + m[2] + "." + m[3]
		if !strings.HasSuffix(status, ".0.0") {
			return status
		}
		if first == "" {
			first = status
		}
	}
	return first
}

// bestCode is the first SMTP code of a failure in a text, 0 without one.
func bestCode(text string) int {
	for _, m := range replyCode.FindAllStringSubmatch(text, 8) {
		code, err := strconv.Atoi(m[1])
		if err == nil && code >= 400 && code < 560 {
			return code
		}
	}
	return 0
}
