package inbound_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/classify"
	"drumbeat/internal/inbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/signature"
)

func TestAMachinesMailAboutNobodyIsForgotten(t *testing.T) {
	w := newWorld(t)
	w.write("ana@acme.example")
	w.receive(w.processor(), strings.ReplaceAll(dsn("5.1.1", "550 no", "<1@else.example>"), "ana@acme.example", "mum@family.example"))
	if got := w.text(`SELECT (SELECT count(*) FROM messages) || ' ' || n.sender_domain || ' ' || n.uid FROM not_ours n`); got != "0 mx.example 1" {
		t.Errorf("kept %q", got)
	}
}

func TestTheThirdSoftBounceInTwoWeeksIsHard(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	for i, want := range []string{"active/ bump planned", "active/ bump planned", "stopped/bounced bump cancelled"} {
		w.receive(p, strings.Replace(dsn("4.2.2", "452 4.2.2 full", ana.introID), "Tue, 4", "Tue, "+string(rune('4'+i)), 1))
		if got := w.state(ana); got != want {
			t.Errorf("after %d: %q, want %q", i+1, got, want)
		}
	}
}

func TestWarningsAndReceiptsOfServersAreNoBounces(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	delayed := strings.Replace(dsn("4.4.1", "connect to mx: Connection timed out", ana.introID), "Action: failed", "Action: delayed", 1)
	delivered := strings.Replace(dsn("2.0.0", "250 ok", ana.introID), "Action: failed", "Action: delivered", 1)
	exim := "From: Mail Delivery System <mailer-daemon@mx.example>\nSubject: Warning: message 1abc delayed 24 hours\nMessage-ID: <w@mx.example>\n\n" +
		"This message was created automatically by mail delivery software. A message that you sent has not yet been delivered to one or more of its recipients.\n\n" +
		"The address to which the message has not yet been delivered is:\n\n  ana@acme.example\n\n" +
		"No action is required on your part. Delivery attempts will continue for some time.\n\nMessage-ID: " + ana.introID + "\n"
	for _, mail := range []string{delayed, delivered, exim, strings.Replace(delayed, "Tue, 4", "Tue, 5", 1), strings.Replace(delayed, "Tue, 4", "Tue, 6", 1)} {
		w.receive(p, mail)
		if got := w.state(ana); got != "active/ bump planned" {
			t.Errorf("the enrolment is %q", got)
		}
	}
	if got := w.text(`SELECT string_agg(DISTINCT decision->>'rule', ',') || ' ' || count(*) FROM messages`); got != "bounce_pending 5" {
		t.Errorf("rules %q", got)
	}
	w.receive(p, dsn("4.2.2", "452 4.2.2 full", ana.introID))
	if got := w.state(ana); got != "active/ bump planned" {
		t.Errorf("after the first real bounce the enrolment is %q", got)
	}
}

func TestBlocksFromThreeDomainsWithinAnHourStopTheMailbox(t *testing.T) {
	w := newWorld(t)
	p := w.processor()
	for i, email := range []string{"ana@acme.example", "ana@beta.example", "ana@ceta.example"} {
		l := w.write(email)
		w.receive(p, strings.ReplaceAll(dsn("5.7.1", "550 5.7.1 rejected by policy", l.introID), "ana@acme.example", email))
		if got, want := w.text(`SELECT paused FROM mailboxes WHERE id = 'dana'`), []string{"false", "false", "true"}[i]; got != want {
			t.Errorf("after %d domains paused = %s", i+1, got)
		}
	}
}

func TestAMeetingStopsTheWholeCompanyWhereTheSequenceWantsIt(t *testing.T) {
	w := newWorld(t)
	ana, ben, gail := w.write("ana@acme.example"), w.write("ben@de.acme.example"), w.write("gail@notacme.example")
	w.receive(w.processor(), reply("ana@acme.example", ana.introID, "Yes, let's talk. Tuesday at 2pm works for me."))
	for l, want := range map[written]string{ana: stoppedBump, ben: stoppedBump, gail: "active/ bump claimed"} {
		if got := w.state(l); got != want {
			t.Errorf("%s is %q, want %q", l.email, got, want)
		}
	}
}

func TestAReplyProvesThatAnUnknownSendHasArrived(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	w.exec(`UPDATE sends SET state = 'unknown' WHERE id = $1`, ana.intro)
	w.receive(w.processor(), reply("ana@acme.example", ana.introID, "No thanks, not interested."))
	if got := w.text(`SELECT state || ' ' || resolved_by FROM sends WHERE id = $1`, ana.intro); got != "sent reply" {
		t.Errorf("the send is %q", got)
	}
	if got := w.text(`SELECT from_state || '->' || to_state FROM send_events WHERE send_id = $1`, ana.intro); got != "unknown->sent" {
		t.Errorf("events %q", got)
	}
}

func TestManyWorkersProcessAMessageOnce(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	mail, r := newIMAP(), w.reader()
	mail.add(reply("ana@acme.example", ana.introID, "Sorry, this is too expensive for us."))
	w.read(r, mail)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, id := range r.Bell.(*bells).ids {
				if err := p.Process(context.Background(), id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := w.text(`SELECT (SELECT count(*) FROM drafts) || '/' || (SELECT count(*) FROM objections) || '/' || (SELECT attempts FROM messages)`); got != "1/1/1" {
		t.Errorf("drafts, objections, attempts: %s", got)
	}
}

// poison panics on what it is given.
type poison struct{}

func (poison) Classify(classify.Input) classify.Result { panic("a parser's mistake") }

func TestPoisonIsTriedAgainThenPutAsideAndItsLeadHeld(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	p.Classifier = poison{}
	w.receive(p, reply("ana@acme.example", ana.introID, "boom"))
	for range 4 {
		if got := w.text(`SELECT state FROM messages`); got != "pending" {
			t.Fatalf("state %q too early", got)
		}
		w.exec(`UPDATE messages SET retry_ms = 0`) // the pause is over
		w.sweep(p)
	}
	if got := w.text(`SELECT state || ' ' || attempts || ' ' || error || ' ' || (decision->>'rule') FROM messages`); got != "quarantined 5 panic: a parser's mistake quarantined" {
		t.Errorf("message %q", got)
	}
	if got := w.state(ana); got != "held/triage bump planned" {
		t.Errorf("the enrolment is %q", got)
	}
}

func TestAnAlertThatFailsIsMadeUpFor(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	told := p.Alerter.(*alerts)
	told.fail = errors.New("redis is asleep")
	w.receive(p, reply("ana@acme.example", ana.introID, "Yes, let's talk. Tuesday at 2pm works for me."))
	if got := w.text(`SELECT state || ' ' || alert FROM messages`); got != "done due" {
		t.Fatalf("message %q", got)
	}
	told.fail = nil
	w.sweep(p)
	w.sweep(p)
	if !slices.Equal(told.ids, []outreach.MessageID{1}) || w.text(`SELECT alert FROM messages`) != "told" {
		t.Errorf("alerted %v", told.ids)
	}
}

func TestAnAutomaticAnswerNeitherEndsAPauseNorATriage(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	auto := "From: ana@acme.example\nAuto-Submitted: auto-replied\nSubject: Ticket %\nIn-Reply-To: " + ana.introID +
		"\n\nWe have received your message. Your ticket number is %.\n"
	w.exec(`UPDATE enrolments SET state = 'paused', paused_until = $1`, start.AddDate(0, 0, 9))
	w.receive(p, strings.ReplaceAll(auto, "%", "1"))
	if got := w.text(`SELECT state || ' ' || paused_until::date FROM enrolments`); got != "paused 2031-03-12" {
		t.Errorf("after a pause: %q", got)
	}
	w.exec(`UPDATE enrolments SET state = 'held', state_reason = 'triage', paused_until = NULL`)
	w.receive(p, strings.ReplaceAll(auto, "%", "2"))
	if got := w.text(`SELECT state || ' ' || state_reason FROM enrolments`); got != "held triage" {
		t.Errorf("after a triage: %q", got)
	}
}

func TestAPersonsCorrectionReplacesWhatTheWrongLabelLeftBehind(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	w.receive(p, reply("ana@acme.example", ana.introID, "Sorry, this is too expensive for us."))
	if err := p.Correct(context.Background(), 1, outreach.LabelStatusQuo, "dana"); err != nil {
		t.Fatal(err)
	}
	got := w.traces(ana)
	want := map[string]string{
		"message": "human status_quo done", "rule": "status_quo", "enrolment": stoppedBump, "lead": "qualifying/replied",
		"facts": "competition known", "objection": "status_quo/open", "draft": "objections/status_quo.md | Re: Acme and churn",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := w.text(`SELECT corrected_label FROM messages`); got != "status_quo" {
		t.Errorf("corrected label %q", got)
	}
	if err := p.Correct(context.Background(), 1, "nonsense", "dana"); !errors.Is(err, outreach.ErrInvalid) {
		t.Errorf("a label that is none: %v", err)
	}
}

func TestAPersonEndsATriage(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	w.receive(p, reply("ana@acme.example", ana.introID, "Hm."))
	if err := p.Correct(context.Background(), 1, outreach.LabelAutoReply, "dana"); err != nil {
		t.Fatal(err)
	}
	if got := w.state(ana); got != "active/ bump planned" {
		t.Errorf("the enrolment is %q", got)
	}
}

func TestTheUnsubscribePageWorksAnyNumberOfTimesAndTellsNothing(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	ctx := context.Background()
	for _, token := range []string{"", "nonsense", strings.Replace(ana.token, ".good", ".evil", 1), "01JNTOKEN99999999999999999.good"} {
		if err := p.Unsubscribe(ctx, token); err != nil || w.state(ana) != "active/ bump claimed" {
			t.Errorf("%q: %v, %s", token, err, w.state(ana))
		}
	}
	for range 3 {
		if err := p.Unsubscribe(ctx, ana.token); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.state(ana); got != "stopped/unsubscribed bump cancelled" {
		t.Errorf("the enrolment is %q", got)
	}
	if got := w.text(`SELECT value || ' ' || reason || ' ' || (SELECT count(*) FROM lead_events) FROM suppressions`); got != "ana@acme.example unsubscribe 1" {
		t.Errorf("suppression and events %q", got)
	}
}

func TestWhoUnsubscribesByPageTakesTheCompanyAlongWhenTheSequenceSaysSo(t *testing.T) {
	w := newWorld(t)
	ana, bo, sub, other, p := w.write("ana@acme.example"), w.write("bo@acme.example"), w.write("cy@paris.acme.example"), w.write("eve@beta.example"), w.processor()
	w.exec(`UPDATE revisions SET source = $1`, "version: 1\nid: saas\nowner: dana\nsteps: [{email: a.md}]\nstop: {whole_company_on: [unsubscribe, meeting]}\n")
	for range 2 {
		if err := p.Unsubscribe(context.Background(), ana.token); err != nil {
			t.Fatal(err)
		}
	}
	for lead, want := range map[written]string{
		ana: "stopped/unsubscribed bump cancelled", bo: "stopped/unsubscribed bump cancelled", sub: "stopped/unsubscribed bump cancelled", other: "active/ bump claimed",
	} {
		if got := w.state(lead); got != want {
			t.Errorf("%s is %q, want %q", lead.email, got, want)
		}
	}
	if got := w.text(`SELECT string_agg(value, ' ') FROM suppressions`); got != "ana@acme.example" {
		t.Errorf("suppressed: %s; colleagues have not asked for it", got)
	}
	if got := w.text(`SELECT count(*) || ' ' || max(rule) FROM lead_events WHERE kind = 'stopped'`); got != "3 whole_company_on" {
		t.Errorf("events: %s", got)
	}
}

func TestALeadStopHookIsBelievedByItsSignatureAndStopsTheCompanyOnAMeeting(t *testing.T) {
	w := newWorld(t)
	ana, bo, gus := w.write("ana@acme.example"), w.write("bo@acme.example"), w.write("gus@gmail.com")
	gil := w.write("gil@gmail.com")
	w.exec(`UPDATE revisions SET source = $1`, "version: 1\nid: saas\nowner: dana\nsteps: [{email: a.md}]\nstop: {whole_company_on: [meeting]}\n")
	key := []byte("a key of the calendar")
	stops := inbound.LeadStops{Key: key, Store: w.DB, Clock: w.clock, Log: slog.New(slog.DiscardHandler)}
	send := func(id, body string) (outreach.HookStopped, error) {
		return stops.StopLead(context.Background(), signature.Signed{
			ID: id, Timestamp: fmt.Sprint(w.clock.Now().Unix()), Body: []byte(body), Signature: signature.Sign(key, id, w.clock.Now(), []byte(body)),
		})
	}
	forged := signature.Signed{ID: "request-0", Timestamp: fmt.Sprint(w.clock.Now().Unix()), Body: []byte(`{"email":"ana@acme.example"}`), Signature: "v1,AAAA"}
	if _, err := stops.StopLead(context.Background(), forged); !errors.Is(err, signature.ErrMismatch) {
		t.Errorf("a forged request: %v", err)
	}
	for body, want := range map[string]error{`nonsense`: outreach.ErrInvalid, `{"email":"nobody"}`: outreach.ErrInvalid, `{"email":"new@beta.example"}`: nil} {
		if stopped, err := send("request-"+fmt.Sprint(len(body)), body); !errors.Is(err, want) || stopped.Leads != 0 {
			t.Errorf("%s: %+v %v", body, stopped, err)
		}
	}
	if stopped, err := send("request-1", `{"email":"ANA@acme.example","reason":"meeting_booked","note":"Thursday"}`); err != nil || stopped.Leads != 1 {
		t.Errorf("%+v %v", stopped, err)
	}
	if stopped, err := send("request-2", `{"email":"gus@gmail.com"}`); err != nil || stopped.Leads != 1 {
		t.Errorf("%+v %v", stopped, err)
	}
	for lead, want := range map[written]string{
		ana: "stopped/meeting_booked bump cancelled", bo: "stopped/meeting_booked bump cancelled",
		gus: "stopped/meeting_booked bump cancelled", gil: "active/ bump claimed", // a free-mail provider is no company
	} {
		if got := w.state(lead); got != want {
			t.Errorf("%s is %q, want %q", lead.email, got, want)
		}
	}
	if got := w.text(`SELECT string_agg(stage, ' ' ORDER BY id) FROM leads`); got != "qualifying connecting qualifying connecting" {
		t.Errorf("stages: %s", got)
	}
	if stopped, err := send("request-3", `{"email":"gil@gmail.com","reason":"deal_lost"}`); err != nil || stopped.Leads != 1 || w.state(gil) != "stopped/stopped_elsewhere bump cancelled" {
		t.Errorf("%+v %v, %s", stopped, err, w.state(gil))
	}
	if got := w.text(`SELECT detail FROM lead_events WHERE lead_id = $1 AND kind = 'stopped'`, ana.lead); got != "Another program said: meeting booked. Thursday" {
		t.Errorf("the event says %q", got)
	}
}

func TestNoRealTimeStandsInWhatAMessageLeavesBehind(t *testing.T) {
	w := newWorld(t)
	ana := w.write("ana@acme.example")
	w.receive(w.processor(), reply("ana@acme.example", ana.introID, "No thanks, not interested."))
	dump := w.text(`SELECT string_agg(row_to_json(m)::text, ' ') FROM messages m`) + w.text(`SELECT string_agg(row_to_json(e)::text, ' ') FROM lead_events e`) +
		w.text(`SELECT string_agg(row_to_json(l)::text, ' ') FROM leads l`) + w.text(`SELECT string_agg(row_to_json(o)::text, ' ') FROM objections o`)
	if real := w.text(`SELECT to_char(clock_timestamp(), 'YYYY-MM-DD')`); strings.Contains(dump, real) {
		t.Errorf("the real day %s stands in %s", real, dump)
	}
	if got := w.text(`SELECT processed_at FROM messages`); !strings.HasPrefix(got, start.Add(48*time.Hour).Format("2006-01-02 15:04")) {
		t.Errorf("processed at %s", got)
	}
}
