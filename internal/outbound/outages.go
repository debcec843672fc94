package outbound

import (
	"sync"
	"time"

	"drumbeat/internal/outreach"
)

// outages counts how often in a row a mailbox's server could not be reached, so
// that a server that is down is asked less and less often.
type outages struct {
	mu     sync.Mutex
	inARow map[outreach.MailboxID]int
}

// next is how long to wait after one more failure, in sales time: 1, 2, 4 ...
// minutes, an hour at most.
func (o *outages) next(id outreach.MailboxID) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.inARow == nil {
		o.inARow = make(map[outreach.MailboxID]int)
	}
	pause := time.Minute << min(o.inARow[id], 6)
	o.inARow[id]++
	return min(pause, time.Hour)
}

// over notes that the server has answered.
func (o *outages) over(id outreach.MailboxID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.inARow, id)
}
