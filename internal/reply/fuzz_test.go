package reply

import (
	"net/textproto"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"drumbeat/internal/outreach"
)

// Each parser has a target of its own, so that the fuzzer need not first find
// its way through MIME. What they check is what the callers rely on.

func FuzzParse(f *testing.F) {
	f.Add([]byte(plainHead + "Stop.\n\nOn Mon, 2 Jun 2025 Dana wrote:\n> hello\n"))
	f.Add([]byte("\x00\xff\xfe broken"))
	f.Add([]byte("Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nStatus: 5.1.1\n--b--"))
	f.Add([]byte("From: =?utf-8?b?????=\nContent-Type: text/html; charset=x-bad\n\n<p>hi<blockquote>q"))
	f.Add([]byte("Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw, time.Time{})
		if err != nil {
			return
		}
		assertStorable(t, &m)
		assertReasoned(t, &m)
	})
}

// assertReasoned checks that a message says by which rule it is of its kind, and
// that only reports name recipients.
func assertReasoned(t *testing.T, m *Message) {
	t.Helper()
	if n := len(m.KindRules); n == 0 || !strings.HasPrefix(m.KindRules[n-1], string(m.Kind)+": ") {
		t.Errorf("kind %q by the rules %q: want a rule of that kind last", m.Kind, m.KindRules)
	}
	report := m.Kind == outreach.KindBounce || m.Kind == outreach.KindComplaint
	if report != (len(m.Recipients) > 0) || report != (m.Label() != "") {
		t.Errorf("kind %s with recipients %v and label %q", m.Kind, m.Recipients, m.Label())
	}
}

func FuzzKind(f *testing.F) {
	f.Add("Auto-Submitted", "auto-replied", "Re: a question", "Back in May.")
	f.Add("Precedence", "bulk", "[External] Automatic reply: x", "I am away.")
	f.Add("X-Apple-Criteria", `{"endDate":"2025-06-16"}`, "unsubscribe", "")
	f.Add("X-Failed-Recipients", "a@b.example", "Mail delivery failed", "<a@b.example>: 550 5.1.1 unknown")
	f.Fuzz(func(t *testing.T, name, value, subject, text string) {
		raw := "From: ana@lead.example\n" + strings.ReplaceAll(name, "\n", "") + ": " + strings.ReplaceAll(value, "\n", " ") +
			"\nSubject: " + strings.ReplaceAll(subject, "\n", " ") + "\n\n" + text
		m, err := Parse([]byte(raw), time.Time{})
		if err != nil {
			return
		}
		assertStorable(t, &m)
		assertReasoned(t, &m)
	})
}

func FuzzPrepare(f *testing.F) {
	f.Add([]byte("From x\r\n\r\nA: b\r\rbody"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\n\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		prepared, _ := prepare(raw)
		if head, _ := splitHeader(prepared); len(head) > maxHeader+1 {
			t.Errorf("a header of %d bytes is left", len(head))
		}
		for i, c := range prepared {
			if c == '\r' {
				t.Fatalf("a carriage return is left at %d of %q", i, prepared)
			}
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add("From: =?utf-8?q?J=C3=BCrgen?= <j@a.example>, \"x, y\" <y@a.example>\nTo: <<>>@@")
	f.Add("From: =?iso-2022-jp?B?GyRC?=\n folded\x00\nSubject: \xff")
	f.Fuzz(func(t *testing.T, head string) {
		raw := plainHeader([]byte(head))
		for name, values := range decodeHeader(raw) {
			for _, text := range append(values, name) {
				if !storable(text) || strings.ContainsRune(text, '\n') {
					t.Errorf("header text %q", text)
				}
			}
		}
		for name := range raw {
			list := addresses(raw, name)
			if len(list) > maxAddresses {
				t.Errorf("%d addresses", len(list))
			}
			for _, a := range list {
				if !storable(a.Name) || !storable(a.Email) || a.Email != strings.ToLower(a.Email) {
					t.Errorf("address %q", a)
				}
			}
		}
	})
}

func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func FuzzSubject(f *testing.F) {
	f.Add("[EXTERNAL] Re: AW[2]: x")
	f.Fuzz(func(t *testing.T, subject string) {
		bare := BareSubject(subject)
		if !strings.HasSuffix(strings.TrimSpace(subject), bare) {
			t.Errorf("BareSubject(%q) = %q, which is not its end", subject, bare)
		}
	})
}

func FuzzMessageIDs(f *testing.F) {
	f.Add("<a@b>,<c@d>\n <e@f> <<g@h>>")
	f.Fuzz(func(t *testing.T, text string) {
		ids := messageIDs(text)
		seen := map[string]bool{}
		for _, id := range ids {
			if seen[id] || !strings.Contains(text, id) {
				t.Errorf("id %q twice, or not in the text", id)
			}
			seen[id] = true
		}
		if len(ids) > maxIDs {
			t.Errorf("%d ids", len(ids))
		}
	})
}

func FuzzDeliveryStatus(f *testing.F) {
	f.Add("Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; A@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user", "in reply to RCPT TO")
	f.Add("Original-Recipient: rfc822;a@b\nStatus: 4.4.7 (x)\nDiagnostic-Code: X-Unix; 67", "")
	f.Fuzz(func(t *testing.T, content, context string) {
		reports := withContext(dsnReports(content), context)
		if len(reports) > maxReports {
			t.Errorf("%d reports", len(reports))
		}
		assertJudged(t, judgeAll(reports))
	})
}

func FuzzBounceText(f *testing.F) {
	f.Add("<a@b.example>: host mx said: 550 5.1.1 User unknown (in reply to RCPT TO command)\n\n--- Below this line is a copy of the message.\n\nReceived: x")
	f.Add("The following address failed:\n\n  a@b.example\n    mailbox full")
	f.Fuzz(func(t *testing.T, body string) {
		own, original := diagnosticText(body)
		if own+original != clean(body) && own+original != body && len(body) <= maxProse {
			t.Errorf("diagnostic %q and original %q are not the body", own, original)
		}
		assertJudged(t, judgeAll(withContext(proseReports(own), own)))
	})
}

// assertJudged checks that every verdict is one that acts, and fit for storing.
func assertJudged(t *testing.T, recipients []Recipient) {
	t.Helper()
	for _, r := range recipients {
		switch r.Label {
		case outreach.LabelBounceHard, outreach.LabelBounceSoft, outreach.LabelBounceBlock:
		default:
			t.Errorf("a bounce with the label %q", r.Label)
		}
		if r.Reason == "" || len(r.Text) > maxDiagnostic || !storable(r.Text) || r.Address != strings.ToLower(r.Address) {
			t.Errorf("recipient %+v", r)
		}
	}
}

func FuzzHTMLText(f *testing.F) {
	f.Add("<p>a<p>b</p></div><td>c")
	f.Add("<style>x</style><blockquote>q</blockquote>text")
	f.Add("<pre>a\nb</pre><div style='display:none'>secret</div><img alt=':)'>")
	f.Fuzz(func(t *testing.T, source string) {
		if text := htmlText(source); !storable(text) {
			t.Errorf("htmlText gave %q", text)
		}
	})
}

func FuzzFlowed(f *testing.F) {
	f.Add("We are \nhappy.\n> quoted \n> text\n-- \nAna", false)
	f.Add(" >not quoted\n>> deep \n> less", true)
	f.Fuzz(func(t *testing.T, text string, delSp bool) {
		text = clean(text) // as part.text gives it
		if got, want := words(unflow(text, delSp)), words(text); got != want {
			t.Errorf("unflow changed the words:\n%q\n%q", got, want)
		}
	})
}

// words are the characters that a rearrangement of lines must keep: all but
// white space and quote marks.
func words(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '>' {
			return -1
		}
		return r
	}, s)
}

func FuzzSplit(f *testing.F) {
	f.Add("Not now.\n\nOn Mon, 2 Jun 2025 Dana <d@o.example> wrote:\n> Shall we?\n> Yes?\n\nnext week\n\n-- \nAna")
	f.Add("ok\n________\nFrom: a\nSent: b\nTo: c\n\nold\n---------- Forwarded message ---------\nx")
	f.Add("| a |\n>|b\nVon meinem iPhone gesendet\nBest,\nAna Ruiz")
	ana := outreach.Address{Name: "Ana Ruiz", Email: "ana@lead.example"}
	f.Fuzz(func(t *testing.T, body string) {
		body = clean(body)
		p := split(body, ana)
		known := map[string]bool{"": true}
		for line := range strings.SplitSeq(body, "\n") {
			known[strings.TrimSpace(line)] = true
			known[strings.TrimSpace(unquote(line))] = true
			known[strings.TrimSpace("> "+unquote(line))] = true
		}
		for _, piece := range []string{p.text, p.quoted, p.forwarded, p.signature} {
			for line := range strings.SplitSeq(piece, "\n") {
				if !known[strings.TrimSpace(line)] {
					t.Errorf("the line %q is not in the mail %q", line, body)
				}
			}
		}
	})
}

func FuzzAttribution(f *testing.F) {
	f.Add("On Mon, Jun 2, 2025 at 10:00 AM Dana <\nd@o.example> wrote:\n\n> hi")
	f.Add("Von: Dana\nGesendet: Montag\nAn: Ana\n\nHallo")
	f.Fuzz(func(t *testing.T, body string) {
		lines := strings.Split(body, "\n")
		for i := range min(len(lines), 50) {
			if from, to, ok := attribution(lines, i); ok && (from < i || to <= from || to > len(lines)) {
				t.Errorf("attribution at %d of %d: [%d, %d)", i, len(lines), from, to)
			}
			if to, ok := headerBlock(lines, i); ok && (to <= i || to > len(lines)) {
				t.Errorf("header block at %d of %d ends at %d", i, len(lines), to)
			}
		}
	})
}

func FuzzSignature(f *testing.F) {
	f.Add("No budget.\n\nBest,\nAna Ruiz\nCFO | +34 600 000 000\n\nThis e-mail is confidential.", "Ana Ruiz", "ana.ruiz@lead.example")
	f.Add("Stop\n", "", "s.miller@x.example")
	f.Fuzz(func(t *testing.T, body, name, email string) {
		lines := strings.Split(body, "\n")
		text, signature := cutSignature(lines, outreach.Address{Name: name, Email: email})
		if got, want := words(strings.Join(append(append([]string{}, text...), signature...), "\n")), words(body); got != want {
			t.Errorf("text and signature are not the body:\n%q\n%q", got, want)
		}
		if len(text) == 0 && strings.TrimSpace(body) != "" {
			t.Errorf("%q was cut down to nothing", body)
		}
	})
}

func FuzzFeedbackFields(f *testing.F) {
	f.Add("Feedback-Type: abuse\nOriginal-Rcpt-To: <A@b.example>\nRemoval-Recipient: x@y.example")
	f.Fuzz(func(t *testing.T, fields string) {
		p := &part{mediaType: "message/feedback-report", header: textproto.MIMEHeader{}, content: []byte(fields)}
		m := Message{Header: Header{}}
		if !m.complaint(envelope{leaves: []*part{p}}) || m.Kind != outreach.KindComplaint || len(m.Recipients) == 0 {
			t.Errorf("a feedback report is %q about %v", m.Kind, m.Recipients)
		}
	})
}
