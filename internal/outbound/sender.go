package outbound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

const (
	batch      = 100              // claims at a time
	renewEvery = 3 * time.Second  // machine time
	deliverFor = 11 * time.Minute // machine time: the longest that a dialogue may take
	settleFor  = 10 * time.Minute // machine time: how long an outcome is kept for a database that is away
)

// Sender sends what is due from a mailbox. One process has one; it may send
// from many mailboxes at a time, from each by one goroutine.
type Sender struct {
	Process   string // this process in leases and beats
	Clock     clock.Clock
	Machine   clock.Machine
	Leases    Leases
	Claims    Claims
	Committer Committer
	Refusals  Refusals
	Holder    Holder
	Transport Transport
	Operators Operators
	Decider   *Decider
	Composer  *Composer
	Logger    *slog.Logger

	lines     lines
	outages   outages
	finishing atomic.Bool
}

// SendDue takes the mailbox's lease and sends what is due. When another process
// has the lease there is nothing to do: that process sends.
func (s *Sender) SendDue(ctx context.Context, id outreach.MailboxID) error {
	lease, ok, err := s.Leases.TakeMailbox(ctx, id, s.Process)
	if err != nil || !ok {
		return err
	}
	ctx, lost := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		s.renew(ctx, lost, lease)
	}()
	err = s.drain(ctx, lease)
	lost(nil)
	<-renewed
	// The lease is given back even when the caller is gone: nothing stays claimed.
	free, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, s.Leases.ReleaseMailbox(free, lease, s.Clock.Now()))
}

// renew keeps the lease until ctx ends; without it the sending stops before the
// next commit point.
func (s *Sender) renew(ctx context.Context, lost context.CancelCauseFunc, lease outreach.Lease) {
	for s.Machine.Sleep(ctx, renewEvery) == nil {
		err := s.Leases.RenewMailbox(ctx, lease)
		if errors.Is(err, outreach.ErrLeaseLost) {
			lost(err)
			return
		}
		if err != nil && ctx.Err() == nil {
			s.Logger.Warn("lease not renewed", "mailbox", lease.MailboxID, "error", err)
		}
	}
}

// drain claims and sends until nothing is due.
func (s *Sender) drain(ctx context.Context, lease outreach.Lease) error {
	for s.mayGoOn(ctx) {
		notices, err := s.Claims.ClaimNotices(ctx, lease, s.Clock.Now(), batch)
		if err != nil {
			return err
		}
		steps, moved, err := s.Claims.ClaimSteps(ctx, outreach.ClaimRequest{
			Lease: lease, Now: s.Clock.Now(), Limit: batch, Decide: s.Decider.Decide(ctx, s.Clock.Now()),
		})
		if err != nil {
			return err
		}
		loaded, err := s.Decider.Scripts.LoadWanted(ctx)
		if err != nil {
			return err
		}
		if len(notices) == 0 && moved == 0 && loaded == 0 {
			return nil
		}
		for _, claim := range append(notices, steps...) {
			if !s.mayGoOn(ctx) {
				return nil // what is left goes back with the lease
			}
			if goOn, err := s.send(ctx, claim); err != nil || !goOn {
				return err
			}
		}
	}
	return nil
}

// Finish takes no new claims: every SendDue ends after the mail it is at.
func (s *Sender) Finish() { s.finishing.Store(true) }

func (s *Sender) mayGoOn(ctx context.Context) bool { return ctx.Err() == nil && !s.finishing.Load() }

// send brings one claim to its end. False: the mailbox cannot send now.
func (s *Sender) send(ctx context.Context, claim outreach.Claimed) (bool, error) {
	envelope, mail, err := s.Composer.Compose(ctx, claim)
	if err != nil {
		return true, s.cannotCompose(ctx, claim, err)
	}
	result, err := s.overLine(ctx, envelope, claim, mail)
	if err != nil {
		return false, s.noLine(ctx, claim, err)
	}
	s.outages.over(claim.MailboxID)
	return true, s.settle(ctx, claim, mail, result)
}

// overLine delivers over the mailbox's kept connection or a new one. A server
// may have closed a kept one meanwhile, which shows at MAIL: then a new one is
// made at once, because nothing has happened yet.
func (s *Sender) overLine(ctx context.Context, envelope outreach.Envelope, claim outreach.Claimed, mail outreach.Frozen) (outreach.DeliveryResult, error) {
	if line, ok := s.lines.take(s.Machine, claim.MailboxID); ok {
		result := s.deliver(ctx, line, envelope, claim, mail)
		s.lines.put(claim.MailboxID, line, s.Machine)
		if result.Delivery != outreach.DeliveryNotSent || result.Phase != phaseMail || result.Code != 0 {
			return result, nil
		}
	}
	line, err := s.Transport.Open(ctx, claim.MailboxID)
	if err != nil {
		return outreach.DeliveryResult{}, err
	}
	result := s.deliver(ctx, line, envelope, claim, mail)
	s.lines.put(claim.MailboxID, line, s.Machine)
	return result, nil
}

// phaseMail is the first command of a dialogue, as DeliveryResult.Phase names it.
const phaseMail = "mail"

// deliver runs the dialogue. It outlives a cancelled caller, because a dot that
// has gone wants its answer: a stopped worker waits for open dots.
func (s *Sender) deliver(ctx context.Context, line Connection, envelope outreach.Envelope, claim outreach.Claimed, mail outreach.Frozen) outreach.DeliveryResult {
	dialogue, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverFor)
	defer cancel()
	return line.Deliver(dialogue, envelope, mail.Raw, func(dialogue context.Context) bool {
		if ctx.Err() != nil {
			return false
		}
		ok, err := s.Committer.Commit(dialogue, outreach.CommitRequest{SendID: claim.ID, Fence: claim.Fence, Subject: mail.Subject})
		if err != nil {
			s.Logger.Error("commit point failed", "send_id", claim.ID, "error", err)
		}
		return ok && err == nil
	})
}

// settle records the outcome. A database that is away is waited for: an outcome
// that is known must not become one that is in doubt.
func (s *Sender) settle(ctx context.Context, claim outreach.Claimed, mail outreach.Frozen, result outreach.DeliveryResult) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleFor)
	defer cancel()
	outcome := s.Decider.Outcome(claim, result, s.Clock.Now())
	if outcome.KeepBytes && claim.Frozen == nil {
		if err := s.insist(ctx, func() error { return s.Claims.KeepBytes(ctx, claim.ID, mail) }); err != nil {
			return fmt.Errorf("keep bytes: %w", err)
		}
	}
	if err := s.insist(ctx, func() error {
		_, err := s.Committer.Settle(ctx, outcome.Settlement)
		return err
	}); err != nil {
		return fmt.Errorf("settle send %d: %w", claim.ID, err)
	}
	s.Logger.Info("send settled", "send_id", claim.ID, "lead_id", claim.LeadID, "step", claim.StepID, "mailbox", claim.MailboxID,
		"state", outcome.Settlement.State, "code", result.Code, "phase", result.Phase)
	if outcome.Refusal == nil {
		return nil
	}
	if err := s.insist(ctx, func() error { return s.Refusals.RecordRefusal(ctx, *outcome.Refusal) }); err != nil {
		return fmt.Errorf("record refusal: %w", err)
	}
	if outcome.Refusal.StopMailbox {
		return s.Operators.MailboxStopped(ctx, claim.MailboxID, outcome.Refusal.Detail)
	}
	return nil
}

// insist repeats what must be written until it is, or ctx ends.
func (s *Sender) insist(ctx context.Context, do func() error) error {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := do()
		if err == nil {
			return nil
		}
		if s.Machine.Sleep(ctx, pause) != nil {
			return err
		}
	}
}

// Close ends the kept connections. Call it when no SendDue runs any more.
func (s *Sender) Close() { s.lines.closeAll() }

// CloseIdle ends connections that have not carried a mail for a while.
func (s *Sender) CloseIdle() { s.lines.closeIdle(s.Machine) }
