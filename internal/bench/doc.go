// Package bench measures Drumbeat and tries to break its promises. It starts
// servers of its own, runs the real binary as worker processes against an SMTP
// server on this machine, and compares what the ledger says with what that
// server accepted. Whatever it is told, it never connects to another machine.
package bench
