package inbound

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

const (
	defaultPoll  = time.Minute
	firstBackoff = time.Second
	maxBackoff   = time.Minute
	passTimeout  = 10 * time.Minute // a first pass over a large mailbox takes minutes
)

// Run reads the mailbox until ctx ends: at once, whenever the server says that
// something came, and every PollEvery. A broken connection is made anew with a
// growing pause.
func (r *Reader) Run(ctx context.Context) {
	first := cmp.Or(r.Backoff, firstBackoff)
	pause := first
	for ctx.Err() == nil {
		passes, err := r.attend(ctx)
		if ctx.Err() != nil {
			return
		}
		if passes > 0 {
			pause = first
		}
		r.Log.WarnContext(ctx, "inbox connection lost", "mailbox", r.MailboxID, "error", err, "again_in", pause.String())
		if r.Machine.Sleep(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, maxBackoff)
	}
}

// attend reads over one connection until it breaks; passes counts the complete
// ones.
func (r *Reader) attend(ctx context.Context) (passes int, err error) {
	session, err := r.Dial(ctx)
	if err != nil {
		r.Watch.PassDone(r.MailboxID, 0, err)
		return 0, fmt.Errorf("dial: %w", err)
	}
	defer session.Close()
	for {
		began := r.Machine.Now()
		err := r.pass(ctx, session)
		r.Watch.PassDone(r.MailboxID, r.Machine.Since(began), err)
		if err != nil {
			return passes, err
		}
		passes++
		if err := session.Wait(ctx, cmp.Or(r.PollEvery, defaultPoll)); err != nil {
			return passes, fmt.Errorf("wait: %w", err)
		}
	}
}

func (r *Reader) pass(ctx context.Context, session Session) error {
	ctx, cancel := context.WithTimeout(ctx, passTimeout)
	defer cancel()
	_, err := r.ReadOnce(ctx, session)
	return err
}
