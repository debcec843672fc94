// Package reconcile finds out what became of mails that are in doubt, and keeps
// the ledger from going on when it has forgotten mails. Evidence comes from the
// spool of dead processes and from Sent folders; what a reply or a report shows is
// package inbound's to tell. What happens to a doubt that no evidence ends is the
// sequence's policy, which package outbound asks at the next claim.
package reconcile
