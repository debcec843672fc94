// Package classify understands the words of a reply: which of the eleven
// labels it carries and how sure that is, which words decided it, the days,
// the person and the vendor it names, and its language. It is pure: the text
// and the moment of arrival come in, a Result goes out. Telling automatic mail
// from human mail by structure, and the new text from quotes, is the business
// of package reply; what to do about a label is decided in package qualify.
//
// Three layers decide, in this order: rules of high precision (opt-outs, legal
// threats, answers of one word read with the question they answer), a linear
// model over words, characters and concepts, and the kind of the message,
// which bars human labels from automatic mail. docs/LABELS.md fixes what the
// labels mean.
package classify
