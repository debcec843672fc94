// Package qualify decides what follows from a message that was understood: it
// is the decision table of docs/ARCHITECTURE.md as a pure function. It also holds
// the stage machine, the frameworks (BANT and the like) as views over facts, and
// the eight phases as a checklist.
//
// What a text means is told by classify; what a decision changes in the database
// is applied by postgres. An opt-out or a complaint is never loosened: no later
// message and no label moves a lead out of do_not_contact.
package qualify
