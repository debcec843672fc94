package mailbox

import "github.com/emersion/go-imap/v2"

// ForgetIdle makes a session believe that its server has no IDLE.
func ForgetIdle(s *Session) { s.caps = imap.CapSet{} }
