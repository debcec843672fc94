package holiday_test

import (
	"testing"
	"time"

	"drumbeat/internal/holiday"
	"drumbeat/internal/outreach"
)

func TestHolidaysComeByRuleInEveryYear(t *testing.T) {
	for _, test := range []struct {
		country string
		day     outreach.Day
		off     bool
	}{
		{"DE", outreach.NewDay(2031, time.October, 3), true},
		{"DE", outreach.NewDay(2031, time.April, 11), true}, // Good Friday
		{"FR", outreach.NewDay(2031, time.April, 11), false},
		{"US", outreach.NewDay(2027, time.July, 4), true}, // a Sunday
		{"US", outreach.NewDay(2027, time.July, 5), true}, // on which it is observed
		{"US", outreach.NewDay(2027, time.July, 6), false},
		{"US", outreach.NewDay(2027, time.December, 31), true}, // New Year 2028 is a Saturday
		{"US", outreach.NewDay(2049, time.November, 25), true}, // Thanksgiving
		{"GB", outreach.NewDay(2030, time.December, 25), true},
		{"ES", outreach.NewDay(2032, time.January, 6), true},
		{"AU", outreach.NewDay(2030, time.January, 28), true}, // Australia Day, observed
		{"XX", outreach.NewDay(2030, time.December, 25), false},
	} {
		if name, off := holiday.On(test.country, test.day); off != test.off || off && name == "" {
			t.Errorf("%s %v: off is %t (%q)", test.country, test.day, off, name)
		}
	}
}

func TestEveryKnownCountryHasSomeDaysOffAndNotTooMany(t *testing.T) {
	for _, country := range holiday.Countries() {
		isOff, days := holiday.In(country), 0
		for day := outreach.NewDay(2031, time.January, 1); day.Year == 2031; day = day.AddDays(1) {
			if isOff(day) {
				days++
			}
		}
		if days < 5 || days > 25 {
			t.Errorf("%s has %d days off", country, days)
		}
	}
	if holiday.In("XX") != nil || holiday.Known("XX") {
		t.Error("a country that does not exist has holidays")
	}
}
