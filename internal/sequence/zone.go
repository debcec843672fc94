package sequence

import (
	"time"

	"drumbeat/internal/holiday"
	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/zone"
)

// ZoneFor finds the zone in whose hours a lead is written to, when it enters the
// sequence at a time; mailbox is the zone of its mailbox. The enrolment stores the
// zone's name and keeps it.
func (s Send) ZoneFor(lead outreach.Lead, mailbox string, at time.Time) zone.Zone {
	switch s.Timezone {
	case TimezoneLead:
		return zone.Resolve(zone.PlaceOf(lead), s.TimezoneFallback, mailbox, s.Window, at)
	case TimezoneMailbox:
		return zone.Zone{Name: mailbox, Source: zone.FromMailbox}
	default:
		return zone.Zone{Name: s.Timezone, Source: zone.FromSequence}
	}
}

// Calendar is when a lead may be written to whose enrolment stores the zone of
// that name. A zone that is not known is an error.
func (s Send) Calendar(zoneName string, lead outreach.Lead) (schedule.Calendar, error) {
	locations, err := zone.Locations(zoneName)
	if err != nil {
		return schedule.Calendar{}, err
	}
	return schedule.Calendar{Window: s.Window, Zones: locations, Holiday: s.DaysOff(lead)}, nil
}

// DaysOff gives the test for the days on which nothing goes to a lead; nil when
// there are none.
func (s Send) DaysOff(lead outreach.Lead) func(outreach.Day) bool {
	switch s.Holidays {
	case HolidaysNone, "":
		return nil
	case HolidaysLeadCountry:
		country, _ := zone.Country(lead.Country)
		return holiday.In(country)
	default:
		return holiday.In(string(s.Holidays))
	}
}
