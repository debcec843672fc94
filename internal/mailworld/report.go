package mailworld

import (
	"fmt"
	"net/mail"
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// failure is what a bounce says.
type failure struct {
	status, code, words, sentence string
}

func failureOf(kind Kind) failure {
	switch kind {
	case SoftBounce:
		return failure{"4.2.2", "452", "The email account that you tried to reach is over quota", "the mailbox is full"}
	case BlockBounce:
		return failure{"5.7.1", "554", "Message rejected due to local policy: content looks like spam", "our filter refused it"}
	}
	return failure{"5.1.1", "550", "The email account that you tried to reach does not exist", "the address does not exist"}
}

// daemon is a letter from the mail system of the lead's company.
func (e event) daemon(local, subject string) letter {
	domain := outreach.Domain(e.lead)
	return letter{
		from: mail.Address{Name: "Mail Delivery System", Address: local + "@mx." + domain}, to: mail.Address{Address: e.mail.From},
		subject: subject, at: e.at, id: fmt.Sprintf("<%s.%d@mx.%s>", shortHash(e.mail.MessageID), e.number, domain),
		extra: []field{{"Auto-Submitted", "auto-replied"}},
	}
}

// bounce is a delivery status notification (RFC 3464) with the headers of our
// mail in it.
func (e event) bounce() letter {
	f := failureOf(e.reaction.Kind)
	domain := outreach.Domain(e.lead)
	l := e.daemon("MAILER-DAEMON", "Undelivered Mail Returned to Sender")
	human := fmt.Sprintf("This is the mail system at host mx.%s.\n\nI'm sorry to have to inform you that your message could not\n"+
		"be delivered to one or more recipients: %s.\n\n<%s>: host mx.%s said: %s %s %s\n    (in reply to RCPT TO command)\n",
		domain, f.sentence, e.lead, domain, f.code, f.status, f.words)
	status := fmt.Sprintf("Reporting-MTA: dns; mx.%s\nArrival-Date: %s\n\nFinal-Recipient: rfc822; %s\nOriginal-Recipient: rfc822;%s\n"+
		"Action: failed\nStatus: %s\nDiagnostic-Code: smtp; %s %s %s\n",
		domain, e.mail.At.Format(time.RFC1123Z), e.lead, e.lead, f.status, f.code, f.status, f.words)
	l.multipart = "report; report-type=delivery-status"
	l.parts = []part{
		textPart(human),
		{contentType: "message/delivery-status", body: status, asIs: true},
		{contentType: "text/rfc822-headers", body: headersOf(e.original), asIs: true},
	}
	return l
}

// complaint is an abuse report (RFC 5965) with our whole mail in it.
func (e event) complaint() letter {
	l := e.daemon("feedback", "Abuse report: "+e.mail.Subject)
	l.extra = nil
	human := fmt.Sprintf("This is an email abuse report for a message received from %s on %s.\n",
		e.mail.From, e.mail.At.Format(time.RFC1123Z))
	report := fmt.Sprintf("Feedback-Type: abuse\nUser-Agent: Feedback/1.0\nVersion: 1\nOriginal-Mail-From: <%s>\n"+
		"Original-Rcpt-To: <%s>\nReceived-Date: %s\n", e.mail.From, e.lead, e.mail.At.Format(time.RFC1123Z))
	l.multipart = "report; report-type=feedback-report"
	l.parts = []part{
		textPart(human),
		{contentType: "message/feedback-report", body: report, asIs: true},
		{contentType: "message/rfc822", body: string(e.original), asIs: true},
	}
	return l
}

// headersOf is the header block of a raw mail.
func headersOf(raw []byte) string {
	block, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	return block + "\r\n"
}
