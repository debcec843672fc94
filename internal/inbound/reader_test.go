package inbound_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"drumbeat/internal/inbound"
	"drumbeat/internal/outreach"
)

func TestAReplyHoldsWhatWasPlannedAndTakesTheClaimBack(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	mail := newIMAP()
	mail.add(reply("ana@acme.example", ana.introID, "Who are you?"))
	r := w.reader()
	if n := w.read(r, mail); n != 1 {
		t.Fatalf("%d messages stored, want 1", n)
	}
	if got, want := w.state(ana), "held/reply bump planned"; got != want {
		t.Errorf("the enrolment is %q, want %q", got, want)
	}
	if got := w.text(`SELECT match_method || ' ' || lead_id || ' ' || send_id || ' ' || rep_id || ' ' || (holds[1] = enrolment_id) FROM messages`); got != "references 1 1 dana true" {
		t.Errorf("the message is matched as %q", got)
	}
	if got := w.text(`SELECT kind || ':' || reason FROM lead_events`); got != "held:reply" {
		t.Errorf("events %q", got)
	}
	if n := w.read(r, mail); n != 0 || mail.bodies != 1 {
		t.Errorf("a second pass stored %d and fetched %d bodies", n, mail.bodies)
	}
}

func TestOfPrivateMailOnlyUIDDateAndDomainAreKept(t *testing.T) {
	w := newWorld(t)
	w.write("ana@acme.example")
	mail := newIMAP()
	uid := mail.add("From: Mum <mum@family.example>\nSubject: Sunday secret\n\nsecret")
	if n := w.read(w.reader(), mail); n != 0 || mail.bodies != 0 {
		t.Errorf("%d stored, %d bodies fetched", n, mail.bodies)
	}
	if got := w.text(`SELECT row(n.uid, n.sender_domain) FROM not_ours n`); got != "(1,family.example)" || uid != 1 {
		t.Errorf("kept %q", got)
	}
	if got := w.text(`SELECT last_uid FROM inbox_cursors WHERE folder = 'INBOX'`); got != "1" {
		t.Errorf("cursor at %q", got)
	}
}

func TestOwnMailIsNoReply(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	mail := newIMAP()
	mail.add("From: DANA@ours.example\nTo: ana@acme.example\nSubject: Re: Acme\nIn-Reply-To: " + ana.introID + "\n\nmy own copy")
	mail.add("From: Dana <dana@elsewhere.example>\nMessage-ID: " + ana.introID + "\nSubject: Acme and churn\n\na copy under an alias")
	mail.add("From: mary@ours.example\nReferences: " + ana.introID + "\nSubject: Fwd: Acme\n\nlook, Dana")
	if n := w.read(w.reader(), mail); n != 0 {
		t.Errorf("%d of our own mails taken for replies", n)
	}
	if got := w.state(ana); got != "active/ bump claimed" {
		t.Errorf("the enrolment is %q", got)
	}
}

// The ladder of matches, for mail that lost what would make it easy.
func TestMailWithLostHeadersStillFindsItsLead(t *testing.T) {
	const bare = "From: ana@acme.example\nSubject: hello\n\nhi"
	cases := []struct {
		name, mail, method string
		lead               string
	}{
		{"References alone", "From: x@else.example\nReferences: INTRO\n\nhi", "references", "1"},
		{"In-Reply-To alone", "From: x@else.example\nIn-Reply-To: INTRO\n\nhi", "references", "1"},
		{"commas between ids", "From: x@else.example\nReferences: <q@x>,INTRO,<z@x>\n\nhi", "references", "1"},
		{"a folded and doubled header", "From: x@else.example\nReferences: <q@x>\n\tINTRO\nReferences: <z@x>\n\nhi", "references", "1"},
		{"an assistant answers", "From: assistant@else.example\nIn-Reply-To: INTRO\n\nfor Ana", "references", "1"},
		{"a gateway rewrote the domain of the id", "From: x@else.example\nIn-Reply-To: <TOKEN@gateway.example>\n\nhi", "token", "1"},
		{"a token in the subject", "From: x@else.example\nSubject: unsubscribe TOKEN\n\n", "token", "1"},
		{"no thread header, the lead's address", bare, "sender", "1"},
		{"upper case address", strings.Replace(bare, "ana@acme", "ANA@Acme", 1), "sender", "1"},
		{"another From, the lead in Reply-To", "From: crm@else.example\nReply-To: ana@acme.example\n\nhi", "sender", "1"},
		{"a colleague, same subject", "From: bob@mail.acme.example\nSubject: AW: [External] Re: Acme and churn\n\nhi", "colleague", "1"},
		{"a colleague, another subject", "From: bob@acme.example\nSubject: invoice\n\nhi", "colleague", "1"},
		{"a report with our id in its body", "From: MAILER-DAEMON@mx.example\nSubject: failure\n\nMessage-ID: INTRO", "references", "1"},
		{"an automatic answer that quotes our token", "From: desk@tickets.example\nAuto-Submitted: auto-replied\n\n> TOKEN", "token", "1"},
		{"a forged token", "From: x@else.example\nSubject: unsubscribe FORGED\n\n", "", ""},
		{"an unknown Message-ID", "From: x@else.example\nReferences: <1@ours.example>\n\nhi", "", ""},
		{"free mail is no company", "From: ana@gmail.com\nSubject: Re: Acme and churn\n\nhi", "", ""},
		{"a company with a longer name", "From: bob@notacme.example\nSubject: Re: Acme and churn\n\nhi", "", ""},
		{"a report about somebody else", "From: MAILER-DAEMON@mx.example\nSubject: failure\n\nMessage-ID: <1@else.example>", "none", ""},
	}
	w := newWorld(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.begin(t)
			p := w.processor()
			ana, ben := w.write("ana@acme.example"), w.write("ben@beta.example")
			mail := newIMAP()
			mail.add(strings.NewReplacer("INTRO", ana.introID, "TOKEN", ana.token, "FORGED", strings.Replace(ana.token, ".good", ".evil", 1)).Replace(c.mail))
			w.read(w.reader(), mail)
			defer func() {
				w.sweep(p)
				if got := w.state(ben); got != "active/ bump claimed" {
					t.Errorf("in the end another lead is %q", got)
				}
				if got := w.text(`SELECT count(*) FROM lead_events WHERE lead_id <> 1`) + w.text(`SELECT string_agg(value, ',') FROM suppressions WHERE value NOT IN ('ana@acme.example', 'x@else.example')`); got != "0" {
					t.Errorf("acts on others: %s", got)
				}
			}()
			if got := w.text(`SELECT match_method FROM messages`); got != c.method {
				t.Errorf("matched by %q, want %q", got, c.method)
			}
			if got := w.text(`SELECT lead_id FROM messages`); got != c.lead {
				t.Errorf("lead %q, want %q", got, c.lead)
			}
			held := w.state(ana) == "held/reply bump planned"
			if held != (c.lead != "") {
				t.Errorf("the enrolment is %q", w.state(ana))
			}
		})
	}
}

func TestAMailThatNamesMailsToSeveralLeadsIsAboutItsWriterOrForAPerson(t *testing.T) {
	cases := []struct{ name, from, refs, method, ana, ben string }{
		{"one of them wrote it", "ben@beta.example", "BEN ANA", "references", "held/triage bump planned", stoppedBump},
		{"the other one did", "ana@acme.example", "BEN ANA", "references", stoppedBump, "held/triage bump planned"},
		{"a stranger did", "x@else.example", "BEN ANA", "ambiguous", "held/triage bump planned", "held/triage bump planned"},
		{"a lead answers the mail to another", "ben@beta.example", "ANA", "references", stoppedBump, "held/triage bump planned"},
	}
	w := newWorld(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.begin(t)
			ana, ben, gail := w.write("ana@acme.example"), w.write("ben@beta.example"), w.write("gail@ceta.example")
			refs := strings.NewReplacer("ANA", ana.introID, "BEN", ben.introID).Replace(c.refs)
			w.receive(w.processor(), "From: "+c.from+"\nSubject: Re: yours\nReferences: "+refs+"\n\nSorry, this is too expensive for us.\n")
			if got := w.text(`SELECT match_method FROM messages`); got != c.method {
				t.Errorf("matched by %q, want %q", got, c.method)
			}
			if got := []string{w.state(ana), w.state(ben), w.state(gail)}; !slices.Equal(got, []string{c.ana, c.ben, "active/ bump claimed"}) {
				t.Errorf("the leads are %q", got)
			}
		})
	}
}

func TestAColleagueHoldsEveryoneHeMayMean(t *testing.T) {
	w := newWorld(t)
	ana, ben := w.write("ana@acme.example"), w.write("ben@de.acme.example")
	gail := w.write("gail@gmail.com")
	mail := newIMAP()
	mail.add("From: boss@acme.example\nSubject: Re: Acme and churn\n\nnot for us")
	w.read(w.reader(), mail)
	for _, l := range []written{ana, ben} {
		if got := w.state(l); got != "held/reply bump planned" {
			t.Errorf("%s is %q", l.email, got)
		}
	}
	if got := w.state(gail); got != "active/ bump claimed" {
		t.Errorf("another company's lead is %q", got)
	}
	if got := w.text(`SELECT cardinality(holds) FROM messages`); got != "2" {
		t.Errorf("the message holds %s enrolments", got)
	}
}

func TestARebuiltFolderIsReadAgainAndNothingIsTakenTwice(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	mail := newIMAP()
	for range 4 {
		mail.add("From: mum@family.example\n\nprivate")
	}
	mail.add(reply("ana@acme.example", ana.introID, "first"))
	r := w.reader()
	w.read(r, mail)
	inbox := mail.folders["INBOX"]
	inbox.validity++
	inbox.mails = inbox.mails[2:] // two were deleted, all are numbered anew
	for i := range inbox.mails {
		inbox.mails[i].uid = uint32(i + 1)
	}
	mail.addTo("Junk", inbox.mails[2].raw) // and a filter copied one
	mail.add(reply("ana@acme.example", ana.introID, "the second"))
	if n := w.read(r, mail); n != 1 {
		t.Errorf("%d messages stored after the rebuild, want the new one alone", n)
	}
	if got := w.text(`SELECT count(*) FROM messages`); got != "2" {
		t.Errorf("%s messages", got)
	}
	if got := w.text(`SELECT uid_validity || '/' || last_uid FROM inbox_cursors WHERE folder = 'INBOX'`); got != "8/4" {
		t.Errorf("cursor %q", got)
	}
}

func TestOneMailToTwoOfOurMailboxesIsOneMessage(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	w.exec(`UPDATE mailboxes SET read_since = $1`, start)
	w.mail.add(reply("ana@acme.example", ana.introID, "to both of you"))
	r, mary := w.reader(), w.reader()
	mary.MailboxID = "mary"
	if first, second := w.read(r, w.mail), w.read(mary, w.mail); first != 1 || second != 0 {
		t.Errorf("stored %d and %d", first, second)
	}
	if got := w.text(`SELECT last_uid FROM inbox_cursors WHERE mailbox_id = 'mary' AND folder = 'INBOX'`); got != "1" {
		t.Errorf("the second cursor is at %q", got)
	}
}

func TestMailOlderThanOurFirstSendIsNotLookedAt(t *testing.T) {
	w := newWorld(t)
	w.write("ana@acme.example")
	mail := newIMAP()
	mail.add("From: ana@acme.example\n\nlong ago")
	mail.folders["INBOX"].mails[0].at = start.AddDate(0, -1, 0)
	if n := w.read(w.reader(), mail); n != 0 || w.text(`SELECT count(*) FROM not_ours`) != "0" {
		t.Errorf("%d stored", n)
	}
	r := w.reader()
	r.MailboxID = "mary" // nothing was ever sent from there
	w.read(r, mail)
	if got := w.text(`SELECT read_ms > 0 FROM mailboxes WHERE id = 'mary'`); got != "true" {
		t.Error("an empty pass does not count as read")
	}
}

func TestABrokenPassDoesNotCountAsRead(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	mail := newIMAP()
	first := mail.add(reply("ana@acme.example", ana.introID, "fine"))
	second := mail.add(reply("ana@acme.example", ana.introID, "cannot be read"))
	mail.add(reply("ana@acme.example", ana.introID, "fine again"))
	mail.fail[second] = errors.New("BAD internal error")
	r := w.reader()
	if _, err := r.ReadOnce(context.Background(), mail); err == nil {
		t.Fatal("no error")
	}
	if got := w.text(`SELECT read_ms || ' ' || (SELECT last_uid FROM inbox_cursors WHERE folder = 'INBOX') FROM mailboxes WHERE id = 'dana'`); got != "0 1" || first != 1 {
		t.Errorf("read_ms and cursor: %q", got)
	}
	// The server never gives it: in the end it is stored without its body.
	_, _ = r.ReadOnce(context.Background(), mail)
	if n := w.read(r, mail); n != 2 {
		t.Errorf("%d stored by the third pass, want 2", n)
	}
	if got := w.text(`SELECT string_agg(truncated::text, ',' ORDER BY id) FROM messages`); got != "false,true,false" {
		t.Errorf("truncated: %s", got)
	}
	if got := w.text(`SELECT read_ms > 0 FROM mailboxes WHERE id = 'dana'`); got != "true" {
		t.Error("the third pass does not count as read")
	}
}

func TestAnExpungedMailAndAMissingFolderStopNothing(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	mail := newIMAP()
	gone := mail.add(reply("ana@acme.example", ana.introID, "gone"))
	mail.fail[gone] = outreach.ErrNotFound
	mail.add(reply("ana@acme.example", ana.introID, "here"))
	delete(mail.folders, "Junk")
	if n := w.read(w.reader(), mail); n != 1 {
		t.Errorf("%d stored", n)
	}
	delete(mail.folders, "INBOX")
	if _, err := w.reader().ReadOnce(context.Background(), mail); !errors.Is(err, outreach.ErrNotFound) {
		t.Errorf("a missing INBOX: %v", err)
	}
}

func TestPoisonIsStoredAsItIsAndTheCursorMovesOn(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	mail := newIMAP()
	mail.add("From: \x00\xff <ana@acme.example>\nSubject: =?x-unknown?q?=00?= \x00\xfe\nMessage-ID: <\x00@\xff>\nReferences: <\x00@\xfe> <\xff@\x00>\n\nNUL \x00 and \xc3\x28")
	mail.add("From: ana@acme.example\nSubject: " + strings.Repeat("é", 5000) + "\nDate: never\n\nlong")
	mail.add("\x00\x01\x02")
	if n := w.read(w.reader(), mail); n != 3 { // the last names nobody: its body must tell
		t.Errorf("%d stored, want 3", n)
	}
	if got := w.text(`SELECT last_uid FROM inbox_cursors WHERE folder = 'INBOX'`); got != "3" {
		t.Errorf("cursor %q", got)
	}
	if got := w.text(`SELECT position('\x00'::bytea IN raw) > 0 FROM messages ORDER BY id LIMIT 1`); got != "true" {
		t.Error("the raw mail was changed")
	}
	if got := w.state(ana); got != "held/reply bump planned" {
		t.Errorf("the enrolment is %q", got)
	}
}

func TestOfAHugeMailOnlyTheBeginningIsFetched(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	mail := newIMAP()
	mail.add(reply("ana@acme.example", ana.introID, strings.Repeat("0123456789abcdef", 26<<16)))
	w.read(w.reader(), mail)
	if got := w.text(`SELECT octet_length(raw) || ' ' || truncated FROM messages`); got != "1048576 true" {
		t.Errorf("stored %q", got)
	}
	if got := w.state(ana); got != "held/reply bump planned" {
		t.Errorf("the enrolment is %q", got)
	}
}

func TestAPauseIsRememberedThroughAHold(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	w.exec(`UPDATE enrolments SET state = 'paused', paused_until = $2 WHERE id = $1`, ana.enrolment, start.AddDate(0, 0, 9))
	mail := newIMAP()
	mail.add(reply("ana@acme.example", ana.introID, "hello"))
	w.read(w.reader(), mail)
	if got := w.text(`SELECT state || ' ' || paused_until::date FROM enrolments`); got != "held 2031-03-12" {
		t.Errorf("enrolment %q", got)
	}
}

// picky is a database that refuses every subject, as a real one might refuse
// something that nobody thought of.
type picky struct{ inbound.Inbox }

func (p picky) Ingest(ctx context.Context, batch outreach.InboxBatch) (outreach.Taken, error) {
	if batch.Arrival != nil && batch.Arrival.Subject != "" {
		return outreach.Taken{}, outreach.ErrInvalid
	}
	for _, other := range batch.NotOurs {
		if other.SenderDomain != "" {
			return outreach.Taken{}, outreach.ErrInvalid
		}
	}
	return p.Inbox.Ingest(ctx, batch)
}

func TestAValueThatTheDatabaseRefusesKeepsNoMailOut(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	w.mail.add(reply("ana@acme.example", ana.introID, "hello"))
	w.mail.add("From: mum@family.example\n\nprivate")
	r := w.reader()
	r.Inbox = picky{w.DB}
	if n := w.read(r, w.mail); n != 1 {
		t.Errorf("%d stored, want 1", n)
	}
	if got := w.text(`SELECT subject || from_address || ' ' || (octet_length(raw) > 0) || ' ' || match_method FROM messages`); got != " true references" {
		t.Errorf("stored %q", got)
	}
	if got := w.text(`SELECT last_uid FROM inbox_cursors WHERE folder = 'INBOX'`) + w.state(ana); got != "2held/reply bump planned" {
		t.Errorf("cursor and enrolment %q", got)
	}
}

func TestPostgresSaysWhichBatchesItWillNeverTake(t *testing.T) {
	w := newWorld(t)
	batch := outreach.InboxBatch{Cursor: outreach.InboxCursor{MailboxID: "dana", Folder: "INBOX", UIDValidity: 7, LastUID: 1}, At: start,
		NotOurs: []outreach.NotOurs{{UID: 1, ReceivedAt: start, SenderDomain: "x\x00y"}}}
	if _, err := w.Ingest(context.Background(), batch); !errors.Is(err, outreach.ErrInvalid) {
		t.Errorf("a NUL in a text: %v, want ErrInvalid", err)
	}
}
