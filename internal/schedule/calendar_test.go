package schedule_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
)

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func calendar(t *testing.T, window schedule.Window, zones ...string) schedule.Calendar {
	t.Helper()
	c := schedule.Calendar{Window: window}
	for _, name := range zones {
		c.Zones = append(c.Zones, location(t, name))
	}
	return c
}

func hours(days schedule.Days, from, to schedule.TimeOfDay) schedule.Window {
	return schedule.Window{Days: days, From: from, To: to}
}

const layout = "Mon 2006-01-02 15:04 -0700"

func TestAStepIsDueInTheLeadsHours(t *testing.T) {
	office := schedule.DefaultWindow()
	night := hours(schedule.AllDays, 2*60, 3*60)
	whole := hours(schedule.AllDays, 0, schedule.EndOfDay)
	sunday := hours(schedule.AllDays&^(1<<time.Friday|1<<time.Saturday), 9*60, 17*60)
	for name, test := range map[string]struct {
		window           schedule.Window
		zone, base, wait string
		want             string
	}{
		"at once in the window":                    {office, "Europe/Berlin", "2031-03-03 10:15", "0m", "Mon 2031-03-03 10:15 +0100"},
		"the next morning":                         {office, "Europe/Berlin", "2031-03-03 17:00", "0m", "Tue 2031-03-04 09:00 +0100"},
		"the last minute":                          {office, "Europe/Berlin", "2031-03-03 16:59", "0m", "Mon 2031-03-03 16:59 +0100"},
		"hours carry over the night":               {office, "Europe/Berlin", "2031-03-03 15:00", "4h", "Tue 2031-03-04 09:00 +0100"},
		"days that end on a weekend":               {office, "Europe/Berlin", "2031-03-06 10:00", "2d", "Mon 2031-03-10 09:00 +0100"},
		"business days skip the weekend":           {office, "Europe/Berlin", "2031-03-06 10:00", "2 business days", "Mon 2031-03-10 10:00 +0100"},
		"business days from a weekend":             {office, "Europe/Berlin", "2031-03-08 10:00", "1 business day", "Mon 2031-03-10 10:00 +0100"},
		"business days of a sunday week":           {sunday, "Asia/Riyadh", "2031-03-06 10:00", "1 business day", "Sun 2031-03-09 10:00 +0300"},
		"a window on all days still means mon-fri": {whole, "Europe/Berlin", "2031-03-07 10:00", "1 business day", "Mon 2031-03-10 10:00 +0100"},
		"a week over the spring change":            {office, "Europe/Berlin", "2031-03-28 09:10", "1w", "Fri 2031-04-04 09:10 +0200"},
		"a week over the autumn change":            {office, "Europe/Berlin", "2031-10-24 16:50", "1w", "Fri 2031-10-31 16:50 +0100"},
		"an hour that the spring has not":          {night, "Europe/Berlin", "2031-03-29 02:30", "1d", "Mon 2031-03-31 02:00 +0200"},
		"an hour that the autumn has twice":        {night, "Europe/Berlin", "2031-10-25 02:30", "1d", "Sun 2031-10-26 02:30 +0200"},
		"the leap day":                             {whole, "Europe/Berlin", "2032-02-28 10:00", "1d", "Sun 2032-02-29 10:00 +0100"},
		"a zone 13:45 ahead":                       {office, "Pacific/Chatham", "2031-01-06 16:30", "1h", "Tue 2031-01-07 09:00 +1345"},
		"the day that Samoa left out":              {whole, "Pacific/Apia", "2011-12-29 10:00", "1d", "Sat 2011-12-31 00:00 +1400"},
	} {
		t.Run(name, func(t *testing.T) {
			c := calendar(t, test.window, test.zone)
			base, err := time.ParseInLocation("2006-01-02 15:04", test.base, c.Zones[0])
			if err != nil {
				t.Fatal(err)
			}
			wait, err := schedule.ParseWait(test.wait)
			if err != nil {
				t.Fatal(err)
			}
			due, ok := c.Due(base, wait)
			if got := due.In(c.Zones[0]).Format(layout); !ok || got != test.want {
				t.Errorf("due %s (%v), want %s", got, ok, test.want)
			}
		})
	}
}

func TestAWindowEndsWhereTheClockSaysSo(t *testing.T) {
	for name, test := range map[string]struct {
		window     schedule.Window
		at, length string
	}{
		"a day in the office":         {schedule.DefaultWindow(), "2031-03-03T09:00:00+01:00", "8h0m0s"},
		"a shut window":               {schedule.DefaultWindow(), "2031-03-03T17:00:00+01:00", "0s"},
		"a night that is shorter":     {hours(schedule.AllDays, 0, 12*60), "2031-03-30T00:00:00+01:00", "11h0m0s"},
		"a night that is longer":      {hours(schedule.AllDays, 0, 12*60), "2031-10-26T00:00:00+02:00", "13h0m0s"},
		"an end that comes twice":     {hours(schedule.AllDays, 0, 2*60+30), "2031-10-26T00:00:00+02:00", "2h30m0s"},
		"days without a night":        {hours(schedule.Workdays, 0, schedule.EndOfDay), "2031-03-07T12:00:00+01:00", "12h0m0s"},
		"a window that is never shut": {hours(schedule.AllDays, 0, schedule.EndOfDay), "2031-03-03T09:00:00+01:00", "168h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				t.Fatal(err)
			}
			end := calendar(t, test.window, "Europe/Berlin").End(at)
			if got := end.Sub(at).String(); got != test.length {
				t.Errorf("the window ends after %s, want %s", got, test.length)
			}
		})
	}
}

func TestSeveralZonesMustBeOpenAtOnce(t *testing.T) {
	monday := time.Date(2031, 3, 3, 0, 0, 0, 0, time.UTC)
	coasts := calendar(t, schedule.DefaultWindow(), "America/New_York", "America/Los_Angeles")
	open, ok := coasts.Next(monday)
	if want := time.Date(2031, 3, 3, 17, 0, 0, 0, time.UTC); !ok || !open.Equal(want) {
		t.Errorf("open at %v (%v), want %v", open, ok, want)
	}
	if end, want := coasts.End(open), time.Date(2031, 3, 3, 22, 0, 0, 0, time.UTC); !end.Equal(want) {
		t.Errorf("ends at %v, want %v", end, want)
	}
	if at, ok := calendar(t, schedule.DefaultWindow(), "Europe/Kaliningrad", "Asia/Kamchatka").Next(monday); ok {
		t.Errorf("zones without an hour in common are open at %v", at)
	}
}

func TestHolidaysShutTheWindowAndAreNoBusinessDays(t *testing.T) {
	c := calendar(t, schedule.DefaultWindow(), "Europe/Berlin")
	tuesday := outreach.NewDay(2031, 3, 4)
	c.Holiday = func(day outreach.Day) bool { return day == tuesday }
	monday := time.Date(2031, 3, 3, 10, 0, 0, 0, c.Zones[0])
	for wait, want := range map[string]string{"1 business day": "Wed 2031-03-05 10:00 +0100", "1d": "Wed 2031-03-05 09:00 +0100"} {
		parsed, err := schedule.ParseWait(wait)
		if err != nil {
			t.Fatal(err)
		}
		due, _ := c.Due(monday, parsed)
		if got := due.In(c.Zones[0]).Format(layout); got != want {
			t.Errorf("%s: due %s, want %s", wait, got, want)
		}
	}
	c.Holiday = func(outreach.Day) bool { return true }
	if due, ok := c.Due(monday, schedule.Wait{BusinessDays: 1}); ok {
		t.Errorf("a year of holidays has a business day: %v", due)
	}
}
