// Package reply understands the structure of an inbound mail: what kind of
// message it is (complaint, bounce, automatic, human), which recipients a
// bounce names and why they failed, which Message-IDs it points back to, and
// which words its sender wrote newly. It is pure: bytes and a moment come in, a
// Message goes out; it fetches, stores and decides nothing.
//
// The mail is hostile until shown otherwise. Limits are applied before the MIME
// parser sees a byte, every scan is linear, and every string of a Message is
// valid UTF-8 without NUL, so that a database accepts it. What the words mean
// is the business of package classify.
package reply
