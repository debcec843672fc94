package e2e

import (
	"crypto/rand"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
	"drumbeat/internal/spool"
)

// twoMails goes at any hour, the second a day after the first.
func twoMails() (string, fstest.MapFS) {
	_, templates := oneMail("0s")
	templates["again.md"] = &fstest.MapFile{Data: []byte("Hi {{ first_name }}, again.\n")}
	return `send: {window: {days: mon-sun, from: "00:00", to: "24:00"}, gap: 0s, daily_new_leads: 10000, format: text}
steps: [{id: intro, email: {template: hello.md}}, {id: again, wait: 1d, email: {template: again.md}}]
`, templates
}

// backup copies the database as it is and leaves the house without one.
func (h *house) backup() (url string) {
	h.t.Helper()
	var name string
	if err := h.DB.GetContext(h.t.Context(), &name, `SELECT current_database()`); err != nil {
		h.t.Fatal(err)
	}
	h.must(h.DB.Close())
	admin, copied := pgtest.Admin(h.t), "drumbeat_test_"+strings.ToLower(rand.Text())
	url, err := postgres.CloneDatabase(h.t.Context(), admin, copied, name)
	h.must(err)
	h.t.Cleanup(func() { _ = postgres.DropDatabase(h.t.Context(), admin, copied) })
	return url
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// open gives the house a database.
func (h *house) open(url string) {
	h.t.Helper()
	db, err := postgres.Open(h.t.Context(), url, postgres.Options{MaxConns: 10})
	h.must(err)
	h.t.Cleanup(func() { _ = db.Close() })
	h.DB = db
}

func (h *house) sentIs(n string) func() bool {
	return func() bool { return h.text(`SELECT count(*) FROM sends WHERE state = 'sent'`) == n }
}

// TestADatabaseRestoredFromABackupSendsNothingUntilAPersonSaysSo is the whole
// story: a backup, mails that it does not know, the restore, the hold, what the
// spool and the Sent folder still know, the confirmation.
func TestADatabaseRestoredFromABackupSendsNothingUntilAPersonSaysSo(t *testing.T) {
	t.Parallel()
	const leads = 6
	stepped := clock.NewStepped(time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC))
	file, templates := twoMails()
	url := pgtest.URL(t)
	db, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 10})
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, houseOptions{db: db, clock: stepped, mailboxes: 1, leads: leads, sequence: file, templates: templates, redis: redistest.New(t)})
	h.StateDir = t.TempDir()
	stop := h.engine(app.AllRoles())
	until(t, "the first mails are out", h.sentIs("6"))
	stop()
	backup := h.backup()

	h.open(url)
	stop = h.engine(app.AllRoles())
	stepped.StepTo(stepped.Now().Add(25 * time.Hour))
	until(t, "the second mails are out", h.sentIs("12"))
	stop()
	installation, err := h.DB.InstallationID(t.Context())
	h.must(err)
	h.must(h.DB.Close())
	second := h.world.Accepted()[leads:]

	h.open(backup)
	stop = h.engine(app.AllRoles())
	hold, err := h.DB.Hold(t.Context())
	h.must(err)
	if !hold.Held() {
		t.Fatal("the restored database is not held")
	}
	if _, ok, err := h.DB.TakeMailbox(t.Context(), "rep0", "somebody"); ok || err != nil {
		t.Errorf("a mailbox can be sent from: %v, %v", ok, err)
	}
	if bells, err := h.DB.PlanBells(t.Context(), stepped.Now()); len(bells) > 0 || err != nil {
		t.Errorf("bells are rung: %v, %v", bells, err)
	}
	stop()

	// Four of the six lie in the Sent folder, one stands in the spool of a process that died, one nobody knows.
	for _, a := range second[:4] {
		h.must(h.world.DeliverTo(mailboxAddress(0), "Sent", a.Raw, a.At))
	}
	h.noteOf(installation, second[4].To, second[4].MessageID)
	report, err := h.AfterRestore(t.Context(), false)
	h.must(err)
	if report.FromSent != 4 || report.FromSpool != 1 || report.Held != 0 || len(report.Strangers) != 0 || report.Resumed {
		t.Errorf("found %+v", report)
	}
	if n := len(h.world.Accepted()); n != 2*leads {
		t.Errorf("%d mails went before a person said so", n-2*leads)
	}

	report, err = h.AfterRestore(t.Context(), true)
	h.must(err)
	if !report.Resumed || report.FromSent+report.FromSpool != 0 {
		t.Errorf("the second time: %+v", report)
	}
	h.engine(app.AllRoles())
	until(t, "the sequences are at their end", func() bool { return h.text(`SELECT count(*) FROM enrolments WHERE state <> 'finished'`) == "0" })
	if hold, err := h.DB.Hold(t.Context()); err != nil || hold.Held() {
		t.Errorf("held again: %+v, %v", hold, err)
	}
	for address, n := range h.acceptsByLead() {
		want := 2
		if address == strings.ToLower(second[5].To) {
			want = 3 // the one of which nothing was left
		}
		if n != want {
			t.Errorf("%s got %d mails, want %d", address, n, want)
		}
	}
}

// noteOf leaves a note of a dead process that a lead's second mail was accepted.
func (h *house) noteOf(installation, to, messageID string) {
	h.t.Helper()
	notes, err := spool.OpenResults(filepath.Join(h.StateDir, "spool", installation), "dead")
	h.must(err)
	enrolment := h.text(`SELECT e.id FROM enrolments e JOIN leads l ON l.id = e.lead_id WHERE lower(l.email) = $1`, strings.ToLower(to))
	h.must(notes.Accepted(outreach.Accepted{
		SendID: 999, Fence: 1, RFCMessageID: messageID, DedupeKey: "step:" + enrolment + ":again", StepIndex: 1,
		Recipient: outreach.RecipientMark(messageID, to), At: h.clock.Now(), Code: 250,
	}))
	h.must(notes.Close())
}

func (h *house) acceptsByLead() map[string]int {
	accepts := map[string]int{}
	for _, a := range h.world.Accepted() {
		if strings.HasPrefix(a.To, "lead") {
			accepts[strings.ToLower(a.To)]++
		}
	}
	return accepts
}
