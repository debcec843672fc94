package outbound

import (
	"fmt"
	"slices"
	"time"

	"drumbeat/internal/roster"
	"drumbeat/internal/sequence"
)

// Capacity holds what a sequence wants to send in a day, when as many leads are at
// every step as begin on a day, against what its mailboxes give.
type Capacity struct {
	NewLeads int // that may begin on a day
	Emails   int // steps
	Needs    int // mails a day
	Gives    int // mails a day, by caps and gaps of its mailboxes
	ByGap    bool
}

// Enough tells whether nothing will pile up.
func (c Capacity) Enough() bool { return c.Needs <= c.Gives }

// String says it in a sentence.
func (c Capacity) String() string {
	steps := "steps"
	if c.Emails == 1 {
		steps = "step"
	}
	text := fmt.Sprintf("%d new leads a day in %d email %s need %d mails a day; the mailboxes give %d", c.NewLeads, c.Emails, steps, c.Needs, c.Gives)
	if c.ByGap {
		text += " (the gaps leave room for no more)"
	}
	if c.Enough() {
		return text + "."
	}
	if c.Gives < c.Emails {
		return text + ": even one new lead a day is too many."
	}
	return text + fmt.Sprintf(": no more than %d a day can begin for long.", c.Gives/c.Emails)
}

// capacityOf reckons with the caps behind their ramps and with an average gap.
// Other sequences that use the mailboxes are not counted.
func capacityOf(s *sequence.Sequence, mailboxes *roster.Roster) Capacity {
	c := Capacity{NewLeads: s.Send.DailyNewLeads}
	for _, step := range s.Steps {
		if step.Email != nil {
			c.Emails++
		}
	}
	c.Needs = c.NewLeads * c.Emails
	ids := s.Send.Mailboxes
	if len(ids) == 0 {
		ids = mailboxes.MailboxesOf(s.Owner)
	}
	open := time.Duration(s.Send.Window.To-s.Send.Window.From) * time.Minute
	for _, m := range mailboxes.Mailboxes {
		if !slices.Contains(ids, m.ID) {
			continue
		}
		gives := m.Cap.PerDay
		if gap := (s.Send.Gap.Min + s.Send.Gap.Max) / 2; gap > 0 && int(open/gap)+1 < gives {
			gives, c.ByGap = int(open/gap)+1, true
		}
		c.Gives += gives
	}
	return c
}
