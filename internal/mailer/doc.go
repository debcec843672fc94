// Package mailer builds outgoing mails and hands them to an SMTP server, with
// the commit point of the send ledger between the body and the final dot. It
// is the only package that knows go-mail. It decides what an answer of the
// server means for the one mail (accepted, deferred, refused, not sent,
// uncertain) and leaves to the ledger what to do about it.
package mailer
