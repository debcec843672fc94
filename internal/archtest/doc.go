// Package archtest holds Drumbeat's layout as a test: which package may import
// which, who may talk to a database, a queue or a mail server, who may read the
// time, and how large files and functions grow. It parses the sources and runs
// nothing. A new package must be given its place in layers.go.
package archtest
