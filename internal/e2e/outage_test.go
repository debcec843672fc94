package e2e

import (
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/faultproxy"
	"drumbeat/internal/mailworld"
)

const (
	pollEvery  = 250 * time.Millisecond // how often mailboxes are asked beside IDLE
	bellsEvery = 5 * time.Millisecond
)

// patience is machine time after which a test gives up; nothing is measured by it.
const patience = 90 * time.Second

// until looks again and again whether something has come about.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	begun := clock.Machine{}.Now()
	for !done() {
		if (clock.Machine{}).Since(begun) > patience {
			t.Fatalf("waited in vain until %s", what)
		}
		if err := (clock.Machine{}).Sleep(t.Context(), 5*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

// oneMail is a sequence of a single mail that may go at any hour.
func oneMail(gap string) (string, fstest.MapFS) {
	return `send: {window: {days: mon-sun, from: "00:00", to: "24:00"}, gap: ` + gap + `, daily_new_leads: 10000, format: text}
steps: [{id: intro, email: {template: hello.md}}]
`, fstest.MapFS{"hello.md": &fstest.MapFile{Data: []byte("---\nsubject: \"hello {{ company }}\"\n---\nHi {{ first_name }},\n\nis this for {{ company }}?\n")}}
}

// onceEach compares the log with the ledger: every lead has one mail, and nothing
// is in doubt or half done.
func (h *house) onceEach(leads int) {
	h.t.Helper()
	accepts := map[string]int{}
	for _, a := range h.world.Accepted() {
		accepts[strings.ToLower(a.To)]++
	}
	for n := range leads {
		if accepts[leadAddress(n)] != 1 {
			h.t.Errorf("lead %d got %d mails", n, accepts[leadAddress(n)])
		}
	}
	if got := h.text(`SELECT string_agg(state || ' ' || n, ', ' ORDER BY state) FROM (SELECT state, count(*) AS n FROM sends GROUP BY 1) AS s`); got != "sent "+strconv.Itoa(leads) {
		h.t.Errorf("the ledger holds %s, want sent %d", got, leads)
	}
}

// TestSendingGoesOnWithoutRedis takes Redis away for 35 seconds in the middle of
// sending and empties it afterwards. Each mail needs a bell of its own here, since
// a gap lies behind each.
func TestSendingGoesOnWithoutRedis(t *testing.T) {
	if testing.Short() {
		t.Skip("an outage of 35 seconds")
	}
	t.Parallel()
	const leads, mailboxes, outage = 150, 8, 35 * time.Second
	server := redistest.Own(t)
	proxy, err := faultproxy.New(server.Network(), server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	file, templates := oneMail("2s")
	h := newHouse(t, houseOptions{
		clock: clock.Real{}, mailboxes: mailboxes, leads: leads, sequence: file, templates: templates,
		redis: &redis.Options{Addr: proxy.Addr().String(), Password: server.Password()},
	})
	accepted := func() int { return len(h.world.Accepted()) }
	for range 2 {
		h.engine(app.AllRoles())
	}
	until(t, "mails go out", func() bool { return accepted() >= mailboxes })
	proxy.Down()
	down, before := clock.Machine{}.Now(), accepted()
	if err := (clock.Machine{}).Sleep(t.Context(), outage); err != nil {
		t.Fatal(err)
	}
	proxy.Up()
	up, during := clock.Machine{}.Now(), accepted()-before
	if during == 0 {
		t.Error("no mail went while Redis was away")
	}
	until(t, "mails go out again", func() bool { return accepted() > before+during })
	client := redis.NewClient(&redis.Options{Network: server.Network(), Addr: server.Addr(), Password: server.Password()})
	defer client.Close()
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	flushed := accepted()
	if flushed == leads {
		t.Error("nothing was left to send after the outage: the test shows nothing")
	}
	until(t, "all mails are out", func() bool { return h.text(`SELECT count(*) FROM sends WHERE state = 'sent'`) == strconv.Itoa(leads) })
	h.onceEach(leads)
	t.Logf("%d mails before, %d in %s without Redis, %d after; the longest silence was %s, from the loss of Redis to the next mail %s, from its return %s",
		before, during, outage, leads-before-during, longestSilence(h.world.Accepted()), after(h.world.Accepted(), down), after(h.world.Accepted(), up))
}

// longestSilence is the longest time between two mails.
func longestSilence(accepts []mailworld.Accept) time.Duration {
	var longest time.Duration
	for i := 1; i < len(accepts); i++ {
		longest = max(longest, accepts[i].At.Sub(accepts[i-1].At))
	}
	return longest.Round(time.Millisecond)
}

// after is how long the first mail after a moment took to come.
func after(accepts []mailworld.Accept, moment time.Time) time.Duration {
	for _, a := range accepts {
		if a.At.After(moment) {
			return a.At.Sub(moment).Round(time.Millisecond)
		}
	}
	return 0
}

// TestAnEngineThatStopsUnderLoadLeavesNothingBehind stops two engines while
// dialogues are open; a third one sends the rest.
func TestAnEngineThatStopsUnderLoadLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	const leads, mailboxes = 240, 6
	file, templates := oneMail("0s")
	h := newHouse(t, houseOptions{
		clock: clock.Real{}, mailboxes: mailboxes, leads: leads, sequence: file, templates: templates, redis: redistest.New(t),
		world: mailworld.Options{Latency: 5 * time.Millisecond},
	})
	stops := []func(){h.engine(app.AllRoles()), h.engine(app.AllRoles())}
	until(t, "dialogues are open", func() bool { return len(h.world.Accepted()) >= mailboxes && h.world.OpenDialogues() > 0 })
	for _, stop := range stops {
		stop()
	}
	accepted := len(h.world.Accepted())
	if accepted == leads {
		t.Fatal("all mails were out before the stop: the test shows nothing")
	}
	if n := h.world.OpenDialogues(); n != 0 {
		t.Errorf("%d dialogues are open after the stop", n)
	}
	for what, query := range map[string]string{
		"sends neither planned nor sent": `SELECT count(*) FROM sends WHERE state NOT IN ('planned', 'sent')`,
		"leased enrolments":              `SELECT count(*) FROM enrolments WHERE lease_until_ms > 0`,
		"leased mailboxes":               `SELECT count(*) FROM mailboxes WHERE leased_until_ms > 0 OR leased_by <> ''`,
		"processes":                      `SELECT count(*) FROM processes`,
	} {
		if got := h.text(query); got != "0" {
			t.Errorf("after the stop there are %s: %s", what, got)
		}
	}
	if got := h.text(`SELECT count(*) FROM sends WHERE state = 'sent'`); got != strconv.Itoa(accepted) {
		t.Errorf("the ledger holds %s mails as sent, the log %d", got, accepted)
	}
	if got := h.text(`SELECT sum(reserved) FROM mailbox_days`); got != strconv.Itoa(accepted) {
		t.Errorf("%s places are taken for %d mails", got, accepted)
	}
	h.engine(app.AllRoles())
	until(t, "the rest is out", func() bool { return h.text(`SELECT count(*) FROM sends WHERE state = 'sent'`) == strconv.Itoa(leads) })
	h.onceEach(leads)
}
