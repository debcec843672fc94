package zone

import (
	"fmt"
	"strings"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
)

// Source says from what a zone was told.
type Source string

// The sources, in the order in which they are asked.
const (
	FromLead         Source = "lead"          // its own timezone column
	FromRegion       Source = "region"        // the region's zone
	FromCountry      Source = "country"       // the country has one zone
	FromCountryHours Source = "country_hours" // the hours common to all zones of the country
	FromFallback     Source = "fallback"      // the sequence's timezone_fallback
	FromMailbox      Source = "mailbox"       // the mailbox's
	FromSequence     Source = "sequence"      // the sequence names one zone for all
)

// Zone is where a lead's clock hangs. Name is what an enrolment stores: an IANA
// name, or "country:US" for all zones of a country at once. Locations reads it.
type Zone struct {
	Name   string
	Source Source
}

// countryPrefix marks a Name that stands for all zones of a country.
const countryPrefix = "country:"

// leastCommon is how long the zones of a country must be open at the same time for
// their common hours to be of use; Russia has none.
const leastCommon = time.Hour

// Place is what is known about where a lead is. Fields may be empty.
type Place struct{ Timezone, Region, Country string }

// PlaceOf takes the place from a lead.
func PlaceOf(lead outreach.Lead) Place {
	return Place{Timezone: lead.Timezone, Region: lead.Region, Country: lead.Country}
}

// Resolve finds a lead's zone: its own, else its region's, else its country's only
// one, else the hours common to all zones of the country, else the fallback, else
// the mailbox's. The window decides whether there are common hours around at. A
// name that is no zone counts as unknown; a mailbox's name must be one.
func Resolve(place Place, fallback, mailbox string, window schedule.Window, at time.Time) Zone {
	if name, err := ParseName(place.Timezone); err == nil {
		return Zone{name, FromLead}
	}
	if zone, ok := ofCountry(place, window, at); ok {
		return zone
	}
	if name, err := ParseName(fallback); err == nil {
		return Zone{name, FromFallback}
	}
	return Zone{mailbox, FromMailbox}
}

func ofCountry(place Place, window schedule.Window, at time.Time) (Zone, bool) {
	country, ok := Country(place.Country)
	if !ok {
		return Zone{}, false
	}
	if name, ok := ofRegion(country, place.Region); ok {
		return Zone{name, FromRegion}, true
	}
	if zones := read().zones[country]; len(zones) == 1 {
		return Zone{zones[0], FromCountry}, true
	}
	zone := Zone{countryPrefix + country, FromCountryHours}
	return zone, common(zone.Name, window, at)
}

// common tells whether a window is open everywhere in a country for a while.
func common(name string, window schedule.Window, at time.Time) bool {
	locations, err := Locations(name)
	if err != nil {
		return false
	}
	calendar := schedule.Calendar{Window: window, Zones: locations}
	open, ok := calendar.Next(at)
	if ok && open.Equal(at) { // in the middle of it: the next is a whole one
		open, ok = calendar.Next(calendar.End(open))
	}
	return ok && calendar.End(open).Sub(open) >= leastCommon
}

// Locations loads the zones that a stored name stands for, for a
// schedule.Calendar. Names come from Resolve; another is an error.
func Locations(name string) ([]*time.Location, error) {
	names := []string{name}
	if country, found := strings.CutPrefix(name, countryPrefix); found {
		names = read().zones[country]
	}
	var locations []*time.Location
	for _, name := range names {
		location, err := load(name)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", outreach.ErrInvalid, err)
		}
		locations = append(locations, location)
	}
	if len(locations) == 0 {
		return nil, fmt.Errorf("%w: %q is not a zone", outreach.ErrInvalid, name)
	}
	return locations, nil
}
