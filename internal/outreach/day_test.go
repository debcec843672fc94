package outreach_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

func TestADayBeginsAlsoWhereMidnightIsMissingOrComesTwice(t *testing.T) {
	for name, test := range map[string]struct {
		zone string
		day  outreach.Day
		want string // UTC
	}{
		"an ordinary day":                 {"Europe/Berlin", outreach.NewDay(2031, time.March, 4), "2031-03-03 23:00"},
		"the clock is put forward at 2":   {"Europe/Berlin", outreach.NewDay(2031, time.March, 30), "2031-03-29 23:00"},
		"midnight is missing":             {"America/Havana", outreach.NewDay(2029, time.March, 11), "2029-03-11 05:00"},
		"the day after":                   {"America/Havana", outreach.NewDay(2029, time.March, 12), "2029-03-12 04:00"},
		"midnight comes twice":            {"America/Havana", outreach.NewDay(2029, time.November, 4), "2029-11-04 04:00"},
		"the clock is put back to 23:00":  {"Asia/Beirut", outreach.NewDay(2029, time.October, 28), "2029-10-27 22:00"},
		"midnight is missing in the east": {"Asia/Beirut", outreach.NewDay(2029, time.March, 25), "2029-03-24 22:00"},
		"a day that was left out, Samoa":  {"Pacific/Apia", outreach.NewDay(2011, time.December, 30), "2011-12-30 10:00"},
		"the first day behind it":         {"Pacific/Apia", outreach.NewDay(2011, time.December, 31), "2011-12-30 10:00"},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := test.day.Time(zone).UTC().Format("2006-01-02 15:04"); got != test.want {
			t.Errorf("%s: %v begins in %s at %s, want %s", name, test.day, test.zone, got, test.want)
		}
	}
}
