package e2e

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/sequence"
	"drumbeat/internal/zone"
)

func zonesOf(t *testing.T, name string) []*time.Location {
	t.Helper()
	zones, err := zone.Locations(name)
	if err != nil || len(zones) == 0 {
		t.Fatalf("zone %q: %v", name, err)
	}
	return zones
}

func insideTheWindow(t *testing.T, r *run) {
	for _, m := range r.steps {
		window := r.sequenceOf(t, m).Send.Window
		for _, zone := range zonesOf(t, m.Zone) {
			local := m.At.In(zone)
			minute := schedule.TimeOfDay(local.Hour()*60 + local.Minute())
			if !window.Days.Has(local.Weekday()) || minute < window.From || minute >= window.To {
				t.Errorf("mail %d (%s %s) went at %s, outside %s of %s", m.Seq, m.SequenceID, m.StepID, local.Format(time.RFC1123Z), window, zone)
			}
		}
	}
}

// mailboxDay is a day in a mailbox's own zone.
type mailboxDay struct {
	mailbox outreach.MailboxID
	day     outreach.Day
}

func (r *run) dayOf(t *testing.T, m stepMail) outreach.Day {
	t.Helper()
	mailbox, ok := r.team.Mailbox(m.MailboxID)
	if !ok || outreach.AddressKey(m.From) != outreach.AddressKey(mailbox.Address) {
		t.Fatalf("mail %d left from %s, its row says mailbox %s", m.Seq, m.From, m.MailboxID)
	}
	return outreach.DayOf(m.At.In(zonesOf(t, mailbox.Timezone)[0]))
}

func underTheCaps(t *testing.T, r *run) {
	sent, first := map[mailboxDay]int{}, map[outreach.MailboxID]outreach.Day{}
	for _, m := range r.steps {
		day := r.dayOf(t, m)
		if _, ok := first[m.MailboxID]; !ok {
			first[m.MailboxID] = day
		}
		sent[mailboxDay{m.MailboxID, day}]++
	}
	for at, n := range sent {
		mailbox, _ := r.team.Mailbox(at.mailbox)
		allowed := min(mailbox.Cap.PerDay, mailbox.Cap.Ramp.Start+at.day.Sub(first[at.mailbox])*mailbox.Cap.Ramp.AddPerDay)
		if n > allowed {
			t.Errorf("%s sent %d on %s, more than %d", at.mailbox, n, at.day, allowed)
		}
	}
	// What the ledger holds as used is what went, a place for each mail.
	for _, row := range rowsOf[struct {
		Mailbox  outreach.MailboxID `db:"mailbox_id"`
		Day      time.Time          `db:"day"`
		Reserved int                `db:"reserved"`
	}](t, r, `SELECT mailbox_id, day, reserved FROM mailbox_days`) {
		at := mailboxDay{row.Mailbox, outreach.DayOf(row.Day)}
		refused := count(t, r, `SELECT count(*) FROM sends WHERE mailbox_id = $1 AND cap_day = $2 AND state = 'failed'`, row.Mailbox, row.Day)
		if row.Reserved != sent[at]+refused {
			t.Errorf("%s holds %d places of %s, but %d went and %d were refused", at.mailbox, row.Reserved, at.day, sent[at], refused)
		}
	}
}

func underTheNewLeadCaps(t *testing.T, r *run) {
	type sequenceDay struct {
		sequence outreach.SequenceID
		day      outreach.Day
	}
	begun, most := map[sequenceDay]int{}, map[outreach.SequenceID]int{}
	for _, m := range r.steps {
		if m.StepIndex != r.sequenceOf(t, m).FirstEmail() {
			continue
		}
		at := sequenceDay{m.SequenceID, r.dayOf(t, m)}
		begun[at]++
		most[m.SequenceID] = max(most[m.SequenceID], begun[at])
		if allowed := r.sequenceOf(t, m).Send.DailyNewLeads; begun[at] > allowed {
			t.Errorf("%s began with %d leads on %s, more than %d", at.sequence, begun[at], at.day, allowed)
		}
	}
	for id, n := range most {
		if s, _ := r.sequences.Sequence(id); n < s.Send.DailyNewLeads-1 { // a lead that is refused at RCPT takes its place with it
			t.Errorf("%s began with %d leads at most, though %d were allowed and many waited", id, n, s.Send.DailyNewLeads)
		}
	}
}

func gapsKept(t *testing.T, r *run) {
	last := map[outreach.MailboxID]stepMail{}
	for _, m := range r.steps {
		gap := r.sequenceOf(t, m).Send.Gap
		if before, ok := last[m.MailboxID]; ok {
			if pause := m.At.Sub(before.At); pause < gap.Min {
				t.Errorf("mails %d and %d of %s are %s apart, the gap is %s", before.Seq, m.Seq, m.MailboxID, pause, gap)
			}
		}
		last[m.MailboxID] = m
	}
}

// businessDays is base plus n business days by the wall clock of a zone, reckoned
// a day at a time.
func businessDays(base time.Time, n int, days schedule.Days, zone *time.Location) time.Time {
	local := base.In(zone)
	for n > 0 {
		local = time.Date(local.Year(), local.Month(), local.Day()+1, local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), zone)
		if days.Has(local.Weekday()) {
			n--
		}
	}
	return local
}

// earliest is the first moment at which a step may follow what was done at base.
func earliest(s *sequence.Sequence, step int, base time.Time, zone *time.Location) time.Time {
	wait := s.Steps[step].Wait
	if wait.BusinessDays > 0 {
		return businessDays(base, wait.BusinessDays, s.Send.Window.Days, zone)
	}
	return base.In(zone).AddDate(0, 0, wait.Days).Add(wait.Exact)
}

func waitsKept(t *testing.T, r *run) {
	tasks := map[int64]map[outreach.StepID]time.Time{}
	for _, row := range rowsOf[struct {
		Enrolment int64           `db:"enrolment_id"`
		Step      outreach.StepID `db:"step_id"`
		At        time.Time       `db:"created_at"`
	}](t, r, `SELECT enrolment_id, step_id, created_at FROM tasks`) {
		if tasks[row.Enrolment] == nil {
			tasks[row.Enrolment] = map[outreach.StepID]time.Time{}
		}
		tasks[row.Enrolment][row.Step] = row.At
	}
	done := map[int64]map[int]time.Time{} // when a step of an enrolment was done
	checked := 0
	for _, m := range r.steps {
		s, zone := r.sequenceOf(t, m), zonesOf(t, m.Zone)[0]
		if done[m.EnrolmentID] == nil {
			done[m.EnrolmentID] = map[int]time.Time{}
		}
		steps := done[m.EnrolmentID]
		steps[m.StepIndex] = m.At
		if m.StepIndex == 0 {
			continue
		}
		before, ok := steps[m.StepIndex-1]
		if previous := s.Steps[m.StepIndex-1]; previous.Task != nil {
			if before, ok = tasks[m.EnrolmentID][previous.ID]; ok {
				if may := earliest(s, m.StepIndex-1, steps[m.StepIndex-2], zone); before.Before(may) {
					t.Errorf("the task before mail %d was made at %s, not before %s", m.Seq, before, may)
				}
			}
		}
		if !ok {
			t.Errorf("mail %d is %s of %s, and the step before never was", m.Seq, m.StepID, m.SequenceID)
			continue
		}
		if may := earliest(s, m.StepIndex, before, zone); m.At.Before(may) {
			t.Errorf("mail %d (%s %s) went at %s, not to go before %s", m.Seq, m.SequenceID, m.StepID, m.At, may)
		}
		checked++
	}
	if checked < 200 {
		t.Errorf("only %d follow-ups in forty days", checked)
	}
}
