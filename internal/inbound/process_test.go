package inbound_test

import (
	"context"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/classify"
	"drumbeat/internal/inbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/sequences"
	"drumbeat/templates"
)

// plan is the sequence that the world's leads are in.
const plan = `version: 1
id: saas
owner: dana
steps: [{email: saas/intro.md}, {wait: 3d, email: saas/bump.md}]
stop: {whole_company_on: [meeting]}
on_reply:
  out_of_office: {resume: return + 2 business days, no_date: 10d}
`

// house judges by the shipped playbooks and the shipped roster.
func house(t *testing.T) inbound.House {
	t.Helper()
	set, bad, err := render.LoadTemplates(render.Layer{Name: "shipped", FS: templates.FS})
	if err != nil || len(bad) > 0 {
		t.Fatal(err, bad)
	}
	source, err := fs.ReadFile(sequences.FS, roster.FileName)
	if err != nil {
		t.Fatal(err)
	}
	team, diagnostics := roster.Parse(roster.FileName, source)
	if team == nil {
		t.Fatal(diagnostics)
	}
	return inbound.House{Templates: set, Roster: team}
}

func (w *world) processor() *inbound.Processor {
	w.t.Helper()
	w.exec(`UPDATE revisions SET source = $1`, plan)
	return &inbound.Processor{
		Store: w.DB, Tokens: goodTokens{}, Classifier: phrases{}, Judge: house(w.t), Alerter: &alerts{}, Clock: w.clock,
		Log: slog.New(slog.DiscardHandler),
	}
}

// phrases is a classifier that knows the sentences of these tests, so that they
// tell what follows from a label and not how good the model is.
type phrases struct{}

func (phrases) Classify(in classify.Input) classify.Result {
	day := outreach.NewDay(2031, time.May, 12)
	back := outreach.NewDay(2031, time.March, 10)
	ben := &outreach.Contact{Name: "Ben Ruiz", Email: "ben@acme.example"}
	for words, read := range map[string]classify.Result{
		"let's talk":           {Label: outreach.LabelMeeting},
		"send me more":         {Label: outreach.LabelInterested},
		"too expensive":        {Label: outreach.LabelPrice},
		"not the right person": {Label: outreach.LabelAuthority, Contact: ben},
		"happy with":           {Label: outreach.LabelStatusQuo, Competitor: "Initech"},
		"not interested":       {Label: outreach.LabelBrushOff},
		"ask me again":         {Label: outreach.LabelBrushOff, FollowUpOn: &day},
		"remove me":            {Label: outreach.LabelUnsubscribe, OptOut: 1, OptOutRule: true},
		"maybe stop":           {Label: outreach.LabelBrushOff, OptOut: 0.4},
		"out of the office":    {Label: outreach.LabelOutOfOffice, ReturnOn: &back},
		"no longer work":       {Label: outreach.LabelLeftCompany, Contact: ben},
		"ticket number":        {Label: outreach.LabelAutoReply},
	} {
		if strings.Contains(in.Text, words) {
			read.Confidence = 0.9
			return read
		}
	}
	return classify.Result{Label: outreach.LabelUnclear, Confidence: 0.3, Abstained: true}
}

// receive takes a mail in and processes it.
func (w *world) receive(p *inbound.Processor, raw string) {
	w.t.Helper()
	w.mail.add(raw)
	w.read(w.reader(), w.mail)
	w.sweep(p)
}

func (w *world) sweep(p *inbound.Processor) {
	w.t.Helper()
	if _, err := p.Sweep(context.Background(), 100); err != nil {
		w.t.Fatal(err)
	}
}

type alerts struct {
	mu   sync.Mutex
	ids  []outreach.MessageID
	fail error
}

func (a *alerts) Alert(_ context.Context, id outreach.MessageID) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail != nil {
		return a.fail
	}
	a.ids = append(a.ids, id)
	return nil
}

// traces is everything that one message left behind, a line each.
func (w *world) traces(l written) map[string]string {
	w.t.Helper()
	all := map[string]string{
		"message":     w.text(`SELECT kind || ' ' || label || CASE WHEN abstained THEN '?' ELSE '' END || ' ' || state FROM messages`),
		"rule":        w.text(`SELECT decision->>'rule' FROM messages`),
		"enrolment":   w.state(l),
		"until":       w.text(`SELECT paused_until::date FROM enrolments WHERE id = $1`, l.enrolment),
		"lead":        w.text(`SELECT stage || '/' || stopped FROM leads WHERE id = $1`, l.lead),
		"no enrol":    w.text(`SELECT no_enrol_until::date FROM leads WHERE id = $1`, l.lead),
		"suppression": w.text(`SELECT string_agg(value || ' ' || reason, ',' ORDER BY value) FROM suppressions`),
		"objection":   w.text(`SELECT label || '/' || state FROM objections`),
		"facts":       w.text(`SELECT string_agg(trim(name || ' ' || status || ' ' || value), ', ' ORDER BY id) FROM facts`),
		"candidate":   w.text(`SELECT kind || ' ' || name || ' ' || email FROM candidates`),
		"draft":       w.text(`SELECT playbook || ' | ' || subject FROM drafts`),
		"reminder":    w.text(`SELECT kind || ' ' || on_day FROM reminders`),
		"block":       w.text(`SELECT domain || ' ' || until::date FROM mailbox_domain_pauses`),
		"alert":       w.text(`SELECT alert FROM messages`),
	}
	for key, value := range all {
		if value == "" {
			delete(all, key)
		}
	}
	return all
}

const stoppedBump = "stopped/replied bump cancelled"

func TestEachLabelFromRawMailToRows(t *testing.T) {
	human := func(text string) string {
		return "From: Ana <ana@acme.example>\nTo: dana@ours.example\nSubject: Re: Acme and churn\nMessage-ID: <r@acme.example>\n" +
			"Date: Tue, 4 Mar 2031 09:00:00 +0000\nIn-Reply-To: INTRO\n\n" + text + "\n\nOn Mon, 3 Mar 2031, Dana <dana@ours.example> wrote:\n> Hi Ana\n"
	}
	machine := func(subject, text string) string {
		return strings.Replace(human(text), "Subject: Re: Acme and churn", "Auto-Submitted: auto-replied\nSubject: "+subject, 1)
	}
	cases := []struct {
		name, mail string
		want       map[string]string
	}{
		{"meeting", human("Yes, let's talk. Tuesday at 2pm works for me."), map[string]string{
			"message": "human meeting done", "rule": "meeting", "enrolment": stoppedBump, "lead": "qualifying/replied",
			"facts": "interest known meeting", "alert": "told",
		}},
		{"interested", human("Sounds interesting, please send me more information and your references."), map[string]string{
			"message": "human interested done", "rule": "interested", "enrolment": stoppedBump, "lead": "qualifying/replied",
			"facts": "interest known interested", "alert": "told",
		}},
		{"price", human("Sorry, this is too expensive for us."), map[string]string{
			"message": "human price done", "rule": "price", "enrolment": stoppedBump, "lead": "qualifying/replied",
			"facts": "budget denied", "objection": "price/open", "draft": "objections/price.md | Re: Acme and churn",
		}},
		{"authority", human("I am not the right person for this, please talk to Ben Ruiz, ben@acme.example."), map[string]string{
			"message": "human authority done", "rule": "authority", "enrolment": stoppedBump, "lead": "qualifying/replied",
			"facts": "authority denied, economic_buyer known Ben Ruiz", "objection": "authority/open",
			"candidate": "referral Ben Ruiz ben@acme.example", "draft": "objections/authority.md | Re: Acme and churn",
		}},
		{"status quo", human("Thanks, but we are happy with our current agency."), map[string]string{
			"message": "human status_quo done", "rule": "status_quo", "enrolment": stoppedBump, "lead": "qualifying/replied",
			"facts": "competition known Initech", "objection": "status_quo/open", "draft": "objections/status_quo.md | Re: Acme and churn",
		}},
		{"a plain no", human("No thanks, not interested."), map[string]string{
			"message": "human brush_off done", "rule": "brush_off_no", "enrolment": stoppedBump, "lead": "lost/replied", "no enrol": "2031-09-01",
			"objection": "brush_off/open", "draft": "objections/brush_off.md | Re: Acme and churn",
		}},
		{"not now", human("Not now. Please ask me again on 12 May 2031."), map[string]string{
			"message": "human brush_off done", "rule": "brush_off_later", "enrolment": stoppedBump, "lead": "nurture/replied",
			"facts": "timeline known from 2031-05-12", "objection": "brush_off/open",
			"draft": "objections/brush_off.md | Re: Acme and churn", "reminder": "follow_up 2031-05-12",
		}},
		{"unsubscribe", human("Please remove me from your list."), map[string]string{
			"message": "human unsubscribe done", "rule": "opt_out", "enrolment": "stopped/unsubscribed bump cancelled",
			"lead": "do_not_contact/unsubscribed", "suppression": "ana@acme.example unsubscribe",
		}},
		{"absence", machine("Automatic reply: Acme and churn", "I am out of the office until Monday, 10 March 2031."), map[string]string{
			"message": "automatic out_of_office done", "rule": "out_of_office", "enrolment": "paused/ bump planned", "until": "2031-03-11",
			"lead": "connecting/", "reminder": "back 2031-03-12",
		}},
		{"left", machine("Automatic reply", "I no longer work at Acme. Please contact Ben Ruiz, ben@acme.example."), map[string]string{
			"message": "automatic left_company done", "rule": "left_company", "enrolment": "stopped/left_company bump cancelled",
			"lead": "lost/left_company", "suppression": "ana@acme.example left_company", "candidate": "successor Ben Ruiz ben@acme.example",
		}},
		{"auto reply", machine("Ticket 123", "We have received your message. Your ticket number is 123."), map[string]string{
			"message": "automatic auto_reply done", "rule": "auto_reply", "enrolment": "active/ bump planned", "lead": "connecting/",
		}},
		{"perhaps an opt-out", human("Better maybe stop this."), map[string]string{
			"message": "human brush_off? done", "rule": "opt_out_possible", "enrolment": "held/triage bump planned", "lead": "connecting/",
		}},
		{"unclear", human("Hm."), map[string]string{
			"message": "human unclear? done", "rule": "abstained", "enrolment": "held/triage bump planned", "lead": "connecting/",
		}},
		{"hard bounce", dsn("5.1.1", "550 5.1.1 User unknown", "INTRO"), map[string]string{
			"message": "bounce bounce_hard done", "rule": "bounce_hard", "enrolment": "stopped/bounced bump cancelled",
			"lead": "connecting/bounced", "suppression": "ana@acme.example bounce_hard",
		}},
		{"no such user, and no status", dsn("5.0.0", "550 No such user here", "INTRO"), map[string]string{
			"message": "bounce bounce_hard done", "rule": "bounce_hard", "enrolment": "stopped/bounced bump cancelled",
			"lead": "connecting/bounced", "suppression": "ana@acme.example bounce_hard",
		}},
		{"no such user, says a filter", dsn("5.0.0", "550 No such user here, or blocked by our filter", "INTRO"), map[string]string{
			"message": "bounce bounce_soft done", "rule": "bounce_soft", "enrolment": "active/ bump planned", "lead": "connecting/",
		}},
		{"the address is dead that the lead's mail is passed on to", strings.Replace(dsn("5.1.1", "550 5.1.1 User unknown", "INTRO"),
			"rfc822; ana@acme.example", "rfc822; ana@holding.example", 1), map[string]string{
			"message": "bounce bounce_hard? done", "rule": "bounce_elsewhere", "enrolment": "held/triage bump planned", "lead": "connecting/",
		}},
		{"the report names a host inside the company", strings.Replace(dsn("5.1.1", "550 5.1.1 User unknown", "INTRO"),
			"rfc822; ana@acme.example", "rfc822; Ana@mx2.acme.example", 1), map[string]string{
			"message": "bounce bounce_hard done", "rule": "bounce_hard", "enrolment": "stopped/bounced bump cancelled",
			"lead": "connecting/bounced", "suppression": "ana@acme.example bounce_hard",
		}},
		{"soft bounce", dsn("4.2.2", "452 4.2.2 Mailbox full", "INTRO"), map[string]string{
			"message": "bounce bounce_soft done", "rule": "bounce_soft", "enrolment": "active/ bump planned", "lead": "connecting/",
		}},
		{"block", dsn("5.7.1", "550 5.7.1 Message rejected due to content policy", "INTRO"), map[string]string{
			"message": "bounce bounce_block done", "rule": "bounce_block", "enrolment": "active/ bump planned", "lead": "connecting/",
			"block": "acme.example 2031-03-06", "alert": "told",
		}},
		{"complaint", complaint("INTRO"), map[string]string{
			"message": "complaint complaint done", "rule": "complaint", "enrolment": "stopped/complained bump cancelled",
			"lead": "do_not_contact/complained", "suppression": "ana@acme.example complaint", "alert": "told",
		}},
		{"a report without proof", dsn("5.1.1", "550 5.1.1 User unknown", "<1@forged.example>"), map[string]string{
			"message": "bounce bounce_hard? done", "rule": "report_without_proof", "enrolment": "held/triage bump planned", "lead": "connecting/",
		}},
		{"interest from the lead's address alone", strings.Replace(human("Sounds interesting, please send me more information."), "In-Reply-To: INTRO\n", "", 1), map[string]string{
			"message": "human interested done", "rule": "interested", "enrolment": stoppedBump, "lead": "connecting/replied",
			"facts": "interest known interested", "alert": "told",
		}},
		{"a colleague", strings.NewReplacer("In-Reply-To: INTRO\n", "", "Ana <ana@", "Bob <bob@").Replace(human("Sorry, this is too expensive for us.")), map[string]string{
			"message": "human price? done", "rule": "match_tentative", "enrolment": "held/triage bump planned", "lead": "connecting/",
		}},
		{"List-Unsubscribe's mail", "From: Someone <x@else.example>\nTo: dana@ours.example\nSubject: unsubscribe TOKEN\n\n", map[string]string{
			"message": "human unsubscribe done", "rule": "opt_out", "enrolment": "stopped/unsubscribed bump cancelled",
			"lead": "do_not_contact/unsubscribed", "suppression": "ana@acme.example unsubscribe,x@else.example unsubscribe",
		}},
		{"our footer in a quote is no opt-out", human("Sounds interesting, please send me more information.\n\n> unsubscribe: https://ours.example/u/TOKEN"), map[string]string{
			"message": "human interested done", "rule": "interested", "enrolment": stoppedBump, "lead": "qualifying/replied",
			"facts": "interest known interested", "alert": "told",
		}},
	}
	w := newWorld(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.begin(t)
			ana := w.write("ana@acme.example")
			w.receive(w.processor(), strings.NewReplacer("INTRO", ana.introID, "TOKEN", ana.token).Replace(c.mail))
			if diff := cmp.Diff(c.want, w.traces(ana)); diff != "" {
				t.Error(diff)
			}
			if got := w.text(`SELECT count(*) FROM lead_events WHERE kind = 'reply'`); got != "1" {
				t.Errorf("%s stored decisions", got)
			}
		})
	}
}

// dsn is a report about ana@acme.example that encloses the header of the mail it
// is about (RFC 3464).
func dsn(status, diagnostic, id string) string {
	return "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: dana@ours.example\nSubject: Undelivered Mail Returned to Sender\n" +
		"Message-ID: <" + status + ".ana@acme.example>\nDate: Tue, 4 Mar 2031 09:00:00 +0000\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ana@acme.example\nAction: failed\n" +
		"Status: " + status + "\nDiagnostic-Code: smtp; " + diagnostic + "\n--b\nContent-Type: text/rfc822-headers\n\nFrom: dana@ours.example\n" +
		"To: ana@acme.example\nSubject: Acme and churn\nMessage-ID: " + id + "\n--b--\n"
}

// complaint is an abuse report (RFC 5965).
func complaint(id string) string {
	return "From: fbl@provider.example\nTo: dana@ours.example\nSubject: complaint\nMessage-ID: <arf@provider.example>\nDate: Tue, 4 Mar 2031 09:00:00 +0000\n" +
		"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nAn abuse report.\n" +
		"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: <ana@acme.example>\n" +
		"--b\nContent-Type: message/rfc822\n\nFrom: dana@ours.example\nTo: ana@acme.example\nSubject: Acme and churn\nMessage-ID: " + id + "\n\nHi Ana\n--b--\n"
}
