package schedule_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
)

func TestWaitsAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]schedule.Wait{
		"30m": {Exact: 30 * time.Minute}, "4h": {Exact: 4 * time.Hour}, "3d": {Days: 3}, "2w": {Days: 14},
		"1 business day": {BusinessDays: 1}, "3 business days": {BusinessDays: 3}, "2 days": {Days: 2}, " 1 week ": {Days: 7},
	} {
		if got, err := schedule.ParseWait(text); err != nil || got != want {
			t.Errorf("ParseWait(%q) = %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "3", "d", "-3d", "3.5d", "3 bussiness days", "3dd", "1d 2h", "400d", "999999w", "99999999999d"} {
		if got, err := schedule.ParseWait(text); err == nil {
			t.Errorf("ParseWait(%q) = %+v, want an error", text, got)
		}
	}
}

func TestDaysAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"mon-fri": "mon-fri", "Mon, Wed ,fri": "mon,wed,fri", "sun-thu": "mon-thu,sun", "monday-tuesday": "mon,tue", "sat": "sat", "fri-mon": "mon,fri-sun",
	} {
		if got, err := schedule.ParseDays(text); err != nil || got.String() != want {
			t.Errorf("ParseDays(%q) = %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "weekdays", "mon-", "mon,,fri", "mon-wed-fri"} {
		if got, err := schedule.ParseDays(text); err == nil {
			t.Errorf("ParseDays(%q) = %s, want an error", text, got)
		}
	}
}

func TestTimesOfDayHaveTwoDigitsOfMinutes(t *testing.T) {
	for text, want := range map[string]schedule.TimeOfDay{"08:30": 510, "8:30": 510, "00:00": 0, "24:00": 1440} {
		if got, err := schedule.ParseTimeOfDay(text); err != nil || got != want {
			t.Errorf("ParseTimeOfDay(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "8", "8.30", "08:60", "24:01", "25:00", "8:3", "-1:00", "08:30pm"} {
		if got, err := schedule.ParseTimeOfDay(text); err == nil {
			t.Errorf("ParseTimeOfDay(%q) = %v, want an error", text, got)
		}
	}
}

func TestARampGrowsByTheDayUpToTheCap(t *testing.T) {
	limit := schedule.Cap{PerDay: 50, Ramp: schedule.Ramp{Start: 5, AddPerDay: 3}}
	first := outreach.NewDay(2031, 3, 3)
	for age, want := range map[int]int{-1: 5, 0: 5, 1: 8, 14: 47, 15: 50, 400: 50} {
		if got := limit.On(first.AddDays(age), first); got != want {
			t.Errorf("on day %d the cap is %d, want %d", age, got, want)
		}
	}
	if got := limit.On(first, outreach.Day{}); got != 5 {
		t.Errorf("before the first mail the cap is %d, want 5", got)
	}
	if got := schedule.DefaultCap().On(first, first); got != 50 {
		t.Errorf("without a ramp the cap is %d, want 50", got)
	}
}
