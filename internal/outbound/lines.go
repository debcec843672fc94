package outbound

import (
	"sync"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

// idleFor is how long a connection is kept without a mail: servers close idle
// ones after some minutes, and a fresh one is cheap against a gap of minutes.
const idleFor = 30 * time.Second

// lines keeps one connection a mailbox between two bells.
type lines struct {
	mu   sync.Mutex
	kept map[outreach.MailboxID]keptLine
}

type keptLine struct {
	line  Connection
	since time.Time // machine time of its last mail
}

// take gives the mailbox's connection if a usable one is kept. The mailbox's
// lease makes the caller its only user.
func (l *lines) take(machine clock.Machine, id outreach.MailboxID) (Connection, bool) {
	l.mu.Lock()
	kept, ok := l.kept[id]
	delete(l.kept, id)
	l.mu.Unlock()
	if ok && (!kept.line.Usable() || machine.Since(kept.since) >= idleFor) {
		kept.line.Close()
		return nil, false
	}
	return kept.line, ok
}

// put keeps a connection for the next mail.
func (l *lines) put(id outreach.MailboxID, line Connection, machine clock.Machine) {
	if !line.Usable() {
		line.Close()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept == nil {
		l.kept = make(map[outreach.MailboxID]keptLine)
	}
	l.kept[id] = keptLine{line: line, since: machine.Now()}
}

func (l *lines) closeIdle(machine clock.Machine) {
	l.closeWhere(func(k keptLine) bool { return machine.Since(k.since) >= idleFor })
}

func (l *lines) closeAll() { l.closeWhere(func(keptLine) bool { return true }) }

func (l *lines) closeWhere(old func(keptLine) bool) {
	l.mu.Lock()
	var ended []Connection
	for id, kept := range l.kept {
		if old(kept) {
			ended = append(ended, kept.line)
			delete(l.kept, id)
		}
	}
	l.mu.Unlock()
	for _, line := range ended {
		line.Quit()
	}
}
