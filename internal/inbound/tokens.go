package inbound

// Tokens finds our tokens in a text: those with a good signature, forged ones
// not.
type Tokens interface {
	Find(text string) []string
}
