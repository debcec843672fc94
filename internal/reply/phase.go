package reply

import (
	"cmp"
	"strings"

	"drumbeat/internal/outreach"
	"drumbeat/internal/pattern"
)

// phase is the SMTP command that was answered with a refusal.
type phase int

const (
	phaseUnknown phase = iota
	phaseConnect       // greeting, HELO: our server is unwelcome
	phaseMail          // MAIL FROM: the sender is
	phaseRcpt          // RCPT TO: the address is
	phaseData          // DATA: the content is
)

// phaseMarks are the words by which servers tell the command.
var phaseMarks = []struct {
	phase   phase
	pattern *pattern.Pattern
}{
	{phaseConnect, pattern.New(`(?i)initial connection|after (?:ehlo|helo)|in reply to (?:ehlo|helo)|>>> (?:ehlo|helo)|refused to talk|my name was rejected|like our (?:ehlo|helo|greeting)|performing the (?:helo|ehlo)`)},
	{phaseMail, pattern.New(`(?i)after mail from|in reply to mail|>>> mail|like our mail|not like (?:your )?sender|\[mail_from\]`)},
	{phaseData, pattern.New(`(?i)end of data|in reply to data|after data|>>> data|like our (?:final )?data|data command|-smtp command\s+data|failed after i sent the message`)},
	{phaseRcpt, pattern.New(`(?i)after rcpt|in reply to rcpt|>>> rcpt|like our rcpt|not like recipient|\[rcpt_to\]|rcpt to response|recipient address rejected|smtp:rcpt|rcpt command|delivery error: dd|invalid user address|^542 \S+ rejected|\d{3}:? <[^<>]+>: user unknown|recipients? refused`)},
}

// refusedAt finds the command of a diagnostic.
func refusedAt(text string) phase {
	text = strings.Join(strings.Fields(text), " ")
	for _, mark := range phaseMarks {
		if mark.pattern.MatchString(text) {
			return mark.phase
		}
	}
	return phaseUnknown
}

// doubt weakens a verdict of "unknown" that its circumstances do not bear. A
// temporary status may pass; an address refused after MAIL FROM is ours; and
// filters say "unknown user" of people who exist, but not at RCPT TO. Nothing
// but certainty may suppress an address: what is doubtful counts as soft.
func (r report) doubt(reason string, out Recipient) string {
	at := refusedAt(r.text[:min(len(r.text), cmp.Or(r.limit, maxDiagnostic))])
	if at == phaseUnknown {
		at = r.letter.phase
	}
	if at == phaseConnect && (labelOf(reason) == outreach.LabelBounceHard || reason == reasonContent || reason == reasonSystem) {
		return reasonBlocked
	}
	if labelOf(reason) != outreach.LabelBounceHard {
		return reason
	}
	if r.sole && reason == reasonUserUnknown {
		if other := softInContext(r.letter.text); other != "" {
			return other
		}
	}
	switch {
	case at == phaseMail:
		return reasonRejected
	case at == phaseRcpt && r.action == "failed" && unknownInTable.MatchString(r.text):
		return reason // given up after days in which the server said so
	case strings.HasPrefix(out.Status, "4."), out.Code >= 400 && out.Code < 500, r.action == "delayed":
		return reasonOnHold
	case strings.HasPrefix(out.Status, "5.1."), out.Status == "5.5.0", reason == reasonNotAccepting, reason == reasonMoved:
		return reason
	case at == phaseData, reason == reasonUserUnknown && at == phaseUnknown && out.Code != 0:
		return reasonFiltered
	}
	return reason
}

// unknownInTable is what Postfix says of an address that it does not know, also
// where it was told to say so with a temporary code.
var unknownInTable = pattern.New(`(?i)user unknown in \S+ \S+ table`)

// softInContext finds a milder cause that the letter names beside a code that
// says "unknown": then the letter is believed.
func softInContext(context string) string {
	head, _, _ := strings.Cut(context, "@")
	switch reason := matchReason(strings.ToLower(head)); reason {
	case reasonFull, reasonSuspended:
		return reason
	}
	if strings.Contains(context, "MSEXCH:") && !strings.Contains(context, "000C05A6") {
		return reasonFiltered // Exchange 2003 gives this code when it looked the name up
	}
	return ""
}
