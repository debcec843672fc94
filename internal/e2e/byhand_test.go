package e2e

import (
	"fmt"
	"testing"
	"testing/fstest"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/embedded/redistest"
)

// TestARepWhoWritesByHandIsLeftAlone lets a rep write to one of two leads from the
// mailbox itself, and looks at what the sequence makes of it.
func TestARepWhoWritesByHandIsLeftAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, houseOptions{
		clock: clock.Real{}, mailboxes: 1, leads: 2, redis: redistest.New(t),
		sequence: `send: {window: {days: mon-sun, from: "00:00", to: "24:00"}, gap: 0s, daily_new_leads: 10000, format: text}
steps: [{id: intro, email: {template: hello.md}}, {wait: 3d, id: bump, email: {template: hello.md}}]
`,
		templates: fstest.MapFS{"hello.md": &fstest.MapFile{Data: []byte("---\nsubject: hello\n---\nHi {{ first_name }}\n")}},
	})
	h.engine(app.AllRoles())
	until(t, "both mails are out", func() bool { return h.text(`SELECT count(*) FROM sends WHERE state = 'sent'`) == "2" })
	sent := func(raw string) {
		t.Helper()
		if err := h.world.DeliverTo(mailboxAddress(0), "Sent", []byte(raw), h.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	for _, copied := range h.world.Accepted() { // as a provider files them that keeps copies
		sent(fmt.Sprintf("From: %s\r\nTo: %s\r\nMessage-ID: %s\r\nSubject: hello\r\n\r\nHi Ana\r\n", copied.From, copied.To, copied.MessageID))
	}
	sent("From: " + mailboxAddress(0) + "\r\nTo: Ana <" + leadAddress(1) + ">\r\nMessage-ID: <hand@phone.example>\r\nSubject: see you\r\n\r\nat the fair\r\n")
	state := func(n int) string {
		return h.text(`SELECT e.state || '/' || e.state_reason FROM enrolments e JOIN leads l ON l.id = e.lead_id WHERE l.email = $1`, leadAddress(n))
	}
	until(t, "the lead is held", func() bool { return state(1) == "held/rep" })
	if got := state(0); got != "active/" {
		t.Errorf("the copies of our own mails made the other lead %q", got)
	}
}
