package icp_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/icp"
	"drumbeat/internal/outreach"
	"drumbeat/internal/strictyaml"
)

const saas = `version: 1
id: eu-saas
name: European SaaS
criteria:
  - {id: branch, weight: 30, field: industry, is: [software, SaaS]}
  - {id: size, weight: 30, field: employees, between: 20-500}
  - {id: role, weight: 25, field: title, contains: [founder, ceo, head of growth, vp]}
  - {weight: 15, field: country, is: [DE, Austria]}
disqualify:
  - {field: custom.customer, is: ["yes"]}
`

func TestALeadIsScoredWithReasons(t *testing.T) {
	profile, diagnostics := icp.Parse("eu-saas.yaml", []byte(saas))
	if len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	for name, test := range map[string]struct {
		lead outreach.Lead
		want string
	}{
		"all fit":         {outreach.Lead{Industry: "saas", Employees: "51-200", Title: "Co-Founder & CEO", Country: "AT"}, "Fit 100 of 100 (yes: branch, size, role, country)."},
		"nothing fits":    {outreach.Lead{Industry: "Mining", Employees: "10,001+", Title: "MVP Engineer", Country: "US"}, "Fit 0 of 100 (no: branch, size, role, country)."},
		"nothing known":   {outreach.Lead{}, "Fit 50 of 100 (unknown: branch, size, role, country)."},
		"a bit of each":   {outreach.Lead{Industry: "software", Employees: "many", Title: "Engineer"}, "Fit 53 of 100 (yes: branch; no: role; unknown: size, country)."},
		"ruled out":       {outreach.Lead{Industry: "software", Custom: map[string]string{"customer": "Yes"}}, "Fit 0 of 100: ruled out by customer."},
		"ranges touch":    {outreach.Lead{Industry: "software", Employees: "500-1000", Title: "VP, Sales", Country: "Germany"}, "Fit 100 of 100 (yes: branch, size, role, country)."},
		"a thousands dot": {outreach.Lead{Industry: "software", Employees: "1.200", Title: "vp", Country: "Germany"}, "Fit 70 of 100 (yes: branch, role, country; no: size)."},
	} {
		if got := profile.Score(test.lead).String(); got != test.want {
			t.Errorf("%s: %s\nwant %s", name, got, test.want)
		}
	}
}

func TestAFaultyProfileSaysWhatIsWrong(t *testing.T) {
	src := `version: 1
id: eu
criteria:
  - {field: industri, is: [software]}
  - {field: title}
  - {field: title, is: [a], contains: [b]}
  - {field: employees, between: 500-20}
  - {field: country, is: []}
disqualify: []
`
	_, diagnostics := icp.Parse("eu.yaml", []byte(src))
	var text strings.Builder
	if err := strictyaml.WriteText(&text, diagnostics, func(string) []byte { return []byte(src) }); err != nil {
		t.Fatal(err)
	}
	want := `eu.yaml:4:13: BAD_FIELD field: "industri" is not a field of a lead; did you mean industry?
    4 |   - {field: industri, is: [software]}
      |             ^ write it like industry or custom.crm
eu.yaml:5:5: CRITERION_TEST a criterion asks exactly one thing; this one asks 0
    5 |   - {field: title}
      |     ^ write is:, contains: or between:
eu.yaml:6:5: CRITERION_TEST a criterion asks exactly one thing; this one asks 2
    6 |   - {field: title, is: [a], contains: [b]}
      |     ^ write is:, contains: or between:
eu.yaml:7:33: BAD_RANGE between: "500-20" begins with the larger number
    7 |   - {field: employees, between: 500-20}
      |                                 ^ write it like 20-500 or 1000+
eu.yaml:8:26: CRITERION_EMPTY no lead can be one of nothing
    8 |   - {field: country, is: []}
      |                          ^ add a value
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, diagnostics := icp.Parse("eu.yaml", []byte("version: 1\nid: eu\ncriteria: []\n")); len(diagnostics) != 1 || diagnostics[0].Code != icp.CodeNoCriteria {
		t.Errorf("a profile that asks nothing: %v", diagnostics)
	}
}
