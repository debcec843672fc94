// Package holiday knows the public holidays of countries. They are reckoned by
// rules (github.com/rickar/cal), so they do not end with a table. Only what is off
// in the whole country counts; a holiday that is moved from a weekend to a weekday
// counts on both days.
package holiday

import (
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"

	"drumbeat/internal/outreach"
)

// rules gives a country's holidays by its ISO 3166-1 code.
var rules = map[string][]*cal.Holiday{
	"AR": ar.Holidays, "AT": at.Holidays, "AU": australia, "BE": be.Holidays, "BG": bg.Holidays, "BR": br.Holidays,
	"CA": ca.Holidays, "CH": ch.Holidays, "CZ": cz.Holidays, "DE": de.Holidays, "DK": dk.Holidays, "ES": es.Holidays,
	"FR": fr.Holidays, "GB": gb.Holidays, "GR": gr.Holidays, "HR": hr.Holidays, "IE": ie.Holidays, "IT": it.Holidays,
	"JP": jp.Holidays, "LT": lt.Holidays, "LV": lv.Holidays, "NL": nl.Holidays, "NO": no.Holidays, "NZ": nz.Holidays,
	"PL": pl.Holidays, "RO": ro.Holidays, "RU": ru.Holidays, "SE": se.Holidays, "SI": si.Holidays, "SK": sk.Holidays,
	"UA": ua.Holidays, "US": us.Holidays, "ZA": za.Holidays,
}

// australia is what all states and territories keep.
var australia = []*cal.Holiday{au.NewYear, au.AustraliaDay, au.GoodFriday, au.EasterMonday, au.AnzacDay, au.ChristmasDay, au.BoxingDay}

// Countries lists the codes of the countries whose holidays are known.
func Countries() []string {
	var codes []string
	for code := range rules {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// Known tells whether a country's holidays are known.
func Known(country string) bool { return rules[country] != nil }

// On tells whether a day is off in a country, and the day's name. A country that
// is not known has no holidays.
func On(country string, day outreach.Day) (name string, off bool) {
	name, off = ofYear(country, day.Year)[day]
	return name, off
}

// In gives the test of one country's days for a schedule.Calendar; nil when its
// holidays are not known.
func In(country string) func(outreach.Day) bool {
	if !Known(country) {
		return nil
	}
	return func(day outreach.Day) bool {
		_, off := On(country, day)
		return off
	}
}

const noon = 12 * time.Hour

type countryYear struct {
	country string
	year    int
}

// years keeps what was reckoned: a campaign asks for the same days over and over.
var years sync.Map // of countryYear to map[outreach.Day]string

// ofYear lists the days off of a year. New Year of the next year may be observed
// on the last day of this one.
func ofYear(country string, year int) map[outreach.Day]string {
	key := countryYear{country, year}
	if known, ok := years.Load(key); ok {
		return known.(map[outreach.Day]string)
	}
	days := map[outreach.Day]string{}
	for _, rule := range rules[country] {
		for _, of := range []int{year, year + 1} {
			actual, observed := rule.Calc(of)
			for _, start := range []time.Time{actual, observed} {
				// The start of a day in the machine's own zone may be shown as 23:00 of the day before.
				if day := outreach.DayOf(start.Add(noon)); day.Year == year {
					days[day] = rule.Name
				}
			}
		}
	}
	years.Store(key, days)
	return days
}
