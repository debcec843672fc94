package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"

	"drumbeat/internal/clock"
)

// idleFor is the longest single IDLE. Servers may end one after 30 minutes (RFC
// 2177), routers forget silent connections much earlier, and a connection that
// died silently shows only when we speak again.
const idleFor = 9 * time.Minute

// errClosed tells that the server has closed the connection.
var errClosed = errors.New("imap: the server closed the connection")

// Wait returns nil when the selected folder may hold new mail, or after most of
// machine time. News that came during an earlier command count.
func (s *Session) Wait(ctx context.Context, most time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, most, errWaited)
	defer cancel()
	wait := s.poll
	if s.caps.Has(imap.CapIdle) || s.caps.Has(imap.CapIMAP4rev2) {
		wait = s.idle
	}
	for {
		news, err := wait(ctx)
		switch {
		case err != nil:
			return err
		case news, errors.Is(context.Cause(ctx), errWaited):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// errWaited is the cause of a wait that is over by its own length.
var errWaited = errors.New("waited long enough")

// idle listens for at most idleFor.
func (s *Session) idle(ctx context.Context) (news bool, err error) {
	select {
	case <-s.news:
		return true, nil
	default:
	}
	var stop func() error
	begin := func() error {
		command, err := s.client.Idle()
		if err != nil {
			return fmt.Errorf("imap: idle: %w", err)
		}
		stop = func() error { return errors.Join(command.Close(), command.Wait()) }
		return nil
	}
	// The guards below run without ctx: its end stops the waiting, not the connection.
	if err := s.guard(context.WithoutCancel(ctx), begin); err != nil {
		return false, err
	}
	listening, cancel := context.WithTimeout(ctx, idleFor)
	defer cancel()
	select {
	case <-s.news:
		news = true
	case <-listening.Done():
	case <-s.client.Closed():
		return false, errors.Join(errClosed, stop())
	}
	return news, s.guard(context.WithoutCancel(ctx), stop)
}

// poll sleeps and asks once.
func (s *Session) poll(ctx context.Context) (news bool, err error) {
	select {
	case <-s.news:
		return true, nil
	default:
	}
	if err := (clock.Machine{}).Sleep(ctx, s.account.PollEvery); err != nil {
		return false, nil // Wait sees why
	}
	if err := s.guard(context.WithoutCancel(ctx), func() error { return s.client.Noop().Wait() }); err != nil {
		return false, fmt.Errorf("imap: noop: %w", err)
	}
	select {
	case <-s.news:
		return true, nil
	default:
		return false, nil
	}
}
