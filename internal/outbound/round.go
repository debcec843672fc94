package outbound

import (
	"context"
	"errors"
	"fmt"

	"drumbeat/internal/outreach"
)

// batch is how many claims are made at a time. What is left of one goes back with
// the lease.
const batch = 200

// firstBatch is smaller, so that every mailbox begins at once when many wake
// together: claims of full size would let the last wait for all others.
const firstBatch = 25

// BatchSize is how many due steps a claim looks at: the first under a lease, or a
// later one. A simulation looks at as many.
func BatchSize(first bool) int {
	if first {
		return firstBatch
	}
	return batch
}

// phaseMail is the first command of a dialogue, as DeliveryResult.Phase names it.
const phaseMail = "mail"

// round is one lease of a mailbox: what is due is claimed and sent, one mail after
// another.
type round struct {
	*Sender
	lease outreach.Lease
	begun bool       // a batch was claimed
	last  *recording // of the mail before
	clean bool       // every claim was brought to its end
}

// drain claims and sends until nothing is due.
func (r *round) drain(ctx context.Context) error {
	for r.mayGoOn(ctx) {
		claims, more, err := r.claim(ctx)
		if err != nil || !more {
			r.clean = err == nil
			return err
		}
		if goOn, err := r.sendAll(ctx, claims); err != nil || !goOn {
			return err
		}
		// The next claim must see what has become of the last mail.
		if err := r.last.wait(); err != nil {
			return err
		}
	}
	return nil
}

// claim takes a batch. More: it is worth asking again.
func (r *round) claim(ctx context.Context) (claims []outreach.Claimed, more bool, err error) {
	now, size := r.Clock.Now(), BatchSize(!r.begun)
	r.begun = true
	notices, err := r.Claims.ClaimNotices(ctx, r.lease, now, size)
	if err != nil {
		return nil, false, err
	}
	steps, moved, err := r.Claims.ClaimSteps(ctx, outreach.ClaimRequest{Lease: r.lease, Now: now, Limit: size,
		StepOf: r.Decider.StepOf, WantsHistory: r.Decider.WantsHistory, Decide: r.Decider.Decide(ctx, now)})
	if err != nil {
		return nil, false, err
	}
	loaded, err := r.Decider.Scripts.LoadWanted(ctx)
	return append(notices, steps...), len(notices) > 0 || moved > 0 || loaded > 0, err
}

// letter is a claim whose mail is written.
type letter struct {
	claim    outreach.Claimed
	envelope outreach.Envelope
	mail     outreach.Frozen
}

// sendAll sends one mail after another. Each is written before the one before it
// goes, so that its envelope can go with that one's dot. False: the mailbox cannot
// send now.
func (r *round) sendAll(ctx context.Context, claims []outreach.Claimed) (bool, error) {
	next, claims, err := r.write(ctx, claims)
	for next != nil && err == nil {
		current := *next
		if next, claims, err = r.write(ctx, claims); err != nil {
			break
		}
		if !r.mayGoOn(ctx) {
			return false, nil
		}
		if goOn, err := r.send(ctx, current, next); err != nil || !goOn {
			return false, err
		}
	}
	return err == nil, err
}

// write composes the first of the claims that can be composed and holds those
// before it; rest are the claims behind it.
func (r *round) write(ctx context.Context, claims []outreach.Claimed) (first *letter, rest []outreach.Claimed, err error) {
	for i, claim := range claims {
		envelope, mail, err := r.Composer.Compose(ctx, claim)
		if err == nil {
			return &letter{claim, envelope, mail}, claims[i+1:], nil
		}
		if err := r.cannotCompose(ctx, claim, err); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, nil
}

// send brings one letter to its end. False: the mailbox cannot send now.
func (r *round) send(ctx context.Context, l letter, next *letter) (bool, error) {
	if err := r.keepAhead(ctx, l.claim, l.mail); err != nil {
		return false, err
	}
	result, err := r.overLine(ctx, l, next)
	if err != nil {
		return false, r.noLine(ctx, l.claim, err)
	}
	if serverAway(result) {
		return false, errors.Join(r.settle(ctx, l.claim, l.mail, result), r.rest(ctx, l.claim.MailboxID))
	}
	r.outages.over(l.claim.MailboxID)
	return true, r.settle(ctx, l.claim, l.mail, result)
}

// overLine delivers over the mailbox's kept connection or a new one. A server
// may have closed a kept one meanwhile, which shows at MAIL: then a new one is
// made at once, because nothing has happened yet.
func (r *round) overLine(ctx context.Context, l letter, next *letter) (outreach.DeliveryResult, error) {
	if line, ok := r.lines.take(r.Machine, l.claim.MailboxID); ok {
		result := r.deliver(ctx, line, l, next)
		if result.Delivery != outreach.DeliveryNotSent || result.Phase != phaseMail || result.Code != 0 {
			return result, nil
		}
	}
	line, err := r.Transport.Open(ctx, l.claim.MailboxID)
	if err != nil {
		return outreach.DeliveryResult{}, err
	}
	return r.deliver(ctx, line, l, next), nil
}

// deliver runs the dialogue. It outlives a cancelled caller, because a dot that
// has gone wants its answer: a stopped worker waits for open dots.
func (r *round) deliver(ctx context.Context, line Connection, l letter, next *letter) outreach.DeliveryResult {
	dialogue, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverFor)
	defer cancel()
	defer r.lines.put(l.claim.MailboxID, line, r.Machine)
	if next != nil {
		line.Expect(next.envelope)
	}
	return line.Deliver(dialogue, l.envelope, l.mail.Raw, func(dialogue context.Context) bool {
		if ctx.Err() != nil {
			return false
		}
		ok, err := r.Committer.Commit(dialogue, outreach.CommitRequest{SendID: l.claim.ID, Fence: l.claim.Fence, Subject: l.mail.Subject})
		if err == nil {
			// The mail before is on record by now, in the same group or an earlier one. Otherwise
			// two mails of one connection could be in doubt after a crash.
			err = r.last.wait()
		}
		if err != nil {
			r.Logger.Error("commit point failed", "send_id", l.claim.ID, "error", err)
		}
		return ok && err == nil
	})
}

// settle records the outcome, and acts on a refusal. That a mail was accepted is
// recorded while the next one is under way, in the group of its commit point.
func (r *round) settle(ctx context.Context, claim outreach.Claimed, mail outreach.Frozen, result outreach.DeliveryResult) error {
	ctx = context.WithoutCancel(ctx)
	outcome := r.Decider.Outcome(claim, result, r.Clock.Now())
	outcome.slow(claim, result, &r.deferrals)
	r.note(claim, outcome) // before anything is waited for
	err := r.last.wait()
	if err != nil {
		return err
	}
	if r.last, err = r.record(ctx, claim, mail, outcome); err != nil {
		return err
	}
	if outcome.Settlement.State == outreach.SendSent {
		return nil
	}
	if err := r.last.wait(); err != nil || outcome.Refusal == nil {
		return err
	}
	return r.act(ctx, *outcome.Refusal)
}

// record puts the outcome in line for the ledger. It waits for a database that is
// away: an outcome that is known must not become one that is in doubt.
func (r *round) record(ctx context.Context, claim outreach.Claimed, mail outreach.Frozen, outcome Outcome) (*recording, error) {
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	if outcome.KeepBytes && claim.Frozen == nil {
		if err := r.insist(ctx, func() error { return r.Claims.KeepBytes(ctx, claim.ID, claim.Fence, mail) }); err != nil {
			cancel()
			return nil, fmt.Errorf("keep bytes: %w", err)
		}
	}
	wait := r.Committer.Post(ctx, outcome.Settlement)
	recording := &recording{done: make(chan struct{})}
	go func() {
		defer cancel()
		defer close(recording.done)
		r.copied(claim, mail, outcome)
		recording.err = r.awaitRecord(ctx, claim, outcome, wait)
	}()
	return recording, nil
}

// awaitRecord posts again what could not be recorded.
func (r *round) awaitRecord(ctx context.Context, claim outreach.Claimed, outcome Outcome, wait func() (bool, error)) error {
	taken := false
	if err := r.insist(ctx, func() (err error) {
		if wait == nil {
			wait = r.Committer.Post(ctx, outcome.Settlement)
		}
		taken, err = wait()
		wait = nil
		return err
	}); err != nil {
		return fmt.Errorf("settle send %d: %w", claim.ID, err)
	}
	if taken { // else the row has moved on, and what the spool knows is evidence
		r.noted(claim, outcome)
		if r.Watch != nil {
			r.Watch.SendSettled(claim.MailboxID, claim.Purpose, outcome.Settlement.State)
		}
	}
	r.Logger.Info("send settled", "send_id", claim.ID, "lead_id", claim.LeadID, "step", claim.StepID, "mailbox", claim.MailboxID,
		"state", outcome.Settlement.State, "code", outcome.Settlement.Result.Code, "phase", outcome.Settlement.Result.Phase)
	return nil
}

// act does what a refusal means for the lead and the mailbox.
func (r *round) act(ctx context.Context, refusal outreach.Refusal) error {
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	stopped := false
	if err := r.insist(ctx, func() (err error) {
		stopped, err = r.Refusals.RecordRefusal(ctx, refusal)
		return err
	}); err != nil {
		return fmt.Errorf("record refusal: %w", err)
	}
	if refusal.SuppressAddress != "" {
		r.Operators.LeadHarmed(ctx, refusal.LeadID)
	}
	if !stopped {
		return nil
	}
	return r.Operators.MailboxStopped(ctx, refusal.MailboxID, refusal.Detail)
}

// recording is an outcome on its way into the ledger.
type recording struct {
	done chan struct{}
	err  error
}

// wait waits until the outcome is on record. It has its own end: settleFor.
func (r *recording) wait() error {
	if r == nil {
		return nil
	}
	<-r.done
	return r.err
}
