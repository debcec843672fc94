package bench

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

// recovery is how long somebody had to wait after a blow.
type recovery struct {
	mailbox outreach.MailboxID // empty: all
	at      time.Duration      // of the blow, since the start
	seconds float64
}

// recoveries gives how long each mailbox that a killed process held had to wait for
// its next accepted mail; of an outage of a server, how long all had to wait after
// its end. The shortest come first. A mailbox whose next holder was killed too before
// it could send counts from that later kill; one with nothing left to send does
// not count.
func recoveries(blows []blow, accepts []mailworld.Accept, c fastClock) []recovery {
	byMailbox := map[outreach.MailboxID][]time.Duration{}
	var all []time.Duration
	for _, a := range accepts {
		at := c.machine(a.At)
		id, _, _ := strings.Cut(a.From, "@")
		byMailbox[outreach.MailboxID(id)] = append(byMailbox[outreach.MailboxID(id)], at)
		all = append(all, at)
	}
	var waits []recovery
	for i, b := range blows {
		switch b.kind {
		case blowKill:
			for _, id := range b.held {
				next, ok := after(byMailbox[id], b.at)
				if ok && !heldAgain(blows[i+1:], id, next) {
					waits = append(waits, recovery{id, b.at, (next - b.at).Seconds()})
				}
			}
		case blowRedis, blowPostgres:
			if next, ok := after(all, b.at); ok {
				waits = append(waits, recovery{at: b.at, seconds: (next - b.at).Seconds()})
			}
		}
	}
	slices.SortFunc(waits, func(a, b recovery) int { return cmp.Compare(a.seconds, b.seconds) })
	return waits
}

func seconds(waits []recovery) []float64 {
	all := make([]float64, len(waits))
	for i, w := range waits {
		all[i] = w.seconds
	}
	return all
}

// after is the first time behind a moment; times are in order.
func after(times []time.Duration, moment time.Duration) (time.Duration, bool) {
	i, _ := slices.BinarySearch(times, moment+1)
	if i == len(times) {
		return 0, false
	}
	return times[i], true
}

// heldAgain tells whether a later kill hit the mailbox before a moment.
func heldAgain(later []blow, id outreach.MailboxID, moment time.Duration) bool {
	return slices.ContainsFunc(later, func(b blow) bool {
		return b.kind == blowKill && b.at < moment && slices.Contains(b.held, id)
	})
}

// quantile of sorted values; 0 of none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
