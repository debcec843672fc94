package e2e

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/stepper"
)

const myself = "me@ours.example"

func newRehearsed(t *testing.T) (*house, *clock.Stepped) {
	t.Helper()
	stepped := clock.NewStepped(time.Date(2031, time.March, 3, 10, 0, 0, 0, time.UTC))
	template := func(text string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\nsubject: \"{{ company }}\"\n---\nHi {{ first_name }},\n\n" + text + "\n")}
	}
	return newHouse(t, houseOptions{
		clock: stepped, mailboxes: 1, leads: 5, sequence: threeMails, redis: redistest.New(t),
		templates: fstest.MapFS{"hello.md": template("hello"), "bump.md": template("bump"), "last.md": template("last")},
	}), stepped
}

// TestATestMailGoesToOneselfAndBeginsNothing: five leads are due at that very time.
func TestATestMailGoesToOneselfAndBeginsNothing(t *testing.T) {
	t.Parallel()
	h, _ := newRehearsed(t)
	revision, err := h.DB.CurrentRevision(t.Context(), "hello")
	if err != nil {
		t.Fatal(err)
	}
	lead, err := h.DB.FindLead(t.Context(), leadAddress(3))
	if err != nil {
		t.Fatal(err)
	}
	from, _ := h.team.Sender("rep0")
	steps, err := outbound.Preview(revision, lead, from, "")
	if err != nil {
		t.Fatal(err)
	}
	mails, err := h.TestSend(t.Context(), h.team, "rep0", myself, steps)
	if err != nil || len(mails) != 3 {
		t.Fatalf("%v, %v", mails, err)
	}
	for _, m := range mails {
		if m.State != outreach.SendSent || !strings.HasPrefix(m.Answer, "250") {
			t.Errorf("%+v", m)
		}
	}
	for _, a := range h.world.Accepted() {
		if a.To != myself || !strings.HasPrefix(a.Subject, "[test] ") || strings.Contains(string(a.Raw), "List-Unsubscribe") || !strings.Contains(string(a.Raw), "Ana") {
			t.Errorf("a test mail to %s: %s\n%s", a.To, a.Subject, a.Raw)
		}
	}
	if got := h.text(`SELECT purpose || ' ' || state || ' ' || count(*) FROM sends GROUP BY purpose, state`); got != "test sent 3" {
		t.Errorf("the ledger holds %s", got)
	}
	if got := h.text(`SELECT COALESCE(sum(reserved), 0) FROM mailbox_days`); got != "0" {
		t.Errorf("%s places of the cap are taken", got)
	}
}

// TestARehearsalWritesToNobodyElse: everything happens as it would, but every
// envelope names one person.
func TestARehearsalWritesToNobodyElse(t *testing.T) {
	t.Parallel()
	h, stepped := newRehearsed(t)
	if err := h.DB.BeginRehearsal(t.Context(), myself, h.clock.Now()); err != nil {
		t.Fatal(err)
	}
	e, err := h.NewEngine(app.EngineOptions{
		Roles: app.AllRoles(), Redis: h.redis, Queue: h.queue, Team: h.team, PollEvery: pollEvery, BellsEvery: bellsEvery, RedirectAllTo: myself,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.engines = append(h.engines, e)
	t.Cleanup(func() { _ = e.Stop(t.Context()) })
	s := stepper.Stepper{Clock: stepped, Sources: []stepper.Source{stepping{h}}}
	if _, err := s.Run(t.Context(), stepped.Now().AddDate(0, 0, 14)); err != nil {
		t.Fatal(err)
	}
	accepted := h.world.Accepted()
	for _, a := range accepted {
		if a.To != myself {
			t.Errorf("a mail went to %s", a.To)
		}
	}
	if got := h.text(`SELECT state || ' ' || count(*) FROM sends WHERE purpose = 'step' GROUP BY state`); got != "sent 15" || len(accepted) < 15 {
		t.Errorf("the ledger holds %s, %d mails came", got, len(accepted))
	}
	if status, err := h.DB.Status(t.Context(), h.clock.Now(), h.clock.Now()); err != nil || status.Rehearsal != myself {
		t.Errorf("status says %q, %v", status.Rehearsal, err)
	}
}

// TestRealSendingAndARehearsalNeverShareADatabase both ways.
func TestRealSendingAndARehearsalNeverShareADatabase(t *testing.T) {
	t.Parallel()
	h, stepped := newRehearsed(t)
	start := func(to string) string {
		t.Helper()
		h.Config.RedisURL, h.Config.Listen, h.Config.PublicListen = "redis://"+h.redis.Addr, "127.0.0.1:0", "127.0.0.1:0"
		service, err := h.StartService(t.Context(), app.ServiceOptions{Roles: app.AllRoles(), RedirectAllTo: to})
		if err == nil {
			err = service.Stop()
		}
		var problem *outreach.Problem
		if errors.As(err, &problem) {
			return problem.Code
		}
		if err != nil {
			t.Fatal(err)
		}
		return ""
	}
	if got := start("no address"); got != "BAD_ADDRESS" {
		t.Errorf("a rehearsal for nobody: %q", got)
	}
	h.engine(app.AllRoles())()
	stop := h.engine(app.AllRoles())
	s := stepper.Stepper{Clock: stepped, Sources: []stepper.Source{stepping{h}}}
	if _, err := s.Run(t.Context(), stepped.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	stop()
	if got := start(myself); got != "NO_REHEARSAL_HERE" {
		t.Errorf("a rehearsal where mail has gone to leads: %q", got)
	}
	other, _ := newRehearsed(t)
	if err := other.DB.BeginRehearsal(t.Context(), myself, other.clock.Now()); err != nil {
		t.Fatal(err)
	}
	h = other
	if got := start(""); got != "REHEARSAL_DATABASE" {
		t.Errorf("real sending from a rehearsal's database: %q", got)
	}
}
