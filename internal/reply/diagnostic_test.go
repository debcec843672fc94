package reply

import (
	"testing"

	"drumbeat/internal/outreach"
)

// What servers say at RCPT TO or after the content, and who is to blame. The
// wordings are those of the large providers and the common server programs.
func TestDiagnosticsOfCommonServers(t *testing.T) {
	const hard, soft, block = outreach.LabelBounceHard, outreach.LabelBounceSoft, outreach.LabelBounceBlock
	cases := []struct {
		diagnostic string
		want       outreach.Label
	}{
		// The address is not there.
		{"550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces.", hard},
		{"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ana@lead.example not found by SMTP address lookup", hard},
		{"550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found", hard},
		{"550 5.1.1 <ana@lead.example>: Recipient address rejected: User unknown in virtual mailbox table", hard},
		{"550 5.1.1 <ana@lead.example>... User unknown", hard},
		{"550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", hard},
		{"554 delivery error: dd This user doesn't have a yahoo.com account (ana@yahoo.com) [0] - mta1.mail.ne1.yahoo.com", hard},
		{"550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).", hard},
		{"550 sorry, no mailbox here by that name (#5.1.1 - chkuser)", hard},
		{"511 sorry, no mailbox here by that name (#5.1.1)", hard},
		{"550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_416 [416]", hard},
		{"550 5.1.6 recipient no longer on server", hard},
		{"556 5.1.10 Domain does not accept mail (nullMX)", hard},
		{"Host or domain name not found. Name service error for name=lead.example type=A: Host not found", hard},
		{"550 5.1.2 Bad destination host 'DNS Hard Error looking up lead.example (MX): NXDomain'", hard},
		{"550 5.1.1 unknown or illegal alias: ana@lead.example", hard},
		{"550 5.1.0 Address rejected: no such recipient", hard},
		// It may be so, but filters say it of people who exist, and neither a status nor the command
		// stands with it: the third such bounce in two weeks is hard.
		{"550 No Such User Here", soft},
		{"550 Unrouteable address", soft},
		{"550 Requested action not taken: mailbox unavailable: user does not exist", soft},
		// It may pass.
		{"452-4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp", soft},
		{"552 5.2.2 The email account that you tried to reach is over quota and inactive.", soft},
		{"552 5.2.2 <ana@lead.example>: Quota exceeded (mailbox for user is full)", soft},
		{"554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", soft},
		{"450 4.2.0 <ana@lead.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/lead.example.html", soft},
		{"451 4.7.500 Server busy. Please try again later from [192.0.2.1].", soft},
		{"421 4.4.2 Connection timed out", soft},
		{"connect to mx.lead.example[192.0.2.5]:25: Connection refused", soft},
		{"4.4.7 Message delivery time expired", soft},
		{"550 5.4.300 Message expired -> 451 4.4.0 DNS query failed", soft},
		{"5.4.6 Hop count exceeded - possible mail loop", soft},
		{"452 4.3.1 Insufficient system resources", soft},
		{"552 5.3.4 Message size exceeds fixed limit", soft},
		{"550 5.2.1 The email account that you tried to reach is disabled.", soft},
		{"554 30 Sorry, your message to ana@yahoo.com cannot be delivered. This mailbox is disabled (554.30).", soft},
		{"450 4.1.1 <ana@lead.example>: Recipient address rejected: unverified address: Address verification in progress", soft},
		{"451 4.3.0 Mail server temporarily rejected message", soft},
		{"lost connection with mx.lead.example while receiving the initial server greeting", soft},
		// We are to blame, or our server is.
		{"550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.", block},
		{"550 5.7.515 Access denied, sending domain OURS.EXAMPLE doesn't meet the required authentication level.", block},
		{"550 5.7.1 Unauthenticated email from ours.example is not accepted due to domain's DMARC policy.", block},
		{"550-5.7.1 Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked.", block},
		{"421-4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address.", block},
		{"550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/", block},
		{"550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus.", block},
		{"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1", block},
		{"550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).", block},
		{"421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1", block},
		{"554 Message not allowed - [PH01] Email not accepted for policy reasons.", block},
		{"550 5.7.25 The IP address sending this message does not have a PTR record setup", block},
		{"554 5.7.1 <ana@lead.example>: Relay access denied", block},
		{"550 5.1.8 Sender address rejected: Domain not found", block},
		{"550 5.7.1 Message rejected as spam by Content Filtering.", block},
		{"554 5.7.1 The message from (<dana@ours.example>) with the subject of (x) matches a profile the Internet community may consider spam.", block},
		{"550 High probability of spam", block},
		{"554-mx.gmx.net (mxgmx016) Nemesis ESMTP Service not available, No SMTP service. IP address is block listed.", block},
		{"550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated", block},
		{"550 5.7.509 Access denied, sending domain ours.example does not pass DMARC verification and has a DMARC policy of reject.", block},
		{"571 5.7.1 Email rejected per Security policy MSL10001", block},
		{"550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", block},
	}
	for _, c := range cases {
		t.Run(c.diagnostic[:min(len(c.diagnostic), 60)], func(t *testing.T) {
			raw := "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
				"--b\nContent-Type: text/plain\n\nYour message could not be delivered.\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n" +
				"Final-Recipient: rfc822; ana@lead.example\nAction: failed\nDiagnostic-Code: smtp; " + c.diagnostic + "\n\n--b--\n"
			m := parse(t, raw)
			if len(m.Recipients) != 1 || m.Recipients[0].Label != c.want {
				t.Errorf("%+v, want %s", m.Recipients, c.want)
			}
		})
	}
}
