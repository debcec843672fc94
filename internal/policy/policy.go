// Package policy decides whether a mail may go now, and if not, why and until
// when. It is a pure function over plain values: the claim and the simulation ask
// the same question and get the same answer. What it is given must be read under the
// locks that make it true; that is the caller's part. What is asked elsewhere is not
// asked again: a claim finds only steps that are due, of sequences and mailboxes that
// are not paused.
package policy

import (
	"time"

	"drumbeat/internal/outreach"
)

// Facts is all that bears on one step mail.
type Facts struct {
	// About the lead.
	Stopped     outreach.StopReason // empty: not stopped
	Suppressed  bool
	InFlight    bool      // another mail to this lead is claimed or committing
	PausedUntil time.Time // of lead or enrolment, whichever is later; zero: not paused

	// About where it goes out.
	DomainPausedUntil time.Time // the mailbox may not write to this domain; zero: it may
	InboxStale        bool      // it is a follow-up, and its mailbox was not read lately: an answer may lie there

	// About time.
	WindowOpen bool
	NextWindow time.Time // the first open moment at or after now; zero: none in sight
	NextFree   time.Time // end of the mailbox's gap; zero: free
	NextDay    time.Time // the start of the mailbox's next day, when its caps begin anew

	// About what has gone out today, on the mailbox's own day.
	MailboxUsed, MailboxCap   int
	DomainUsed, DomainCap     int  // of the lead's domain; a DomainCap of 0 is none
	NewLead                   bool // the first mail to this lead in its sequence
	NewLeadsUsed, NewLeadsCap int
}

// Verdict is the answer. A mail that may not go has a reason, and Until, the
// earliest moment at which asking again can give another answer; a zero Until
// means that only an event changes it.
type Verdict struct {
	Go     bool
	Reason outreach.Reason
	Until  time.Time
}

// Decide answers for one mail. The order of the questions is that of what matters
// most to the lead: never write to who is stopped, then to who is paused, then time,
// then room.
func Decide(f Facts, now time.Time) Verdict {
	switch {
	case f.Suppressed:
		return Verdict{Reason: outreach.ReasonSuppressed}
	case f.Stopped != "":
		return Verdict{Reason: outreach.ReasonLeadStopped}
	case f.PausedUntil.After(now):
		return Verdict{Reason: outreach.ReasonLeadPaused, Until: f.PausedUntil}
	case f.InFlight:
		return Verdict{Reason: outreach.ReasonInFlight}
	case f.DomainPausedUntil.After(now):
		return Verdict{Reason: outreach.ReasonMailboxPaused, Until: f.DomainPausedUntil}
	case !f.WindowOpen:
		return Verdict{Reason: outreach.ReasonOutsideWindow, Until: f.NextWindow}
	case f.InboxStale:
		return Verdict{Reason: outreach.ReasonInboxStale}
	case f.MailboxUsed >= f.MailboxCap:
		return Verdict{Reason: outreach.ReasonMailboxCap, Until: f.NextDay}
	case f.DomainCap > 0 && f.DomainUsed >= f.DomainCap:
		return Verdict{Reason: outreach.ReasonDomainCap, Until: f.NextDay}
	case f.NewLead && f.NewLeadsUsed >= f.NewLeadsCap:
		return Verdict{Reason: outreach.ReasonNewLeadCap, Until: f.NextDay}
	case f.NextFree.After(now):
		return Verdict{Reason: outreach.ReasonGap, Until: f.NextFree}
	}
	return Verdict{Go: true}
}
