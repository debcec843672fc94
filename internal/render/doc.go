// Package render turns a template and a lead into what a reader sees: a
// subject, a text part and an HTML part. It is pure and decides nothing about
// time or transport.
//
// A lead's data never reaches the Markdown parser. Liquid runs first, and every
// value it puts out is replaced by one private-use character; goldmark parses
// that skeleton; the values are set in last, escaped for the place where they
// stand. So the tree for a lead is by construction the tree for placeholders,
// and no company name can become a heading, a link or HTML. A value that is
// missing or blank is an error of type *NeedsDataError, never a hole in a mail.
package render
