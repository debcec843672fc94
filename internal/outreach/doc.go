// Package outreach is the vocabulary of Drumbeat: leads, sequences, enrolments,
// sends, replies and what is known about them. It holds types, states, reasons
// and invariants, and imports the standard library alone: no clock, no network,
// no SQL. Every other package speaks in its words.
package outreach
