package leadfile

// Reason says in one stable word why a row is no lead.
type Reason string

// The reasons; the last two are told by the database.
const (
	NoEmail          Reason = "no_email"
	BadAddress       Reason = "bad_address"
	BadTimezone      Reason = "bad_timezone"
	TooManyColumns   Reason = "too_many_columns"
	OpenQuote        Reason = "quote_never_closed"
	TooLong          Reason = "too_long"
	ControlCharacter Reason = "control_character"
	NotUTF8          Reason = "not_utf8"
	DuplicateInFile  Reason = "duplicate_in_file"
	Suppressed       Reason = "suppressed"
)

// Refusal is a reason with a sentence for the person who keeps the file.
type Refusal struct {
	Reason Reason
	Detail string
}

// String is what stands in the rejects file.
func (r Refusal) String() string {
	if r.Detail == "" {
		return string(r.Reason)
	}
	return string(r.Reason) + ": " + r.Detail
}
