package casestudy_test

import (
	"testing"
	"time"

	"drumbeat/internal/casestudy"
	"drumbeat/internal/outreach"
)

func study(t *testing.T, src string) *casestudy.Study {
	t.Helper()
	s, diagnostics := casestudy.Parse("s.yaml", []byte("version: 1\ntitle: A story\n"+src))
	if len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	return s
}

func TestTheStudyForWhichMostSpeaksIsTaken(t *testing.T) {
	studies := []*casestudy.Study{
		study(t, "id: general\n"),
		study(t, "id: acme\nfits: [{field: industry, is: [software]}]\n"),
		study(t, "id: globex\nfits: [{field: industry, is: [software]}, {field: country, is: [US]}]\n"),
		study(t, "id: old\nuntil: 2031-03-03\nfits: [{field: company, is: [Old]}]\n"),
	}
	for name, test := range map[string]struct {
		lead outreach.Lead
		day  outreach.Day
		want string
	}{
		"all of one":              {outreach.Lead{Industry: "Software", Country: "US"}, outreach.NewDay(2031, time.March, 3), "Case study globex. Fit 100 of 100 (yes: industry, country)."},
		"one contradicts":         {outreach.Lead{Industry: "Software", Country: "DE"}, outreach.NewDay(2031, time.March, 3), "Case study acme. Fit 100 of 100 (yes: industry)."},
		"nothing speaks for any":  {outreach.Lead{Industry: "Mining"}, outreach.NewDay(2031, time.March, 3), "Case study general, which fits everybody."},
		"nothing is known":        {outreach.Lead{}, outreach.NewDay(2031, time.March, 3), "Case study general, which fits everybody."},
		"on its last day":         {outreach.Lead{Company: "Old"}, outreach.NewDay(2031, time.March, 3), "Case study old. Fit 100 of 100 (yes: company)."},
		"on the day after":        {outreach.Lead{Company: "Old"}, outreach.NewDay(2031, time.March, 4), "Case study general, which fits everybody."},
		"one yes and one unknown": {outreach.Lead{Country: "US"}, outreach.NewDay(2031, time.March, 4), "Case study globex. Fit 75 of 100 (yes: country; unknown: industry)."},
	} {
		if got, ok := casestudy.Best(studies, test.lead, test.day); !ok || got.String() != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
	if got, ok := casestudy.Best(studies[1:2], outreach.Lead{Industry: "Mining"}, outreach.Day{}); ok {
		t.Errorf("what fits nobody is taken: %v", got)
	}
}
