package outbound

import (
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/policy"
)

// What a deferred mail is allowed, in sales time.
const (
	maxAttempts  = 8
	maxDeferral  = 5 * 24 * time.Hour // since the first attempt; only an attempt that is deferred again ends it
	maxFull      = 3                  // attempts at a full mailbox
	maxBlocked   = 3                  // attempts at a domain that refuses the mailbox
	domainPause  = 24 * time.Hour
	retryShortly = time.Minute // after a dialogue that never reached a decision
	longestRetry = 24 * time.Hour
)

// backoff lists the pauses after each deferred attempt; the last one repeats.
func backoff(attempts int) time.Duration {
	pauses := []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, longestRetry}
	return pauses[min(attempts, len(pauses)-1)]
}

// Outcome is what follows from one attempt.
type Outcome struct {
	Settlement outreach.Settlement
	Refusal    *outreach.Refusal // nil: the server refused nothing for good
	KeepBytes  bool              // another attempt will follow: it must be the same mail
}

// Outcome decides what the end of a dialogue means for the ledger, the lead and
// the mailbox.
func (d *Decider) Outcome(claim outreach.Claimed, result outreach.DeliveryResult, now time.Time) Outcome {
	o := Outcome{Settlement: outreach.Settlement{SendID: claim.ID, Fence: claim.Fence, Result: result, At: now, Attempts: 1}}
	delivery := result.Delivery
	if serverAway(result) {
		delivery = outreach.DeliveryNotSent
	}
	switch delivery {
	case outreach.DeliveryAccepted:
		o.Settlement.State = outreach.SendSent
		o.Settlement.Next = d.next(claim, now)
	case outreach.DeliveryUncertain:
		o.Settlement.State = outreach.SendUnknown
	case outreach.DeliveryDeferred:
		o.deferred(claim, now, maxAttempts)
	case outreach.DeliveryRefused:
		o.refused(claim, result, now)
	default:
		o.Settlement.Attempts = 0 // it never came to an answer about this mail
		o.again(now.Add(retryShortly))
		o.KeepBytes = false
	}
	if o.Settlement.State == outreach.SendFailed && o.Refusal == nil {
		o.Settlement.Next = d.next(claim, now) // this mail is given up, the sequence is not
	}
	return o
}

// again plans another attempt.
func (o *Outcome) again(at time.Time) {
	o.Settlement.State, o.Settlement.RetryAt, o.KeepBytes = outreach.SendPlanned, &at, true
}

// deferred backs off, up to a number of attempts.
func (o *Outcome) deferred(claim outreach.Claimed, now time.Time, limit int) {
	tooLong := claim.Frozen != nil && claim.Frozen.Since != nil && now.Sub(*claim.Frozen.Since) >= maxDeferral
	if claim.Attempts+1 >= limit || tooLong {
		o.Settlement.State = outreach.SendFailed
		return
	}
	o.again(now.Add(backoff(claim.Attempts)))
}

// refused acts by whose fault the refusal is. Mails to reps have no lead to
// act on; only what concerns the mailbox counts for them.
func (o *Outcome) refused(claim outreach.Claimed, result outreach.DeliveryResult, now time.Time) {
	o.Settlement.State = outreach.SendFailed
	r := outreach.Refusal{SendID: claim.ID, LeadID: claim.LeadID, MailboxID: claim.MailboxID, At: now, Detail: result.Text}
	class := policy.RefusalOf(result)
	switch {
	case class == policy.RefusedMailbox && claim.Purpose == outreach.PurposeStep:
		r.StopMailbox = true
		o.again(now.Add(retryShortly)) // it waits for the mailbox
	case class == policy.RefusedMailbox: // a notice waits for nobody: it tries as often as one that is put off
		r.StopMailbox = true
		o.deferred(claim, now, maxAttempts)
	case claim.Purpose != outreach.PurposeStep:
		return
	case class == policy.RefusedFull:
		o.deferred(claim, now, maxFull)
		return
	case class == policy.RefusedAddress:
		r.SuppressAddress = claim.To
	case class == policy.RefusedDomain && claim.Attempts+1 < maxBlocked:
		until := now.Add(domainPause)
		r.PauseDomain, r.PauseUntil = outreach.Domain(claim.To), &until
		o.again(until)
	default:
		r.StopEnrolment = true
	}
	o.Refusal = &r
}
