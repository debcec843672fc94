// Package mailworld is the outside world in one process: an SMTP server that
// keeps an append-only log of what it accepted, an IMAP server with the reps'
// mailboxes, and leads who react to mails as a script says. The demo, the
// tests and the bench send into it; its log is the oracle that tells whether a
// mail went twice or never.
//
// All dates inside the world are sales time. The world moves only when Advance
// is called, so whoever steps the clock decides when a lead answers.
//
// The SMTP dialogue is written here instead of taken from a server library:
// the faults that matter (an answer to DATA, RSET or QUIT, a connection cut
// between the dot and its answer) and the round trips that the bench counts
// happen exactly where such libraries answer by themselves.
package mailworld
