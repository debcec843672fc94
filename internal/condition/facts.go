package condition

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"drumbeat/internal/outreach"
)

// Facts is what a condition may ask about.
type Facts struct {
	Lead    outreach.Lead
	History outreach.History
}

// environment is Facts under the names of the language.
type environment struct {
	Lead    fields            `expr:"lead"`
	Custom  map[string]string `expr:"custom"`
	Replied bool              `expr:"replied"`

	Number  func(string) float64 `expr:"number"`
	Lower   func(string) string  `expr:"lower"`
	Sent    func(string) bool    `expr:"sent"`
	Done    func(string) bool    `expr:"done"`
	Skipped func(string) bool    `expr:"skipped"`
	Variant func(string) string  `expr:"variant"`
	Got     func(string) bool    `expr:"got"`
}

// fields are those of a lead, all of them texts; a blank one is "".
type fields struct {
	Email       string `expr:"email"`
	FirstName   string `expr:"first_name"`
	LastName    string `expr:"last_name"`
	Company     string `expr:"company"`
	Title       string `expr:"title"`
	Country     string `expr:"country"`
	Region      string `expr:"region"`
	Timezone    string `expr:"timezone"`
	Language    string `expr:"language"`
	LinkedInURL string `expr:"linkedin_url"`
	Phone       string `expr:"phone"`
	Industry    string `expr:"industry"`
	Employees   string `expr:"employees"`
	Source      string `expr:"source"`
	Stage       string `expr:"stage"`
}

// Fields lists the names behind "lead.".
func Fields() []string {
	return append(outreach.LeadFields(), "stage")
}

// roots lists the names that stand alone, functions the ones that are called; the
// value says what the argument of a function names.
var (
	roots     = []string{"lead", "custom", "replied"}
	functions = map[string]argument{
		"number": anyText, "lower": anyText,
		"sent": stepName, "done": stepName, "skipped": stepName, "variant": stepName, "got": labelName,
	}
)

type argument int

const (
	anyText argument = iota
	stepName
	labelName
)

func functionNames() []string {
	var names []string
	for name := range functions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (f Facts) environment() environment {
	l, past := f.Lead, f.History
	return environment{
		Lead: fields{
			Email: l.Email, FirstName: l.FirstName, LastName: l.LastName, Company: l.Company, Title: l.Title, Country: l.Country,
			Region: l.Region, Timezone: l.Timezone, Language: l.Language, LinkedInURL: l.LinkedInURL, Phone: l.Phone,
			Industry: l.Industry, Employees: l.Employees, Source: l.Source, Stage: string(l.Stage),
		},
		Custom:  l.Custom,
		Replied: past.Replied(),
		Number:  number,
		Lower:   strings.ToLower,
		Sent:    func(id string) bool { return past.Steps[outreach.StepID(id)].State == outreach.StepSent },
		Done:    func(id string) bool { return past.Steps[outreach.StepID(id)].State == outreach.StepDone },
		Skipped: func(id string) bool { return past.Steps[outreach.StepID(id)].State == outreach.StepSkipped },
		Variant: func(id string) string { return past.Steps[outreach.StepID(id)].Variant },
		Got:     func(label string) bool { return slices.Contains(past.Labels, outreach.Label(label)) },
	}
}

var (
	digits = regexp.MustCompile(`\d[\d,.' ]*`)
	// dotted has dots between thousands, as German and Spanish lists write them.
	dotted = regexp.MustCompile(`^\d{1,3}(?:\.\d{3})+\.?$`)
)

// number is the first number in a text, 0 when there is none: "51-200" is 51,
// "1,200", "1.200" and "1'200" are 1200, "1.5" is 1.5.
func number(text string) float64 {
	found := strings.NewReplacer(",", "", " ", "", "'", "").Replace(digits.FindString(text))
	if dotted.MatchString(found) {
		found = strings.ReplaceAll(found, ".", "")
	}
	n, err := strconv.ParseFloat(strings.TrimRight(found, "."), 64)
	if err != nil {
		return 0
	}
	return n
}
