package simulate

import (
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// Happening is one thing that happened to a lead.
type Happening struct {
	At   time.Time
	Kind string // enrolled, left out, mail, waits, task, answer, stopped, held, paused, active
	Text string
}

// transcript keeps what happens to one lead. Texts are only made for that lead:
// thousands of others wait as well.
type transcript struct {
	address string
	all     []Happening
}

func (t *transcript) happened(l *lead, at time.Time, kind string, text func() string) {
	if t.address != "" && outreach.AddressKey(l.Email) == t.address {
		t.all = append(t.all, Happening{At: at, Kind: kind, Text: strings.TrimSpace(text())})
	}
}

func (r *run) told(e *enrolment, kind string, text func() string) {
	r.record.happened(e.lead, r.now, kind, text)
}

// local shows a moment by the lead's clock.
func (r *run) local(e *enrolment, t time.Time) string {
	if calendar, ok := r.hours(e); ok {
		t = t.In(calendar.Zones[0])
	}
	return t.Format("Mon 2006-01-02 15:04 MST")
}
