// Package simulate shows what a sequence would do: it runs the engine's own
// decisions (outbound.Decider, policy, schedule, qualify) over leads, enrolments
// and mailboxes that live in memory, on sales time that jumps from event to
// event. Nothing is sent and no server is asked.
//
// What the engine leaves to SQL (which due steps are looked at first, the caps,
// the waits of a mailbox) is done here by hand in claim.go, a function for each
// statement of internal/postgres; a test in internal/e2e holds the two together:
// the same leads, steps, mailboxes and moments.
//
// Leads answer as a Profile says. Who answers what, to which mail and when hangs
// on the lead's address and the seed alone.
package simulate
