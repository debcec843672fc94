package reply

import (
	"strings"

	"drumbeat/internal/outreach"
	"drumbeat/internal/pattern"
)

var (
	// loopSender and loopSubject are the feedback loops that predate ARF.
	loopSender  = pattern.New(`(?i)(?:fbl|feedback-?loop|jmrp|staff@hotmail|feedback@arf|complaints?@|abuse-?report|scomp@|arf@|feedbackloop)`)
	loopSubject = pattern.New(`(?i)(?:complaint about (?:your )?(?:message|mail)|abuse report|feedback report|email feedback|spam (?:complaint|report)|fbl (?:report|notification)|email abuse|beschwerde über|client tos notification)`)
)

// authFailureRule marks a report about authentication (RFC 6591): the operator
// must know, but no lead complained, so it names none.
const authFailureRule = "authentication failure report (RFC 6591)"

// complaint tells whether a mail reports that its recipient called ours spam:
// ARF (RFC 5965), or a feedback loop without it.
func (m *Message) complaint(mime envelope) bool {
	rule := m.complaintRule(mime)
	if rule == "" {
		return false
	}
	m.Kind = outreach.KindComplaint
	m.KindRules = append(m.KindRules, "complaint: "+rule)
	m.InnerMessageIDs = messageIDs(innerIDs(mime)...)
	if rule == authFailureRule {
		m.Recipients = []Recipient{{Label: outreach.LabelComplaint, Reason: reasonAuth}}
		return true
	}
	for _, address := range m.complainants(mime) {
		m.Recipients = append(m.Recipients, Recipient{Address: address, Label: outreach.LabelComplaint, Reason: reasonFeedback})
	}
	return true
}

func (m *Message) complaintRule(mime envelope) string {
	for _, p := range mime.leaves {
		if p.mediaType == "message/feedback-report" {
			if feedback := feedbackFields(p).Get("Feedback-Type"); strings.EqualFold(firstWord(feedback), "auth-failure") {
				return authFailureRule
			}
			return "feedback report (RFC 5965)"
		}
	}
	if strings.Contains(strings.ToLower(m.Header.Get("Content-Type")), "feedback-report") {
		return "feedback report (RFC 5965)"
	}
	if m.Header.Has("X-Hmxmroriginalrecipient") || m.Header.Has("X-Loop") && strings.EqualFold(m.Header.Get("X-Loop"), "scomp") {
		return "feedback loop header"
	}
	sender := m.From.Name + " " + m.From.Email
	enclosed := mime.has("message/rfc822") || mime.has("text/rfc822-headers")
	if enclosed && (loopSender.MatchString(sender) || loopSubject.MatchString(m.Subject)) {
		return "feedback loop"
	}
	return ""
}

// feedbackFields reads the fields of a feedback report.
func feedbackFields(p *part) Header {
	return decodeHeader(plainHeader(boundHeader([]byte(strings.TrimSpace(p.text()) + "\n"))))
}

// complainants are the addresses that a report names; providers often hide
// them, then it is the enclosed mail's To.
func (m *Message) complainants(mime envelope) []string {
	var found []string
	for _, p := range mime.leaves {
		if p.mediaType == "message/feedback-report" {
			fields := feedbackFields(p)
			for _, name := range []string{"Original-Rcpt-To", "Removal-Recipient"} {
				for _, value := range fields.Values(name) {
					found = appendAddress(found, value)
				}
			}
		}
	}
	found = appendAddress(found, m.Header.Get("X-Hmxmroriginalrecipient"))
	for _, header := range originalHeaders(mime) {
		for _, to := range addresses(header, "To") {
			if len(found) == 0 {
				found = appendAddress(found, to.Email)
			}
		}
	}
	if len(found) == 0 {
		found = []string{""}
	}
	return found
}

// appendAddress adds the address in a value once.
func appendAddress(list []string, value string) []string {
	address := strings.ToLower(addressPattern.FindString(value))
	if address == "" || len(list) >= maxReports {
		return list
	}
	for _, known := range list {
		if known == address {
			return list
		}
	}
	return append(list, address)
}
