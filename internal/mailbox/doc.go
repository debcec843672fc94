// Package mailbox reads a rep's mailbox over IMAP (RFC 3501) without leaving a
// trace: folders are opened with EXAMINE and bodies fetched with PEEK, so that
// no mail turns read because Drumbeat looked at it. It is the only package that
// knows the IMAP client. Which mails matter, and what they say, it leaves to
// others.
package mailbox
