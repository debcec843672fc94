package postgres

import (
	"context"
	"errors"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// maxGroup bounds how many operations share one transaction.
const maxGroup = 500

// errCommitterClosed is answered to operations after Close.
var errCommitterClosed = errors.New("committer closed")

// Committer passes sends over the commit point and records their results. All
// mailboxes of a process share it: what waits while one transaction runs goes
// into the next, so that a hundred mails cost a handful of commits.
type Committer struct {
	db  *DB
	now func() time.Time // sales time
	ops chan groupOp

	stop  chan struct{}
	ended chan struct{} // nothing is answered any more
}

// groupOp is one operation of a group; exactly one of commit and settle is set.
type groupOp struct {
	commit *outreach.CommitRequest
	settle *outreach.Settlement
	answer chan groupAnswer
}

type groupAnswer struct {
	ok  bool
	err error
}

// NewCommitter starts a committer; now is sales time. Close it.
func NewCommitter(db *DB, now func() time.Time) *Committer {
	c := &Committer{db: db, now: now, ops: make(chan groupOp, maxGroup), stop: make(chan struct{}), ended: make(chan struct{})}
	go c.run()
	return c
}

// Close ends the committer when the operations it has taken are done.
func (c *Committer) Close() {
	close(c.stop)
	<-c.ended
}

// Commit waits for the commit point of one send. False: it was refused; no dot
// may go. An error means that it is not known: no dot may go either.
func (c *Committer) Commit(ctx context.Context, req outreach.CommitRequest) (bool, error) {
	return c.post(ctx, groupOp{commit: &req})()
}

// Post hands over the outcome of an attempt. When it returns, the outcome stands in
// line before every commit point that is asked for later, so a crash never leaves
// both in doubt. The result waits until it is on record; false: the row has moved on
// under another fence, and nothing was changed.
func (c *Committer) Post(ctx context.Context, s outreach.Settlement) (wait func() (bool, error)) {
	return c.post(ctx, groupOp{settle: &s})
}

func (c *Committer) post(ctx context.Context, op groupOp) (wait func() (bool, error)) {
	op.answer = make(chan groupAnswer, 1)
	failed := func(err error) func() (bool, error) { return func() (bool, error) { return false, err } }
	select {
	case c.ops <- op:
	case <-c.stop:
		return failed(errCommitterClosed)
	case <-ctx.Done():
		return failed(ctx.Err())
	}
	return func() (bool, error) {
		select {
		case answer := <-op.answer:
			return answer.ok, answer.err
		case <-c.ended:
			return c.lastAnswer(op)
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// lastAnswer is what the committer said before it ended. An operation that came in
// line while it ended has none, and was not done.
func (c *Committer) lastAnswer(op groupOp) (bool, error) {
	select {
	case answer := <-op.answer:
		return answer.ok, answer.err
	default:
		return false, errCommitterClosed
	}
}

func (c *Committer) run() {
	defer close(c.ended)
	for last := 0; ; {
		select {
		case op := <-c.ops:
			group := c.gather(op, last > 1)
			c.group(group)
			last = len(group)
		case <-c.stop:
			if rest := c.drain(nil); len(rest) > 0 {
				c.group(rest)
			}
			return
		}
	}
}

// linger is how long a group waits for company under load, in machine time: it
// costs a mail less than the commit that it saves costs the database.
const linger = time.Millisecond

// gather makes a group. When the last one had several operations, more are
// likely to come at once; a lone mail never waits.
func (c *Committer) gather(first groupOp, loaded bool) []groupOp {
	if loaded {
		_ = clock.Machine{}.Sleep(context.Background(), linger)
	}
	return c.drain([]groupOp{first})
}

// drain adds what is waiting already; it never waits for more.
func (c *Committer) drain(group []groupOp) []groupOp {
	for len(group) < maxGroup {
		select {
		case op := <-c.ops:
			group = append(group, op)
		default:
			return group
		}
	}
	return group
}

// group runs one transaction for all operations and answers them.
func (c *Committer) group(ops []groupOp) {
	// Not the caller's context: a group belongs to many callers.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	commits, settles := splitGroup(ops)
	now := c.now()
	passed, settled, err := c.commitGroup(ctx, now, commits, settles)
	if err != nil {
		// The answer to COMMIT may have been lost: ask the rows, never assume.
		passed, settled, err = c.db.readBackGroup(ctx, commits, settles, err)
	}
	for _, op := range ops {
		if op.commit != nil {
			op.answer <- groupAnswer{ok: passed[op.commit.SendID], err: err}
			continue
		}
		op.answer <- groupAnswer{ok: settled[op.settle.SendID], err: err}
	}
}

func splitGroup(ops []groupOp) (commits []outreach.CommitRequest, settles []outreach.Settlement) {
	for _, op := range ops {
		if op.commit != nil {
			commits = append(commits, *op.commit)
			continue
		}
		settles = append(settles, *op.settle)
	}
	return commits, settles
}
