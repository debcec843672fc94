package reply

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func parse(t *testing.T, raw string) Message {
	t.Helper()
	m, err := Parse([]byte(raw), time.Time{})
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return m
}

func TestKindIsToldFromStructure(t *testing.T) {
	tests := []struct {
		name, raw string
		kind      outreach.Kind
	}{
		{"a plain answer", "Subject: Re: a question\n\nNot for us.", outreach.KindHuman},
		{"an answer through a gateway that marks everything as bulk", "Subject: Re: a question\nPrecedence: bulk\nX-Auto-Response-Suppress: All\nIn-Reply-To: <a@b.example>\n\nNot for us.", outreach.KindHuman},
		{"an answer to our mail about absence tracking", "Subject: AW: Abwesenheit einfach planen\n\nWas kostet das?", outreach.KindHuman},
		{"RFC 3834", "Subject: Re: a question\nAuto-Submitted: auto-replied\n\nBack in May.", outreach.KindAutomatic},
		{"Auto-Submitted: no", "Subject: Re: a question\nAuto-Submitted: no\n\nBack in May.", outreach.KindHuman},
		{"an absence behind a gateway's mark", "Subject: [External] Automatische Antwort: Frage\n\nIch bin im Mai zurück.", outreach.KindAutomatic},
		{"a Polish absence", "Subject: Nieobecność w biurze\n\nWracam w maju.", outreach.KindAutomatic},
		{"a Japanese absence", "Subject: 不在のお知らせ\nContent-Type: text/plain; charset=utf-8\n\n休暇中です。", outreach.KindAutomatic},
		{"a challenge", "From: no-reply@filter.example\nSubject: Please confirm\n\nTo prove that you are a person click https://filter.example/x", outreach.KindAutomatic},
		{"an unsubscribe mail that a mail program wrote", "Subject: unsubscribe\nAuto-Submitted: auto-replied\nX-Apple-Unsubscribe: true\n\nApple Mail sent this.", outreach.KindHuman},
		{"a feedback report", "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: ana@lead.example\n--b--\n", outreach.KindComplaint},
		{"somebody who talks about a bounce", "From: ana@lead.example\nSubject: Re: a question\n\nMy mail to you could not be delivered yesterday.", outreach.KindHuman},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := parse(t, test.raw)
			if m.Kind != test.kind {
				t.Errorf("kind = %s by %q, want %s", m.Kind, m.KindRules, test.kind)
			}
		})
	}
}

func TestAnAnswerWithinSecondsCompletesWeakEvidence(t *testing.T) {
	weak := "From: no-reply@desk.example\nSubject: your mail\n\nWe have it."
	for _, test := range []struct {
		raw   string
		pause time.Duration
		want  outreach.Kind
	}{
		{weak, 3 * time.Second, outreach.KindAutomatic},
		{weak, -time.Second, outreach.KindAutomatic}, // clocks differ
		{weak, time.Hour, outreach.KindHuman},
		{"From: ana@lead.example\nSubject: Re: a question\n\nyes", 3 * time.Second, outreach.KindHuman},
	} {
		m := parse(t, test.raw)
		m.AnsweredAfter(test.pause)
		if m.Kind != test.want {
			t.Errorf("after %s it is %s by %q", test.pause, m.Kind, m.KindRules)
		}
	}
}

const bounceHead = "From: MAILER-DAEMON@mx.example\nTo: dana@ours.example\nSubject: Undelivered Mail Returned to Sender\n\n"

func TestBouncesNameRecipientCauseAndBlame(t *testing.T) {
	tests := []struct {
		name, raw string
		want      Recipient
	}{
		{"Postfix, no such user", bounceHead + "This is the mail system.\n\n<ana@lead.example>: host mx.lead.example said: 550 5.1.1 User unknown (in reply to RCPT TO command)\n",
			Recipient{Address: "ana@lead.example", Label: outreach.LabelBounceHard, Status: "5.1.1", Code: 550, Reason: reasonUserUnknown}},
		{"a filter that says unknown after the content", bounceHead + "<ana@lead.example>: host mx.lead.example said: 550 Unknown user (in reply to end of DATA command)\n",
			Recipient{Address: "ana@lead.example", Label: outreach.LabelBounceSoft, Code: 550, Reason: reasonFiltered}},
		{"mailbox full", bounceHead + "<ana@lead.example>: 552 5.2.2 mailbox over quota\n",
			Recipient{Address: "ana@lead.example", Label: outreach.LabelBounceSoft, Status: "5.2.2", Code: 552, Reason: reasonFull}},
		{"our DMARC policy", bounceHead + "<ana@lead.example>: 550 5.7.26 rejected per DMARC policy of ours.example\n",
			Recipient{Address: "ana@lead.example", Label: outreach.LabelBounceBlock, Status: "5.7.26", Code: 550, Reason: reasonAuth}},
		{"our server is listed", bounceHead + "<ana@lead.example>: 554 5.7.1 Client host [192.0.2.1] blocked using a block list\n",
			Recipient{Address: "ana@lead.example", Label: outreach.LabelBounceBlock, Status: "5.7.1", Code: 554, Reason: reasonBlocked}},
		{"the sender is refused, not the lead", bounceHead + "<ana@lead.example>: 501 5.1.8 Sender address rejected: Domain not found\n",
			Recipient{Address: "ana@lead.example", Label: outreach.LabelBounceBlock, Status: "5.1.8", Code: 501, Reason: reasonRejected}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := parse(t, test.raw)
			if len(m.Recipients) != 1 {
				t.Fatalf("kind %s with recipients %+v, want one", m.Kind, m.Recipients)
			}
			got := m.Recipients[0]
			got.Text = ""
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("recipient (-want +got):\n%s", diff)
			}
		})
	}
}

func TestADeliveryReportGivesTheIDsOfTheOriginal(t *testing.T) {
	m := parse(t, "From: postmaster@mx.example\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nSorry.\n--b\n"+
		"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Ana@lead.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n--b\n"+
		"Content-Type: message/rfc822\n\nMessage-ID: <01J.abc@ours.example>\nSubject: hello\n\nhi\n--b--\n")
	if diff := cmp.Diff([]string{"<01J.abc@ours.example>"}, m.InnerMessageIDs); diff != "" {
		t.Errorf("inner IDs (-want +got):\n%s", diff)
	}
	if m.Label() != outreach.LabelBounceHard {
		t.Errorf("label = %s, want bounce_hard; recipients %+v", m.Label(), m.Recipients)
	}
}

func TestAReturnDayIsReadFromAppleCriteria(t *testing.T) {
	m := parse(t, "Subject: Re: hello\nX-Apple-Action: VACATION\nX-Apple-Criteria: {\"startDate\":\"2025-06-02\",\"endDate\":\"2025-06-16\"}\n\nAway.")
	if m.ReturnOn == nil || m.ReturnOn.String() != "2025-06-16" {
		t.Errorf("return on %v, want 2025-06-16", m.ReturnOn)
	}
}

func TestTextIsWhatAReaderSees(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"HTML alone, hidden words dropped", "Content-Type: text/html\n\n<style>p{}</style><p style='display:none'>unsubscribe</p><p>Not&nbsp;now, <b>thanks</b></p>", "Not now, thanks"},
		{"a blank text part gives way to the HTML", "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n--b\nContent-Type: text/html\n\n<div>Yes</div>\n--b--\n", "Yes"},
		{"flowed lines are joined", "Content-Type: text/plain; format=flowed\n\nWe are \nhappy.\n", "We are happy."},
		{"Latin-1 without a label", "Subject: x\n\nK\xe9rem sz\xe9pen", "Kérem szépen"},
		{"a NUL", "Subject: x\n\nno\x00pe", "nope"},
		{"carriage returns alone", "Subject: x\r\rnope\r", "nope"},
		{"an mbox line", "From ana Mon Jun  2 10:00:00 2025\nSubject: x\n\nnope", "nope"},
		{"a boundary that was changed on the way", "Content-Type: multipart/mixed; boundary=aaaaaa\n\n--bbbbbb\nContent-Type: text/plain\n\nnope\n--bbbbbb--\n", "nope"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := parse(t, test.raw).Text; got != test.want {
				t.Errorf("text = %q, want %q", got, test.want)
			}
		})
	}
}

func TestSubjectsLoseEveryPrefix(t *testing.T) {
	if got := BareSubject("[EXTERNAL] Re: AW: [Ext] SV: Automatic reply: hello"); got != "Automatic reply: hello" {
		t.Errorf("bare subject = %q", got)
	}
}

func TestAnEmptyMailIsRefused(t *testing.T) {
	if _, err := Parse([]byte("\r\n \n"), time.Time{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("err = %v, want ErrEmpty", err)
	}
}
