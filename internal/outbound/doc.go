// Package outbound enrols leads, plans and sends: it rings for mailboxes that
// have due work, and for each mailbox claims the sends of the next moments,
// renders them, brings each through the SMTP dialogue and over the commit
// point, and records what came of it. What may go now is decided by pure
// functions (package policy); the rows are the ledger's (package postgres).
package outbound
