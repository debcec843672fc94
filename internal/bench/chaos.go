package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

type blowKind int

// The blows.
const (
	blowKill     blowKind = iota // kill -9 of a worker
	blowTerm                     // SIGTERM of a worker
	blowStop                     // a lead is stopped
	blowFlush                    // Redis is emptied
	blowRedis                    // Redis is gone for a while
	blowPostgres                 // Postgres crashes
)

// blow is one thing that was done, and whom it hit.
type blow struct {
	kind blowKind
	at   time.Duration        // the machine's time since the start; of an outage: its end
	held []outreach.MailboxID // what the dead worker was sending from; nil: all
}

// planned is a blow that falls when so many mails have been accepted.
type planned struct {
	kind blowKind
	at   int
}

// plan spreads all blows over the run by what was accepted, so that they fall
// within it however fast the machine is.
func (c *crash) plan(random *rand.Rand) []planned {
	var all []planned
	mails := max(1, (c.Leads-c.Stops)*9/10) // the stopped get none, and some are refused
	spread := func(kind blowKind, n int) {
		for i := range n {
			low, high := mails*i/(n+1), mails*(i+1)/(n+1)
			all = append(all, planned{kind, max(1, low+random.IntN(max(1, high-low)))})
		}
	}
	spread(blowKill, c.Kills)
	spread(blowTerm, c.Terms)
	spread(blowStop, c.Stops)
	spread(blowFlush, c.FlushRedis)
	spread(blowPostgres, c.RestartPostgres)
	if c.StopRedis > 0 {
		all = append(all, planned{blowRedis, mails / 4})
	}
	slices.SortStableFunc(all, func(a, b planned) int { return a.at - b.at })
	return all
}

// chaos deals the blows.
func (c *crash) chaos(ctx context.Context) error {
	random := rand.New(rand.NewPCG(c.Seed, 1))
	targets, err := c.targets(ctx, random)
	if err != nil {
		return err
	}
	for i, p := range c.plan(random) {
		if err := c.await(ctx, p.at); err != nil {
			return fmt.Errorf("blow %d waits for %d accepted mails: %w", i+1, p.at, err)
		}
		if p.kind == blowStop && len(targets) == 0 {
			continue
		}
		if p.kind == blowStop {
			if err := c.stopLead(ctx, targets[0]); err != nil {
				return err
			}
			targets = targets[1:]
			continue
		}
		if err := c.deal(ctx, p.kind, random); err != nil {
			return err
		}
		c.say("%d of %d mails accepted, %d blows dealt", c.accepted(), c.Leads, len(c.blows))
	}
	return nil
}

func (c *crash) deal(ctx context.Context, kind blowKind, random *rand.Rand) (err error) {
	b := blow{kind: kind}
	switch kind {
	case blowKill, blowTerm:
		b.held, err = c.fell(ctx, kind, random)
	case blowFlush:
		err = c.ground.flushRedis(ctx)
	case blowRedis:
		err = c.ground.stopRedis(ctx, c.StopRedis)
	case blowPostgres:
		err = c.ground.restartPostgres(ctx)
	}
	b.at = clock.Machine{}.Since(c.clock.Origin)
	if err == nil {
		c.blows = append(c.blows, b)
	}
	return err
}

// fell ends a worker at a random moment and starts another in its place.
func (c *crash) fell(ctx context.Context, kind blowKind, random *rand.Rand) ([]outreach.MailboxID, error) {
	if err := (clock.Machine{}).Sleep(ctx, time.Duration(random.IntN(300))*time.Millisecond); err != nil {
		return nil, err
	}
	i, err := c.victim(ctx, random)
	if err != nil {
		return nil, err
	}
	if kind == blowTerm {
		if err := c.workers[i].stop(); err != nil {
			return nil, fmt.Errorf("SIGTERM: %w", err)
		}
	} else {
		c.workers[i].kill()
	}
	held, err := c.held(ctx, c.workers[i].pid())
	if err != nil {
		return nil, err
	}
	c.workers[i], err = startWorker(c.spec, c.logs)
	return held, err
}

// victim is a worker that is sending; when none is, because an earlier blow has
// not been overcome, it waits a while for one.
func (c *crash) victim(ctx context.Context, random *rand.Rand) (int, error) {
	first := random.IntN(len(c.workers))
	for range 100 {
		for i := range c.workers {
			i = (first + i) % len(c.workers)
			held, err := c.held(ctx, c.workers[i].pid())
			if err != nil {
				return 0, err
			}
			if len(held) > 0 {
				return i, nil
			}
		}
		if err := (clock.Machine{}).Sleep(ctx, 100*time.Millisecond); err != nil {
			return 0, err
		}
	}
	return first, nil
}

// held asks again when a blow has just cut the connection.
func (c *crash) held(ctx context.Context, pid int) (held []outreach.MailboxID, err error) {
	for range 50 {
		if held, err = c.ground.db.HeldBy(ctx, pid); err == nil {
			return held, nil
		}
		if sleep := (clock.Machine{}).Sleep(ctx, 100*time.Millisecond); sleep != nil {
			return nil, sleep
		}
	}
	return nil, err
}

// revive starts a worker in the place of one that has ended by itself, which is
// a fault of the worker.
func (c *crash) revive() error {
	for _, worker := range c.workers {
		select {
		case <-worker.ended:
			return fmt.Errorf("a worker ended by itself: %w", worker.err)
		default:
		}
	}
	return nil
}

// targets are the leads to stop, in the order in which mails to them are likely
// to be under way.
func (c *crash) targets(ctx context.Context, random *rand.Rand) ([]outreach.LeadID, error) {
	if c.Stops == 0 {
		return nil, nil
	}
	rows, err := c.ground.db.Audit(ctx)
	if err != nil {
		return nil, err
	}
	var all []outreach.LeadID
	taken := make(map[int]bool)
	for i := range min(c.Stops, len(rows)) {
		// A little ahead of the row of mails, where claims and commit points are.
		at := (len(rows)*(i+1)/(c.Stops+1) + random.IntN(2*c.Mailboxes+1)) % len(rows)
		for taken[at] {
			at = (at + 1) % len(rows)
		}
		taken[at] = true
		all = append(all, rows[at].LeadID)
	}
	slices.Sort(all)
	return all, nil
}

// stopLead stops as a rep would, and takes the mark that no commit point for
// the lead may exceed.
func (c *crash) stopLead(ctx context.Context, id outreach.LeadID) error {
	act := postgres.Act{At: c.clock.Now(), Actor: "bench", Detail: "bench"}
	for {
		err := c.ground.db.StopLeads(ctx, []outreach.LeadID{id}, outreach.StopByRep, act)
		var mark int64
		if err == nil {
			mark, err = c.ground.db.Mark(ctx)
		}
		if err == nil {
			c.stops = append(c.stops, stopMark{id, mark})
			return nil
		}
		if c.count(blowPostgres) == 0 {
			return fmt.Errorf("stop lead: %w", err)
		}
		// Postgres has just been restarted: whether the stop came through is not known, so it is made again.
		if err := (clock.Machine{}).Sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// await waits until the mail server has accepted so many mails.
func (c *crash) await(ctx context.Context, mails int) error {
	last, since := c.accepted(), clock.Machine{}.Now()
	for {
		now := c.accepted()
		if now >= mails || c.over {
			return nil
		}
		if now != last {
			last, since = now, clock.Machine{}.Now()
		}
		// The rest of the leads may have been stopped or refused: the last blows then fall at the end.
		if (clock.Machine{}).Since(since) > 2*time.Second {
			if left, err := c.ground.db.OpenEnrolments(ctx); err == nil && left == 0 {
				c.over = true
				return nil
			}
			since = clock.Machine{}.Now()
		}
		if err := c.revive(); err != nil {
			return err
		}
		if err := (clock.Machine{}).Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

func (c *crash) accepted() int { return c.sink.AcceptCount() }

func (c *crash) say(format string, args ...any) {
	if c.Progress != nil {
		fmt.Fprintf(c.Progress, format+"\n", args...)
	}
}
