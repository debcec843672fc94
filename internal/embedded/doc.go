// Package embedded runs Postgres and Redis as children of this process, from the
// machine's own binaries, so that Drumbeat works without any setup. It decides
// where the binaries and the state are, who runs the servers, and what happens
// to a server that an earlier process left behind; it speaks no SQL. Every error
// is an *outreach.Problem that names the way out.
//
// Processes that use the same state directory share one server: the first
// starts it, the others join, the last one that leaves stops it. Where Redis has
// no binary, an in-process stand-in without persistence takes its place; Postgres,
// which holds the truth, has no stand-in.
//
// The package is for Unix systems.
package embedded
