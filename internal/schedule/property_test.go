package schedule_test

import (
	"archive/zip"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
)

// allZones loads every zone of the tz database that Go brings along.
func allZones(t *testing.T) []*time.Location {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var zones []*time.Location
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, "/") {
			zones = append(zones, location(t, file.Name))
		}
	}
	if len(zones) < 500 {
		t.Fatalf("only %d zones", len(zones))
	}
	return zones
}

func drawCalendar(t *rapid.T, zones []*time.Location) schedule.Calendar {
	from := schedule.TimeOfDay(rapid.IntRange(0, 1439).Draw(t, "from"))
	off := rapid.IntRange(3, 40).Draw(t, "every nth day off")
	return schedule.Calendar{
		Window: schedule.Window{
			Days: schedule.Days(rapid.IntRange(1, 127).Draw(t, "days")),
			From: from, To: schedule.TimeOfDay(rapid.IntRange(int(from)+1, 1440).Draw(t, "to")),
		},
		Zones:   []*time.Location{rapid.SampledFrom(zones).Draw(t, "zone")},
		Holiday: func(day outreach.Day) bool { return (day.Dom+int(day.Month)*31)%off == 0 },
	}
}

func drawWait(t *rapid.T) schedule.Wait {
	n := rapid.IntRange(0, 30).Draw(t, "length")
	return rapid.SampledFrom([]schedule.Wait{
		{Exact: time.Duration(n) * 97 * time.Minute}, {Days: n}, {BusinessDays: n},
	}).Draw(t, "wait")
}

func drawTime(t *rapid.T, label string) time.Time {
	const fiveYears = 5 * 366 * 24 * 60
	return time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, fiveYears).Draw(t, label)) * time.Minute)
}

// naiveOpen asks the wall clock as a person would, and knows no spans.
func naiveOpen(c schedule.Calendar, t time.Time) bool {
	local := t.In(c.Zones[0])
	minute := schedule.TimeOfDay(local.Hour()*60 + local.Minute())
	return c.Window.Days.Has(local.Weekday()) && !c.Holiday(outreach.DayOf(local)) && minute >= c.Window.From && minute < c.Window.To
}

func TestAStepIsNeverEarlyNeverOutsideTheWindowAndNeverSkipped(t *testing.T) {
	zones := allZones(t)
	rapid.Check(t, func(t *rapid.T) {
		c, base, wait := drawCalendar(t, zones), drawTime(t, "base"), drawWait(t)
		waited, ok := c.After(base, wait)
		if !ok {
			return // a calendar of holidays alone
		}
		due, ok := c.Due(base, wait)
		if !ok {
			return
		}
		if due.Before(base.Add(wait.Exact)) || due.Before(waited) {
			t.Fatalf("due %v, before %v", due, waited)
		}
		if !naiveOpen(c, due) {
			t.Fatalf("due %v, which is outside %v", due.In(c.Zones[0]), c.Window)
		}
		// Not skipped: nothing between the end of the wait and due was open.
		for probe := waited; probe.Before(due) && probe.Before(waited.AddDate(0, 0, 10)); probe = probe.Add(7 * time.Minute) {
			if naiveOpen(c, probe) {
				t.Fatalf("due %v, and %v was open", due, probe)
			}
		}
	})
}

func TestDaysOfWaitingAreDaysOfTheLeadsCalendar(t *testing.T) {
	zones := allZones(t)
	rapid.Check(t, func(t *rapid.T) {
		c, base := drawCalendar(t, zones), drawTime(t, "base")
		n := rapid.IntRange(1, 60).Draw(t, "days")
		after, _ := c.After(base, schedule.Wait{Days: n})
		from, to := base.In(c.Zones[0]), after.In(c.Zones[0])
		if got := outreach.DayOf(to).Sub(outreach.DayOf(from)); got != n {
			t.Fatalf("%v plus %d days is %v: %d days", from, n, to, got)
		}
		// The same clock, but for a change in between that leaves the time out.
		if shift := clockMinutes(to) - clockMinutes(from); shift < 0 || shift > 120 {
			t.Fatalf("%v plus %d days is %v", from, n, to)
		}
	})
}

func clockMinutes(t time.Time) int { return t.Hour()*60 + t.Minute() }

func TestWhoIsBaseLaterIsNotDueEarlier(t *testing.T) {
	zones := allZones(t)
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t, zones)
		first := drawTime(t, "first")
		// Beyond the hours that a clock change repeats, order is kept for every wait.
		second := first.Add(4*time.Hour + time.Duration(rapid.IntRange(0, 60*24*20).Draw(t, "minutes"))*time.Minute)
		wait := schedule.Wait{Days: rapid.IntRange(0, 20).Draw(t, "days")}
		a, okA := c.Due(first, wait)
		b, okB := c.Due(second, wait)
		if okA && okB && b.Before(a) {
			t.Fatalf("base %v is due %v, the later base %v already at %v", first, a, second, b)
		}
	})
}

func TestAWindowIsOpenFromItsStartToItsEndAndShutThere(t *testing.T) {
	zones := allZones(t)
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t, zones)
		open, ok := c.Next(drawTime(t, "now"))
		if !ok {
			return
		}
		end := c.End(open)
		if !end.After(open) {
			t.Fatalf("open at %v, ends at %v", open, end)
		}
		for probe := open; probe.Before(end); probe = probe.Add(11 * time.Minute) {
			if !naiveOpen(c, probe) {
				t.Fatalf("shut at %v, between %v and %v", probe, open, end)
			}
		}
		if end.Before(open.AddDate(0, 0, 7)) && naiveOpen(c, end) {
			t.Fatalf("still open at its end %v", end)
		}
	})
}

func TestAGapKeepsItsBoundsAndDependsOnItsKeyAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := time.Duration(rapid.IntRange(0, 3600).Draw(t, "min")) * time.Second
		gap := schedule.Gap{Min: low, Max: low + time.Duration(rapid.IntRange(0, 3600).Draw(t, "span"))*time.Second}
		key := rapid.String().Draw(t, "key")
		got := gap.Pick(key)
		if got < gap.Min || got > gap.Max || got%time.Second != 0 || got != gap.Pick(key) {
			t.Fatalf("Pick(%q) of %v = %v", key, gap, got)
		}
	})
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := schedule.Days(rapid.IntRange(1, 127).Draw(t, "days"))
		if got, err := schedule.ParseDays(days.String()); err != nil || got != days {
			t.Fatalf("%q reads back as %q, %v", days, got, err)
		}
		n := rapid.IntRange(0, 300).Draw(t, "n")
		for _, wait := range []schedule.Wait{{Exact: time.Duration(n) * time.Minute}, {Days: n}, {BusinessDays: n}} {
			if got, err := schedule.ParseWait(wait.String()); err != nil || got != wait {
				t.Fatalf("%q reads back as %+v, %v", wait, got, err)
			}
		}
		gap := schedule.Gap{Min: time.Duration(n) * time.Second, Max: time.Duration(2*n) * time.Second}
		if got, err := schedule.ParseGap(gap.String()); err != nil || got != gap {
			t.Fatalf("%q reads back as %v, %v", gap, got, err)
		}
	})
}
