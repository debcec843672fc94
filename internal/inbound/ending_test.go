package inbound_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestEveryMessageEndsInExactlyOneWay(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	old := w.write("zoe@old.example")
	w.exec(`UPDATE sends SET committed_at = $2 WHERE lead_id = $1 AND committed_at IS NOT NULL`, old.lead, start.AddDate(0, -3, 0))
	mails := []string{
		reply("ana@acme.example", ana.introID, "Sorry, this is too expensive for us."),
		"From: bob@acme.example\nSubject: Re: Acme and churn\n\nHm.\n",
		"From: ana@acme.example\nAuto-Submitted: auto-replied\nSubject: Ticket\nIn-Reply-To: " + ana.introID + "\n\nYour ticket number is 1.\n",
		dsn("4.2.2", "452 4.2.2 full", ana.introID),
		complaint(ana.introID),
		strings.ReplaceAll(dsn("5.1.1", "550 no", "<1@else.example>"), "ana@acme.example", "mum@family.example"),
		"From: mum@family.example\nSubject: Sunday\n\nprivate",
		"From: x@else.example\nSubject: unsubscribe " + strings.Replace(ana.token, ".good", ".evil", 1) + "\n\nforged",
		"From: kim@mail.old.example\nSubject: an answer after a quarter\n\nstill there?", // we wrote there too long ago to guess
		"From: MAILER-DAEMON@acme.example\nSubject: failure\nMessage-ID: <9@acme.example>\n\nMessage-ID: <1@else.example>",
	}
	for _, raw := range mails {
		w.mail.add(raw)
	}
	w.read(w.reader(), w.mail)
	w.sweep(p)
	status, err := w.Status(context.Background(), w.clock.Now(), start)
	if err != nil {
		t.Fatal(err)
	}
	want := map[outreach.Ending]int{
		outreach.EndMatched: 1, outreach.EndColleague: 1, outreach.EndAutomatic: 1, outreach.EndBounce: 2, outreach.EndNotOurs: 5,
	}
	if diff := cmp.Diff(want, status.Inbox); diff != "" {
		t.Error(diff)
	}
	sum := 0
	for _, n := range status.Inbox {
		sum += n
	}
	if sum != len(mails) {
		t.Errorf("%d endings of %d mails", sum, len(mails))
	}
	if status.Strangers != 2 {
		t.Errorf("%d of these from companies we write to, want the late answer and the daemon's", status.Strangers)
	}
}
