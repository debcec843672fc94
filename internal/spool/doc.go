// Package spool keeps, in the state directory, what must survive this process
// and cannot wait for the database: that a server took a mail (results), copies
// for Sent folders, and how far the ledger had come (the mark). It writes and
// reads files and decides nothing.
//
// Each file of results belongs to one process, which holds a lock on it as long
// as it lives: a file whose lock is free was left by a dead one, and whoever takes
// the lock replays it.
package spool
