package leadfile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"drumbeat/internal/address"
	"drumbeat/internal/outreach"
)

// Longest values, in characters. Custom fields may hold a paragraph.
const (
	maxKnown  = 500
	maxCustom = 10_000
)

// lead makes a lead of a row's cells.
func (r *Reader) lead(cells []string) (outreach.Lead, *Refusal) {
	lead := outreach.Lead{Custom: make(map[string]string)}
	for i, cell := range cells {
		value := unguard(clean(cell))
		if value == "" || i < len(r.columns) && r.columns[i].ignored {
			continue
		}
		if i >= len(r.columns) || r.columns[i].name == "" {
			return lead, &Refusal{TooManyColumns, fmt.Sprintf("column %d is filled, the header row does not name it", i+1)}
		}
		if refusal := checkValue(r.columns[i], value); refusal != nil {
			return lead, refusal
		}
		set(&lead, r.columns[i], value)
	}
	return lead, r.checkLead(&lead)
}

func set(lead *outreach.Lead, c column, value string) {
	switch {
	case c.custom:
		lead.Custom[c.name] = value
	case c.name == "email":
		lead.Email = value
	default:
		*fieldOf(lead, c.name) = value
	}
}

// checkLead holds what must be right across columns, and folds what has one
// right spelling.
func (r *Reader) checkLead(lead *outreach.Lead) *Refusal {
	if lead.Email == "" {
		return &Refusal{Reason: NoEmail}
	}
	if err := address.Check(lead.Email); err != nil {
		return &Refusal{BadAddress, sentence(err)}
	}
	if lead.Timezone != "" && !r.validZone(lead.Timezone) {
		return &Refusal{BadTimezone, fmt.Sprintf("%.60q is not an IANA zone such as Europe/Berlin", lead.Timezone)}
	}
	if len(lead.Country) == 2 {
		lead.Country = strings.ToUpper(lead.Country)
	}
	lead.Language = strings.ToLower(lead.Language)
	return nil
}

func checkValue(c column, value string) *Refusal {
	limit := maxKnown
	if c.custom {
		limit = maxCustom
	}
	if utf8.RuneCountInString(value) > limit {
		return &Refusal{TooLong, fmt.Sprintf("%s is longer than %d characters", c.name, limit)}
	}
	for _, char := range value {
		if unicode.IsControl(char) || char == utf8.RuneError {
			return &Refusal{ControlCharacter, fmt.Sprintf("%s holds the character %U", c.name, char)}
		}
	}
	return nil
}

// clean trims a value and makes every run of white space, line ends too, one
// space: no value can break a header line.
func clean(cell string) string {
	if plain(cell) {
		return cell
	}
	return strings.Join(strings.FieldsFunc(cell, unicode.IsSpace), " ")
}

// plain tells that there is nothing to clean: the usual case, without a copy.
func plain(cell string) bool {
	space := true // as before the first character
	for _, char := range cell {
		switch {
		case !unicode.IsSpace(char):
			space = false
		case space || char != ' ':
			return false
		default:
			space = true
		}
	}
	return cell == "" || !space
}

// sentence is what a person needs of an address error.
func sentence(err error) string {
	_, text, _ := strings.Cut(err.Error(), "address: ")
	return text
}
