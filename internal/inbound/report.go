package inbound

import (
	"strings"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/policy"
	"drumbeat/internal/reply"
)

// structureLabel is the label of a bounce or complaint for our lead. Filters say "no
// such user" of people who exist, so a report alone that has no status to show for it
// is soft to package reply. Of the address that we wrote to, the same words count
// as they do when the server says them to us.
func (c Case) structureLabel() outreach.Label {
	r := c.Recipient
	switch {
	case r.Label == "":
		return c.Mail.Label()
	case r.Label == outreach.LabelBounceSoft && !r.Pending && policy.DeadByWords(r.Code, r.Status, r.Text):
		return outreach.LabelBounceHard
	}
	return r.Label
}

// aboutLead picks the entry of a report that speaks of the lead's address; a
// report about one address alone speaks of it however it writes it.
func aboutLead(mail reply.Message, email string) reply.Recipient {
	for _, r := range mail.Recipients {
		if sameMailbox(r.Address, email) {
			return r
		}
	}
	if len(mail.Recipients) == 1 {
		return mail.Recipients[0]
	}
	return reply.Recipient{}
}

// sameMailbox tells whether two addresses are one: a report may name the host inside
// the company that the mail was handed to.
func sameMailbox(a, b string) bool {
	a, b = outreach.AddressKey(a), outreach.AddressKey(b)
	localA, _, _ := strings.Cut(a, "@")
	localB, _, _ := strings.Cut(b, "@")
	return a == b || localA == localB && company(a) != "" && company(a) == company(b)
}

// passedOn tells whether a report speaks of other addresses than the lead's alone:
// the lead's mailbox took our mail and handed it on. That one which it was handed to
// is dead says nothing about the lead's own.
func (c Case) passedOn() bool {
	named := 0
	for _, r := range c.Mail.Recipients {
		switch {
		case r.Address == "":
		case sameMailbox(r.Address, c.Situation.Lead.Email):
			return false
		default:
			named++
		}
	}
	return named > 0
}

// forwarded is what follows when a report about another address would suppress the
// lead: a person looks.
func (c Case) forwarded(now time.Time) outreach.Outcome {
	return outreach.Outcome{
		MessageID: c.Message.ID, At: now, Move: outreach.MoveHold, Hold: outreach.HoldTriage,
		Decided: outreach.Decided{
			Rule: ruleForwarded, Act: "Held: our mail came back from another address than the lead's, so it was passed on.",
			Next: "A person decides. Is the lead's own address dead?",
		},
	}
}
