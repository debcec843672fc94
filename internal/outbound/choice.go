package outbound

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/casestudy"
	"drumbeat/internal/icp"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

// mailKey names one way to write a step's mail.
type mailKey struct {
	step    outreach.StepID
	variant string // empty: the step has no variants
}

// choice is what was chosen for a lead among the ways to write a mail.
type choice struct {
	variant string
	study   *casestudy.Study // nil: none fits, or none is asked for
	why     string           // of the study, for people
}

// choose draws the variant and finds the case study of a step's mail.
func (s *script) choose(step sequence.Step, lead outreach.Lead, now time.Time) choice {
	var c choice
	if variant, ok := step.Email.Variant(s.lot(lead, step.ID)); ok {
		c.variant = variant.ID
	}
	if step.Email.CaseStudy != sequence.CaseStudyMatch {
		return c
	}
	match, ok := casestudy.Best(s.studies, lead, outreach.DayOf(now))
	if !ok {
		c.why = "No case study fits."
		return c
	}
	c.study, c.why = match.Study, match.String()
	return c
}

// vars are the fields of the step's mail to a lead.
func (s *script) vars(c choice, step outreach.StepID, lead outreach.Lead, from SenderIdentity) render.Vars {
	vars := render.LeadVars(lead, from.Rep, from.Sender).WithLot(s.lot(lead, step))
	if c.study == nil {
		return vars
	}
	return vars.WithCaseStudy(render.CaseStudyFields{
		Title: c.study.Title, Customer: c.study.Customer, Result: c.study.Result, Summary: c.study.Summary, URL: c.study.URL,
	})
}

// readBeside reads what a revision brings along beside its templates.
func (s *script) readBeside(files map[string]string) error {
	for name, source := range files {
		var diagnostics []strictyaml.Diagnostic
		switch dir := path.Dir(name); {
		case !isYAML(name):
			continue
		case dir == icp.Dir:
			s.profile, diagnostics = icp.Parse(name, []byte(source))
		case dir == casestudy.Dir:
			var study *casestudy.Study
			if study, diagnostics = casestudy.Parse(name, []byte(source)); study != nil {
				s.studies = append(s.studies, study)
			}
		}
		if strictyaml.HasErrors(diagnostics) {
			return fmt.Errorf("%w: %s: %s", outreach.ErrInvalid, name, diagnostics[0].Message)
		}
	}
	slices.SortFunc(s.studies, func(a, b *casestudy.Study) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

func isYAML(name string) bool { return path.Ext(name) == ".yaml" || path.Ext(name) == ".yml" }
