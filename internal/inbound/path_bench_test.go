package inbound

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"drumbeat/internal/classify"
	"drumbeat/internal/classify/learn"
	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/reply"
	"drumbeat/internal/roster"
	"drumbeat/sequences"
	"drumbeat/templates"
)

// BenchmarkInboundPath takes mails the whole way from bytes to the decision, as a
// process does but for the database: header, MIME, kind, new words, label,
// fields, decision with its draft. It uses all cores and gives mails a second, the
// time of the slowest one in a hundred, and the processor time of a mail, which
// also says something where other work runs.
func BenchmarkInboundPath(b *testing.B) {
	mails, house := pathMails(b), pathHouse(b)
	classifier, err := classify.New()
	if err != nil {
		b.Fatal(err)
	}
	for _, raw := range mails[:100] { // tables that are filled at the first use
		walk(b, house, classifier, raw)
	}
	var mu sync.Mutex
	var all []time.Duration
	before := processorTime(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		var took []time.Duration
		machine := clock.Machine{}
		for i := 0; pb.Next(); i++ {
			began := machine.Now()
			walk(b, house, classifier, mails[i*7919%len(mails)]) // a prime: every core sees all kinds
			took = append(took, machine.Since(began))
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, took...)
	})
	b.StopTimer()
	slices.Sort(all)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/mail")
	b.ReportMetric(0, "ns/op")
}

// processorTime is what this process has used so far.
func processorTime(tb testing.TB) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// walk is the path of one mail without the database.
func walk(tb testing.TB, house House, classifier Classifier, raw []byte) {
	s := look(outreach.MailHeader{Raw: raw, InternalDate: pathTime}, func(string) []string { return nil })
	mail, err := reply.Parse(raw, pathTime)
	if err != nil {
		tb.Fatal(err)
	}
	c := Case{
		Message: outreach.InboxMessage{ID: 1, MailboxID: "alex", From: s.from, Raw: raw},
		Mail:    mail, Match: outreach.Match{Method: outreach.MatchReferences, LeadID: 1, EnrolmentID: 1, SendID: 1},
		Situation: outreach.Situation{Lead: outreach.Lead{ID: 1, Email: s.from.Email, FirstName: "Ana", Company: "Acme"}, RepID: "alex"},
	}
	c.Read = classifier.Classify(c.input())
	if label := mail.Label(); label != "" {
		c.Recipient, c.Read = aboutLead(mail, s.from.Email), classify.Result{Label: label, Confidence: 1}
	}
	if o := house.Decide(c, pathTime); o.Decided.Rule == "" {
		tb.Fatalf("no decision about %.200q", raw)
	}
}

var pathTime = time.Date(2031, time.March, 4, 9, 0, 0, 0, time.UTC)

// pathMails are the shipped replies, as plain text under a quote and as HTML, and
// reports like those that servers write.
func pathMails(tb testing.TB) [][]byte {
	tb.Helper()
	cases, err := learn.Shipped()
	if err != nil {
		tb.Fatal(err)
	}
	var mails [][]byte
	for i, c := range cases {
		switch i % 3 {
		case 0:
			mails = append(mails, c.Mail())
		case 1:
			mails = append(mails, alternative(c))
		default:
			c.Body += "\n\nOn Mon, 3 Mar 2031 at 09:00, Alex <alex@ours.example> wrote:\n" + strings.Repeat("> We help teams like yours to answer sooner.\n>\n", 20)
			mails = append(mails, c.Mail())
		}
		if i%5 == 0 {
			mails = append(mails, reports(i)...)
		}
	}
	return mails
}

// alternative is a case as mail programs send it: text and HTML, a long quote, and
// a picture in the signature.
func alternative(c learn.Case) []byte {
	picture := base64.StdEncoding.EncodeToString(make([]byte, 8<<10))
	html := "<div dir=ltr>" + strings.ReplaceAll(c.Body, "\n", "<br>") + "</div><br><div class=gmail_quote>On Mon, 3 Mar 2031 Alex &lt;alex@ours.example&gt; wrote:<blockquote>" +
		strings.Repeat("<p style='margin:0'>We help teams like yours to answer sooner.</p>", 30) + "</blockquote></div>"
	return fmt.Appendf(nil, "From: %s\r\nTo: alex@ours.example\r\nSubject: Re: a question\r\nMessage-ID: <%s@theirs.example>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"+
		"--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\r\n--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%s\r\n--a--\r\n"+
		"--r\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--r--\r\n", c.From, c.ID, html, picture)
}

// reports are a delivery report, one in prose, and an abuse report.
func reports(i int) [][]byte {
	original := fmt.Sprintf("From: alex@ours.example\r\nTo: lead%d@theirs.example\r\nSubject: a question\r\nMessage-ID: <%d.x@ours.example>\r\n\r\nHello.\r\n", i, i)
	diagnostics := []string{
		"550 5.1.1 <lead@theirs.example>: Recipient address rejected: User unknown in virtual mailbox table",
		"452 4.2.2 The email account that you tried to reach is over quota", "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using a list",
		"550 5.7.26 This mail is unauthenticated, which poses a security risk to the sender", "451 4.7.1 Greylisted, please try again later",
	}
	why := diagnostics[i/5%len(diagnostics)]
	dsn := "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system at host mx.example.\r\n\r\nI'm sorry to have to inform you that your message could not be delivered.\r\n\r\n" + why +
		"\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; lead@theirs.example\r\nAction: failed\r\nStatus: " +
		why[4:9] + "\r\nDiagnostic-Code: smtp; " + why + "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + original + "--b--\r\n"
	prose := "From: Mail Delivery System <mailer-daemon@theirs.example>\r\nSubject: Mail delivery failed: returning message to sender\r\nX-Failed-Recipients: lead@theirs.example\r\n\r\n" +
		"A message that you sent could not be delivered to one or more of its recipients.\r\n\r\n  lead@theirs.example\r\n    " + why +
		"\r\n\r\n------ This is a copy of the message, including all the headers. ------\r\n\r\n" + original
	abuse := "From: fbl@provider.example\r\nSubject: complaint\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nAn abuse report.\r\n" +
		"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Rcpt-To: <lead@theirs.example>\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + original + "--b--\r\n"
	return [][]byte{[]byte(dsn), []byte(prose), []byte(abuse)}
}

// pathHouse judges by what ships.
func pathHouse(tb testing.TB) House {
	tb.Helper()
	set, bad, err := render.LoadTemplates(render.Layer{Name: "shipped", FS: templates.FS})
	if err != nil || len(bad) > 0 {
		tb.Fatal(err, bad)
	}
	source, err := fs.ReadFile(sequences.FS, roster.FileName)
	if err != nil {
		tb.Fatal(err)
	}
	team, diagnostics := roster.Parse(roster.FileName, source)
	if team == nil {
		tb.Fatal(diagnostics)
	}
	return House{Templates: set, Roster: team}
}
