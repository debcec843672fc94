package inbound_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

func TestWhatARepWritesByHandHoldsTheLead(t *testing.T) {
	const heldByRep, goesOn = "held/rep bump planned", "active/ bump claimed"
	toAna := "From: dana@ours.example\nTo: Ana <Ana@Acme.example>\nSubject: lunch?\nMessage-ID: <hand@phone.example>\n\nprivate"
	cases := []struct{ name, mail, want string }{
		{"to the lead", toAna, heldByRep},
		{"in Cc", strings.Replace(toAna, "To: Ana <Ana@Acme.example>", "To: x@else.example\nCc: x@y.example, ana@acme.example", 1), heldByRep},
		{"to another address, in our thread", "From: dana@ours.example\nTo: ana.private@gmail.com\nReferences: <a@gmail.com> INTRO\n\nhi", heldByRep},
		{"a copy of our own mail", strings.Replace(toAna, "<hand@phone.example>", "INTRO", 1), goesOn},
		{"a copy whose id the server changed", strings.Replace(toAna, "\n\n", "\nList-Unsubscribe: <mailto:dana@ours.example?subject=unsubscribe%20TOKEN>\n\n", 1), goesOn},
		{"the rep's absence note", strings.Replace(toAna, "\n\n", "\nAuto-Submitted: auto-replied\n\n", 1), goesOn},
		{"to somebody else", strings.Replace(toAna, "Ana@Acme.example", "mum@family.example", 1), goesOn},
		{"to a colleague of the lead", strings.Replace(toAna, "Ana@", "bob@", 1), goesOn},
		{"no recipient at all", "From: dana@ours.example\n\nhi", goesOn},
	}
	w := newWorld(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.begin(t)
			ana := w.write("ana@acme.example")
			w.mail.addTo("Sent", strings.NewReplacer("INTRO", ana.introID, "TOKEN", ana.token).Replace(c.mail))
			w.read(w.reader(), w.mail)
			if got := w.state(ana); got != c.want {
				t.Errorf("the enrolment is %q, want %q", got, c.want)
			}
			if got := w.text(`SELECT (SELECT count(*) FROM messages) || '/' || (SELECT count(*) FROM not_ours) || '/' || last_uid FROM inbox_cursors WHERE folder = 'Sent'`); got != "0/0/1" || w.mail.bodies != 0 {
				t.Errorf("messages, others, cursor %q; %d bodies fetched: want nothing kept of what reps write", got, w.mail.bodies)
			}
		})
	}
}

func TestAHandWrittenMailHoldsOnceAndAPersonReleases(t *testing.T) {
	w := newWorld(t)
	ana, r := w.write("ana@acme.example"), w.reader()
	w.mail.addTo("Sent", "From: dana@ours.example\nTo: ana@acme.example\nMessage-ID: <hand@phone.example>\n\nhi")
	w.read(r, w.mail)
	if got := w.text(`SELECT string_agg(rule, ',') FROM lead_events WHERE kind = 'held'`); got != "rep_wrote" {
		t.Errorf("events %q", got)
	}
	act := postgres.Act{At: w.clock.Now(), Actor: "dana"}
	if err := w.ResumeLeads(context.Background(), []outreach.LeadID{ana.lead}, act); err != nil {
		t.Fatal(err)
	}
	if got := w.state(ana); got != "active/ bump planned" {
		t.Errorf("after lead resume the enrolment is %q", got)
	}
	w.mail.folders["Sent"].validity++ // the folder is rebuilt and read anew
	w.read(r, w.mail)
	if got := w.state(ana); got != "active/ bump planned" {
		t.Errorf("an old mail held again: %q", got)
	}
	w.mail.addTo("Sent", "From: dana@ours.example\nTo: ana@acme.example\nMessage-ID: <hand2@phone.example>\n\nhi again")
	w.read(r, w.mail)
	if got := w.state(ana); got != "held/rep bump planned" {
		t.Errorf("a new mail did not hold: %q", got)
	}
}

func TestWhatWasWrittenBeforeTheEnrolmentHoldsNothing(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	w.mail.addTo("Sent", "From: dana@ours.example\nTo: ana@acme.example\n\nwe met at the fair")
	w.mail.folders["Sent"].mails[0].at = start.Add(-time.Second) // IMAP knows no smaller step
	w.read(w.reader(), w.mail)
	if got := w.state(ana); got != "active/ bump claimed" {
		t.Errorf("the enrolment is %q", got)
	}
}

func TestARepWhoAnsweredKeepsTheHoldWhenTheMessageIsUnderstood(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	auto := "From: ana@acme.example\nAuto-Submitted: auto-replied\nSubject: Ticket\nIn-Reply-To: " + ana.introID + "\n\nYour ticket number is 1.\n"
	w.mail.add(auto)
	w.mail.addTo("Sent", "From: dana@ours.example\nTo: ana@acme.example\n\ncalled you")
	w.read(w.reader(), w.mail)
	w.sweep(p)
	w.mail.addTo("Sent", "From: dana@ours.example\nTo: ana@acme.example\n\ncalled you again")
	w.read(w.reader(), w.mail)
	if got := w.state(ana); got != "held/rep bump planned" {
		t.Errorf("a receipt let the sequence go on: %q", got)
	}
}

func TestAMailboxWithoutASentFolderIsReadAllTheSame(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	delete(w.mail.folders, "Sent")
	w.mail.add(reply("ana@acme.example", ana.introID, "hi"))
	if n := w.read(w.reader(), w.mail); n != 1 {
		t.Errorf("%d stored", n)
	}
}

func TestASentFolderThatCannotBeReadKeepsNoAnswerOut(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	w.mail.noSent = errors.New("NO LIST is not for you")
	w.mail.add(reply("ana@acme.example", ana.introID, "hi"))
	if n := w.read(w.reader(), w.mail); n != 1 {
		t.Errorf("%d stored", n)
	}
}
