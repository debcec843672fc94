// Package inbound is the path of a reply: it takes messages out of our
// mailboxes, ties each to a lead, holds what was planned for that lead until the
// message is understood, and then applies in one transaction what follows from
// it.
//
// A Reader brings mail into the database (headers first; of mail that is none
// of ours only UID, date and sender domain are kept). A Processor understands
// one stored message. What a text means is decided in reply and classify, what
// follows from it in qualify; how rows are locked and moved in postgres.
package inbound
