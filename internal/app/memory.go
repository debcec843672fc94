package app

import (
	"context"
	"os"
	"runtime/debug"
	"sync"

	"drumbeat/internal/outreach"
	"drumbeat/worker"
)

// sendingGC is how much the heap may grow between two collections while mail goes
// out, in percent. A sender makes much garbage and holds little: at Go's default of
// 100 the collector takes a sixth of its time. An engine that waits stays small.
const sendingGC = 300

// heap is the process's: what sends in it, and the setting to go back to.
var heap struct {
	sync.Mutex
	sending, resting int
}

// spacious gives the collector more room while a mailbox sends. Who sets GOGC decides.
type spacious struct{ worker.Sender }

func newSpacious(sender worker.Sender) worker.Sender {
	if os.Getenv("GOGC") != "" {
		return sender
	}
	return spacious{sender}
}

// SendDue implements worker.Sender.
func (s spacious) SendDue(ctx context.Context, id outreach.MailboxID) error {
	beginSending()
	defer endSending()
	return s.Sender.SendDue(ctx, id)
}

func beginSending() {
	heap.Lock()
	defer heap.Unlock()
	if heap.sending == 0 {
		heap.resting = debug.SetGCPercent(sendingGC)
	}
	heap.sending++
}

func endSending() {
	heap.Lock()
	defer heap.Unlock()
	heap.sending--
	if heap.sending == 0 {
		debug.SetGCPercent(heap.resting)
	}
}
