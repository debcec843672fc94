package outbound

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

const (
	renewEvery = 3 * time.Second  // machine time
	deliverFor = 11 * time.Minute // machine time: the longest that a dialogue may take
	settleFor  = 10 * time.Minute // machine time: how long an outcome is kept for a database that is away
)

// errLedgerBehind: what this process saw committed is not in the database.
var errLedgerBehind = errors.New("the ledger has forgotten mails")

// Sender sends what is due from a mailbox. One process has one; it may send
// from many mailboxes at a time, from each by one goroutine.
type Sender struct {
	Process   string // this process in leases and beats
	Clock     clock.Clock
	Machine   clock.Machine
	Leases    Leases
	Claims    Claims
	Committer Committer
	Spool     Spool  // nil: none
	Copies    Copies // nil: none
	// Forgets tells whether a ledger at this mark has forgotten mails: it was
	// restored under our feet, and nothing may be sent from it. Nil: never.
	Forgets   func(outreach.Mark) bool
	Refusals  Refusals
	Holder    Holder
	Transport Transport
	Operators Operators
	Decider   *Decider
	Composer  *Composer
	Watch     Watcher // nil: nobody
	Logger    *slog.Logger

	lines     lines
	outages   outages
	deferrals deferrals
	finishing atomic.Bool
}

// SendDue takes the mailbox's lease and sends what is due. When another process
// has the lease there is nothing to do: that process sends.
func (s *Sender) SendDue(ctx context.Context, id outreach.MailboxID) error {
	lease, ok, err := s.Leases.TakeMailbox(ctx, id, s.Process)
	if err != nil || !ok {
		return err
	}
	if s.Forgets != nil && s.Forgets(lease.Ledger) {
		return errors.Join(errLedgerBehind, s.Leases.ReleaseMailbox(ctx, lease))
	}
	ctx, lost := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		s.renew(ctx, lost, lease)
	}()
	r := &round{Sender: s, lease: lease}
	err = r.drain(ctx)
	err = errors.Join(err, r.last.wait()) // of what drain sent last
	lost(nil)
	<-renewed
	// The lease is given back even when the caller is gone: nothing stays claimed.
	free, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if !r.clean {
		err = errors.Join(err, s.Leases.GiveBackClaims(free, lease, s.Clock.Now()))
	}
	return errors.Join(err, s.Leases.ReleaseMailbox(free, lease))
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

// Finish takes no new claims: every SendDue ends after the mail it is at.
func (s *Sender) Finish() { s.finishing.Store(true) }

func (s *Sender) mayGoOn(ctx context.Context) bool { return ctx.Err() == nil && !s.finishing.Load() }

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
