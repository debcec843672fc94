// Package casestudy finds the story of a customer that fits a lead best, and says
// why. A case study is a file, case_studies/NAME.yaml beside the sequences.
package casestudy

import (
	"cmp"
	"fmt"
	"slices"

	"drumbeat/internal/icp"
	"drumbeat/internal/outreach"
	"drumbeat/internal/strictyaml"
)

// Dir is where case studies lie, beside the sequences.
const Dir = "case_studies"

// CodeBadDay is the code of a day that no calendar has.
const CodeBadDay = "BAD_DAY"

// Study is one valid file.
type Study struct {
	ID       string
	Title    string
	Customer string // empty: it may not be named
	Result   string // what came of it, in a figure if there is one
	Summary  string
	URL      string
	Fits     icp.Profile  // empty: it fits everybody a little
	Until    outreach.Day // the last day on which it is used; zero: for ever
}

// Schema describes a case study.
func Schema() *strictyaml.Type {
	return strictyaml.Map("The story of a customer, and which leads it speaks to.",
		strictyaml.Required("version", strictyaml.Int("The version of the file format.", 1, 1)),
		strictyaml.Required("id", strictyaml.ID("The case study's stable name, that of its file.", "acme")),
		strictyaml.Required("title", strictyaml.Text("One line: {{ case_study.title }}.")),
		strictyaml.Optional("customer", strictyaml.Text("Who it is about, if they may be named: {{ case_study.customer }}.")),
		strictyaml.Optional("result", strictyaml.Text("What came of it: {{ case_study.result }}.")),
		strictyaml.Optional("summary", strictyaml.Text("Two or three sentences: {{ case_study.summary }}.")),
		strictyaml.Optional("url", strictyaml.Text("Where to read it: {{ case_study.url }}.")),
		strictyaml.Optional("fits", strictyaml.List("What makes it speak to a lead; without any it fits everybody a little.", icp.CriterionSchema())),
		strictyaml.Optional("until", strictyaml.Scalar("The last day on which it is used.", CodeBadDay, "2031-12-31", parseDay)),
	)
}

func parseDay(text string) (outreach.Day, error) {
	day, err := outreach.ParseDay(text)
	if err != nil {
		return outreach.Day{}, fmt.Errorf("%q is not a day of the calendar", text)
	}
	return day, nil
}

// Parse reads one file. The study is nil when a diagnostic is an error.
func Parse(file string, src []byte) (*Study, []strictyaml.Diagnostic) {
	doc := strictyaml.Parse(file, src, Schema())
	if doc.Root == nil {
		return nil, doc.Diagnostics()
	}
	root := doc.Root
	s := &Study{
		ID: root.Get("id").Text(), Title: root.Get("title").Text(), Customer: root.Get("customer").Text(), Result: root.Get("result").Text(),
		Summary: root.Get("summary").Text(), URL: root.Get("url").Text(), Until: strictyaml.Read[outreach.Day](root.Get("until")),
		Fits: icp.Profile{Criteria: icp.ReadCriteria(doc, root.Get("fits"))},
	}
	if strictyaml.HasErrors(doc.Diagnostics()) {
		return nil, doc.Diagnostics()
	}
	return s, doc.Diagnostics()
}

// Match is the study that fits a lead best, and why.
type Match struct {
	Study *Study
	Score icp.Score
}

// String says for people why it was chosen.
func (m Match) String() string {
	if len(m.Score.Findings) == 0 {
		return fmt.Sprintf("Case study %s, which fits everybody.", m.Study.ID)
	}
	return fmt.Sprintf("Case study %s. %s", m.Study.ID, m.Score)
}

// Best finds the study for a lead on a day. A study is taken only when more speaks
// for it than against; one that fits everybody is the last resort. Of equals
// the one for which more is known is taken, then the first by id. False: none fits.
func Best(studies []*Study, lead outreach.Lead, on outreach.Day) (Match, bool) {
	var fitting []Match
	for _, s := range studies {
		if !s.Until.IsZero() && on.Sub(s.Until) > 0 {
			continue
		}
		score := s.Fits.Score(lead)
		if general := len(s.Fits.Criteria) == 0; general || score.Points > 50 {
			fitting = append(fitting, Match{s, score})
		}
	}
	if len(fitting) == 0 {
		return Match{}, false
	}
	return slices.MinFunc(fitting, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score.Points, a.Score.Points), cmp.Compare(len(b.Score.Of(icp.Yes)), len(a.Score.Of(icp.Yes))),
			cmp.Compare(a.Study.ID, b.Study.ID))
	}), true
}
