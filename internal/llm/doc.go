// Package llm asks a language model behind an OpenAI-compatible endpoint what a
// reply means. It knows the protocol and trusts nothing that comes back: an
// answer that does not fit the schema, names a label that the kind of the message
// cannot have, or quotes words that the reply does not hold is an error. When it
// is asked, and what its answer may change, is decided in package inbound.
//
// What leads wrote leaves the machine here and nowhere else. It is never logged,
// and no error repeats a word of it or of the answer.
package llm
