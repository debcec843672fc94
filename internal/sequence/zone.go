package sequence

import (
	"time"

	"drumbeat/internal/outreach"
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
