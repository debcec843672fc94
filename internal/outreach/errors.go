package outreach

import "errors"

// Sentinels that callers branch on.
var (
	ErrNotFound  = errors.New("not found")
	ErrLeaseLost = errors.New("lease lost") // another process holds the mailbox; stop at once
	ErrInvalid   = errors.New("invalid input")
)

// Problem is an error with a code and a sentence for people: what is wrong and
// what to do about it.
type Problem struct {
	Code   string // stable, upper case: NO_POSTGRES
	Detail string // what is wrong
	Fix    string // the way out; may hold several lines
	Err    error  // the cause; may be nil
}

// Error is the sentence without the fix, so that wrapping reads well.
func (p *Problem) Error() string {
	if p.Err != nil && p.Err != ErrInvalid { // which says no more than the detail
		return p.Detail + ": " + p.Err.Error()
	}
	return p.Detail
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Err }
