// Package policy decides whether a mail may go now, and if not, why and until
// when. It is a pure function over plain values: the planner, the commit point's
// caller and the simulation ask the same question and get the same answer. What
// it is given must be read under the locks that make it true; that is the
// caller's part.
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
	SequencePaused    bool
	MailboxPaused     bool
	DomainPausedUntil time.Time // the mailbox may not write to this domain; zero: it may
	InboxStale        bool      // the mailbox has not been read lately; binds follow-ups alone

	// About time.
	Due        time.Time
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
// means that only an event changes it (a pause lifted, an inbox read).
type Verdict struct {
	Go     bool
	Reason outreach.Reason
	Until  time.Time
}

// Decide answers for one mail. The order of the questions is that of what matters
// most to the lead: never write to who is stopped, then to who is paused, then
// what the team switched off, then time, then room.
func Decide(f Facts, now time.Time) Verdict {
	for _, ask := range []func(Facts, time.Time) (Verdict, bool){aboutLead, aboutRoute, aboutTime, aboutRoom} {
		if verdict, refused := ask(f, now); refused {
			return verdict
		}
	}
	return Verdict{Go: true}
}

func aboutLead(f Facts, now time.Time) (Verdict, bool) {
	switch {
	case f.Suppressed:
		return refuse(outreach.ReasonSuppressed, time.Time{})
	case f.Stopped != "":
		return refuse(outreach.ReasonLeadStopped, time.Time{})
	case f.PausedUntil.After(now):
		return refuse(outreach.ReasonLeadPaused, f.PausedUntil)
	case f.InFlight:
		return refuse(outreach.ReasonInFlight, time.Time{})
	}
	return Verdict{}, false
}

func aboutRoute(f Facts, now time.Time) (Verdict, bool) {
	switch {
	case f.SequencePaused:
		return refuse(outreach.ReasonSequencePaused, time.Time{})
	case f.MailboxPaused:
		return refuse(outreach.ReasonMailboxPaused, time.Time{})
	case f.DomainPausedUntil.After(now):
		return refuse(outreach.ReasonMailboxPaused, f.DomainPausedUntil)
	case f.InboxStale && !f.NewLead:
		return refuse(outreach.ReasonInboxStale, time.Time{})
	}
	return Verdict{}, false
}

func aboutTime(f Facts, now time.Time) (Verdict, bool) {
	switch {
	case f.Due.After(now):
		return refuse(outreach.ReasonNotDue, f.Due)
	case !f.WindowOpen:
		return refuse(outreach.ReasonOutsideWindow, f.NextWindow)
	}
	return Verdict{}, false
}

func aboutRoom(f Facts, now time.Time) (Verdict, bool) {
	switch {
	case f.MailboxUsed >= f.MailboxCap:
		return refuse(outreach.ReasonMailboxCap, f.NextDay)
	case f.DomainCap > 0 && f.DomainUsed >= f.DomainCap:
		return refuse(outreach.ReasonDomainCap, f.NextDay)
	case f.NewLead && f.NewLeadsUsed >= f.NewLeadsCap:
		return refuse(outreach.ReasonNewLeadCap, f.NextDay)
	case f.NextFree.After(now):
		return refuse(outreach.ReasonGap, f.NextFree)
	}
	return Verdict{}, false
}

func refuse(reason outreach.Reason, until time.Time) (Verdict, bool) {
	return Verdict{Reason: reason, Until: until}, true
}
