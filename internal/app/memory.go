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

// spacious gives the collector more room while a mailbox sends. Who sets GOGC decides.
type spacious struct {
	worker.Sender

	mu      sync.Mutex
	sending int
	resting int // the setting to go back to
}

func newSpacious(sender worker.Sender) worker.Sender {
	if os.Getenv("GOGC") != "" {
		return sender
	}
	return &spacious{Sender: sender}
}

// SendDue implements worker.Sender.
func (s *spacious) SendDue(ctx context.Context, id outreach.MailboxID) error {
	s.change(+1)
	defer s.change(-1)
	return s.Sender.SendDue(ctx, id)
}

func (s *spacious) change(by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.sending
	s.sending += by
	switch {
	case before == 0:
		s.resting = debug.SetGCPercent(sendingGC)
	case s.sending == 0:
		debug.SetGCPercent(s.resting)
	}
}
