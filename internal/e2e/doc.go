// Package e2e holds the tests that run Drumbeat as a whole: the real engine with
// a real Postgres and a real Redis against the mail world or a real Dovecot. What
// they assert they read from the outside, from the log of the mail world, the
// rows and the pages, and reckon it by hand instead of asking the code under test.
package e2e
