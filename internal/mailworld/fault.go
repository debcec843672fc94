package mailworld

import (
	"strings"
	"sync"
	"time"

	"drumbeat/internal/outreach"
)

// Phase is the moment of an SMTP dialogue at which a fault strikes.
type Phase string

// The phases.
const (
	AtMail Phase = "mail"
	AtRcpt Phase = "rcpt"
	AtData Phase = "data"
	AtDot  Phase = "dot"
	AtRset Phase = "rset"
	AtQuit Phase = "quit"
)

// Ending is what happens to the connection at a fault.
type Ending string

// The endings.
const (
	KeepOpen    Ending = ""             // answer and go on
	AnswerClose Ending = "answer_close" // answer, then close
	Drop        Ending = "drop"         // close without an answer; at the dot the mail is not accepted
	AcceptDrop  Ending = "accept_drop"  // at the dot: accept the mail, close without an answer
)

// Fault is one thing that goes wrong. Without a Code the answer is the usual
// one; so {At: AtDot, Ending: AnswerClose} is "250 and gone".
type Fault struct {
	At     Phase
	Times  int    // how often it strikes; 0: always
	Code   int    // the answer's code
	Text   string // the answer's text, with its enhanced status
	Ending Ending
	Delay  time.Duration // machine time before the answer
	Tarpit bool          // one Delay before each byte of the answer instead
}

// faultTable holds the scripted faults by whom they meet.
type faultTable struct {
	mu    sync.Mutex
	byKey map[string][]*Fault
}

// Fault scripts a fault for a recipient, for all of a domain ("@firm.example")
// or for everybody ("*"). At MAIL the recipient is not known yet, so the key
// there is the sender. Faults at RSET and QUIT meet by the last recipient.
func (w *World) Fault(key string, faults ...Fault) {
	t := &w.faults
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byKey == nil {
		t.byKey = map[string][]*Fault{}
	}
	key = outreach.AddressKey(key)
	for _, fault := range faults {
		t.byKey[key] = append(t.byKey[key], &fault)
	}
}

// ClearFaults takes back all scripted faults.
func (w *World) ClearFaults() {
	w.faults.mu.Lock()
	defer w.faults.mu.Unlock()
	clear(w.faults.byKey)
}

// take gives the fault that strikes now and counts it.
func (t *faultTable) take(at Phase, address string) Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.byKey) == 0 {
		return Fault{At: at}
	}
	key := outreach.AddressKey(address)
	for _, key := range []string{key, key[max(0, strings.LastIndexByte(key, '@')):], "*"} {
		for _, fault := range t.byKey[key] {
			if fault.At != at || fault.Times < 0 {
				continue
			}
			struck := *fault
			if fault.Times == 1 {
				fault.Times = -1 // spent
			} else if fault.Times > 1 {
				fault.Times--
			}
			return struck
		}
	}
	return Fault{At: at}
}
