package outbound_test

import (
	"archive/zip"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drumbeat/internal/holiday"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/zone"
)

// zoneNames lists every zone of the tz database that a lead may live in.
func zoneNames(t *testing.T) []string {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var names []string
	for _, file := range archive.File {
		if _, err := zone.ParseName(file.Name); err == nil && !strings.HasSuffix(file.Name, "/") {
			names = append(names, file.Name)
		}
	}
	if len(names) < 400 {
		t.Fatalf("only %d zones", len(names))
	}
	return names
}

// campaign is a sequence that runs over a few leads from one mailbox, with the
// engine's own decisions and the plainest ledger that can carry them out.
type campaign struct {
	*rapid.T
	decider  *outbound.Decider
	window   schedule.Window
	waits    []schedule.Wait
	cap      int
	newCap   int
	mailbox  *time.Location
	leads    []*traveller
	free     time.Time // end of the mailbox's gap or cap
	reserved map[outreach.Day]int
	started  map[outreach.Day]int
}

// traveller is a lead on its way.
type traveller struct {
	outreach.DueStep
	finished bool
	held     bool
	went     []time.Time
}

func drawCampaign(t *rapid.T, zones []string) *campaign {
	from := rapid.IntRange(0, 1380).Draw(t, "from")
	c := &campaign{
		T: t, cap: rapid.IntRange(1, 4).Draw(t, "cap"), newCap: rapid.IntRange(1, 3).Draw(t, "new leads"),
		window: schedule.Window{
			Days: schedule.Days(rapid.IntRange(1, 127).Draw(t, "days")), From: schedule.TimeOfDay(from),
			To: schedule.TimeOfDay(rapid.IntRange(from+30, 1440).Draw(t, "to")),
		},
		reserved: map[outreach.Day]int{}, started: map[outreach.Day]int{},
	}
	steps := ""
	for i := range rapid.IntRange(1, 4).Draw(t, "steps") {
		n := rapid.IntRange(1, 12).Draw(t, "length")
		c.waits = append(c.waits, rapid.SampledFrom([]schedule.Wait{{Exact: time.Duration(n) * time.Hour}, {Days: n}, {BusinessDays: n}}).Draw(t, "wait"))
		steps += fmt.Sprintf("  - {id: s%d, wait: %s, email: {template: bump.md, thread: new, subject: Hi}}\n", i, c.waits[i])
	}
	c.decider = decider(fmt.Sprintf("version: 1\nid: founders\nowner: dana\nsend: {gap: 3m-20m, daily_new_leads: %d, holidays: lead_country, window: {days: %q, from: %q, to: %q}}\nsteps:\n%s",
		c.newCap, c.window.Days, c.window.From, c.window.To, steps))
	zoneName := rapid.SampledFrom(zones).Draw(t, "mailbox zone")
	c.mailbox, _ = time.LoadLocation(zoneName)
	c.decider.Mailboxes["dana"] = outbound.MailboxRules{Cap: schedule.Cap{PerDay: c.cap}, Zone: c.mailbox}
	begin := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 5*366*24*60).Draw(t, "begin")) * time.Minute)
	for i := range rapid.IntRange(1, 6).Draw(t, "leads") {
		l := &traveller{DueStep: due(int64(i+1), 0)}
		l.Enrolment.Timezone = rapid.SampledFrom(zones).Draw(t, "zone")
		l.Lead.Country = rapid.SampledFrom([]string{"", "DE", "US", "JP", "GB", "FR"}).Draw(t, "country")
		l.Enrolment.DueAt = &begin
		c.leads = append(c.leads, l)
	}
	return c
}

// ask lets the decider look at what is due, and carries out what it says.
func (c *campaign) ask(now time.Time) {
	day := outreach.DayOf(now.In(c.mailbox))
	var queue []*traveller
	for _, followUps := range []bool{true, false} {
		for _, l := range c.leads {
			if !l.finished && !l.Enrolment.DueAt.After(now) && (l.Enrolment.Step > 0) == followUps {
				queue = append(queue, l)
			}
		}
	}
	var steps []outreach.DueStep
	for _, l := range queue {
		steps = append(steps, l.DueStep)
	}
	plan := c.decider.Decide(c.Context(), now)(outreach.MailboxDay{
		ID: "dana", Day: day, Reserved: c.reserved[day], NewLeads: map[outreach.SequenceID]int{"founders": c.started[day]},
	}, steps)
	for i, d := range plan.Decisions {
		c.carryOut(queue[i], d, now, day)
	}
	for _, w := range plan.Waits {
		if w.SequenceID == "" {
			c.free = w.Until
			continue
		}
		for _, l := range queue {
			if l.Enrolment.Step == 0 && !l.Enrolment.DueAt.After(now) {
				l.Enrolment.DueAt = &w.Until
			}
		}
	}
}

func (c *campaign) carryOut(l *traveller, d outreach.ClaimDecision, now time.Time, day outreach.Day) {
	switch d.Action {
	case outreach.ClaimSend:
		c.check(l, d, now)
		l.went = append(l.went, now)
		c.reserved[day]++
		if d.NewLead {
			c.started[day]++
		}
		outcome := c.decider.Outcome(outreach.Claimed{Due: l.DueStep, Send: outreach.Send{Purpose: outreach.PurposeStep, StepID: d.StepID}},
			outreach.DeliveryResult{Delivery: outreach.DeliveryAccepted}, now)
		next := outcome.Settlement.Next
		l.Enrolment.Step, l.Enrolment.DueAt, l.finished = next.Step, next.DueAt, next.State == outreach.EnrolmentFinished
		l.Enrolment.LastSentAt = &now
	case outreach.ClaimWait:
		if !d.Until.After(now) {
			c.Fatalf("waits at %v until %v", now, d.Until)
		}
		l.Enrolment.DueAt = &d.Until
	case outreach.ClaimHold:
		l.finished, l.held = true, true // a window that does not open for two months
	}
}

// check holds what must be true of every mail: it is the lead's next one, not
// early, inside the lead's hours and on no holiday.
func (c *campaign) check(l *traveller, d outreach.ClaimDecision, now time.Time) {
	if want := outreach.StepID(fmt.Sprintf("s%d", len(l.went))); d.StepID != want {
		c.Fatalf("lead %d gets %s, want %s", l.Lead.ID, d.StepID, want)
	}
	location, _ := time.LoadLocation(l.Enrolment.Timezone)
	local := now.In(location)
	minute := schedule.TimeOfDay(local.Hour()*60 + local.Minute())
	if !c.window.Days.Has(local.Weekday()) || minute < c.window.From || minute >= c.window.To {
		c.Fatalf("lead %d gets %s at %v, outside %v", l.Lead.ID, d.StepID, local, c.window)
	}
	if name, off := holiday.On(l.Lead.Country, outreach.DayOf(local)); off {
		c.Fatalf("lead %d of %s gets %s on %s", l.Lead.ID, l.Lead.Country, d.StepID, name)
	}
	if !d.NotAfter.After(now) {
		c.Fatalf("the claim of %v ends at %v", now, d.NotAfter)
	}
	if len(l.went) == 0 {
		return
	}
	last, wait := l.went[len(l.went)-1].In(location), c.waits[len(l.went)]
	days := outreach.DayOf(local).Sub(outreach.DayOf(last))
	if now.Before(last.Add(wait.Exact)) || days < wait.Days || days < wait.BusinessDays {
		c.Fatalf("lead %d gets %s at %v, %v after %v", l.Lead.ID, d.StepID, local, wait, last)
	}
}

// next is when something can change: the first due lead, once the mailbox is free.
func (c *campaign) next() (at time.Time, ok bool) {
	for _, l := range c.leads {
		if !l.finished && (!ok || l.Enrolment.DueAt.Before(at)) {
			at, ok = *l.Enrolment.DueAt, true
		}
	}
	if at.Before(c.free) {
		at = c.free
	}
	return at, ok
}

// run goes from event to event; between two given moments nothing runs at all.
func (c *campaign) run(stands, again time.Time) {
	var last time.Time
	for range 3000 {
		at, ok := c.next()
		if !ok {
			return
		}
		if at.After(stands) && at.Before(again) {
			at = again
		}
		if at.Before(last) {
			c.Fatalf("time goes back from %v to %v", last, at)
		}
		last = at
		c.ask(at)
	}
	c.Fatalf("no end in sight")
}

func TestACampaignKeepsEveryPromiseInEveryZone(t *testing.T) {
	zones, mails := zoneNames(t), 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawCampaign(t, zones)
		first, _ := c.next()
		stands := first.Add(time.Duration(rapid.IntRange(0, 14*24).Draw(t, "stands still after")) * time.Hour)
		c.run(stands, stands.Add(time.Duration(rapid.IntRange(0, 5*24).Draw(t, "for"))*time.Hour))
		var all []time.Time
		for _, l := range c.leads {
			all = append(all, l.went...)
			if !l.held && len(l.went) != len(c.waits) {
				t.Fatalf("lead %d got %d of %d mails", l.Lead.ID, len(l.went), len(c.waits))
			}
			if !slices.IsSortedFunc(l.went, time.Time.Compare) {
				t.Fatalf("lead %d: %v", l.Lead.ID, l.went)
			}
		}
		slices.SortFunc(all, time.Time.Compare)
		mails += len(all)
		days := map[outreach.Day]int{}
		for i, at := range all {
			if i > 0 && at.Sub(all[i-1]) < 3*time.Minute {
				t.Fatalf("two mails within the gap: %v and %v", all[i-1], at)
			}
			day := outreach.DayOf(at.In(c.mailbox))
			if days[day]++; days[day] > c.cap || c.started[day] > c.newCap {
				t.Fatalf("%d mails and %d new leads on %v, allowed are %d and %d", days[day], c.started[day], day, c.cap, c.newCap)
			}
		}
	})
	if mails < 200 {
		t.Errorf("only %d mails went", mails)
	}
}
