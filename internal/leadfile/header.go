package leadfile

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"drumbeat/internal/outreach"
)

// column is where the cells of a column go.
type column struct {
	name    string // normalised; empty: the column has no name and must be blank
	custom  bool
	ignored bool // one of those that we write ourselves
}

// header reads the names of the columns.
func header(cells []string) ([]column, error) {
	columns, seen := make([]column, len(cells)), make(map[string]bool)
	for i, cell := range cells {
		name := columnName(cell)
		if name == "" {
			continue
		}
		if seen[name] {
			return nil, problem("DUPLICATE_COLUMN", fmt.Sprintf("two columns are named %q", name),
				"Rename or remove one of them.")
		}
		seen[name] = true
		columns[i] = column{name: name, custom: !known(name), ignored: slices.Contains(ours(), name)}
	}
	if !seen["email"] {
		return nil, problem("NO_EMAIL_COLUMN", fmt.Sprintf("no column is named email; the header row says %s", quoteAll(cells)),
			"The first row must name the columns, one of them email.")
	}
	return columns, nil
}

// columnName folds a header cell to the form that templates use: lower case,
// letters and digits, words joined by an underscore. Templates and conditions know the
// letters a to z alone, so "Größe" is grosse.
func columnName(cell string) string {
	words := strings.FieldsFunc(plainLetters.Replace(withoutMarks(strings.ToLower(cell))), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	name := strings.Join(words, "_")
	if same, ok := spellings[name]; ok {
		return same
	}
	return name
}

// plainLetters are those that have no mark to take off.
var plainLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

// withoutMarks takes accents and the like off letters.
func withoutMarks(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
}

// spellings of known columns that differ by more than case and punctuation.
var spellings = map[string]string{
	"e_mail": "email", "email_address": "email", "firstname": "first_name", "lastname": "last_name",
	"time_zone": "timezone", "linkedin": "linkedin_url", "job_title": "title",
}

// ours are the columns that rejects and exports have beside those of the lead.
func ours() []string { return []string{rejectedLine, rejectedReason, StageColumn, StoppedColumn} }

func known(name string) bool {
	return name == "email" || fieldOf(&outreach.Lead{}, name) != nil
}

// fieldOf is the field of a lead that a known column fills, nil for others.
func fieldOf(lead *outreach.Lead, name string) *string {
	switch name {
	case "first_name":
		return &lead.FirstName
	case "last_name":
		return &lead.LastName
	case "company":
		return &lead.Company
	case "title":
		return &lead.Title
	case "country":
		return &lead.Country
	case "region":
		return &lead.Region
	case "timezone":
		return &lead.Timezone
	case "language":
		return &lead.Language
	case "linkedin_url":
		return &lead.LinkedInURL
	case "phone":
		return &lead.Phone
	case "industry":
		return &lead.Industry
	case "employees":
		return &lead.Employees
	case "source":
		return &lead.Source
	}
	return nil
}

// delimiter guesses from the header row: the one that stands there most often.
func delimiter(line string) byte {
	best, most := byte(','), strings.Count(line, ",")
	for _, c := range []byte{';', '\t'} {
		if n := strings.Count(line, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func quoteAll(cells []string) string {
	const shown = 8
	var b strings.Builder
	for i, cell := range cells {
		if i == shown {
			return b.String() + " ..."
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%.40q", cell)
	}
	return b.String()
}

func problem(code, detail, fix string) error {
	return &outreach.Problem{Code: code, Detail: detail, Fix: fix, Err: outreach.ErrInvalid}
}
