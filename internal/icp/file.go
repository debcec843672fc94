package icp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"drumbeat/internal/outreach"
	"drumbeat/internal/strictyaml"
)

// Dir is where profiles lie, beside the sequences.
const Dir = "icp"

// The codes of faults in a profile, beside those of package strictyaml.
const (
	CodeBadField    = "BAD_FIELD"
	CodeBadSpan     = "BAD_RANGE"
	CodeOneTest     = "CRITERION_TEST"
	CodeNoCriteria  = "NO_CRITERIA"
	CodeEmptyValues = "CRITERION_EMPTY"
)

// Schema describes a profile.
func Schema() *strictyaml.Type {
	return strictyaml.Map("An ideal client profile: which leads fit, and how well.",
		strictyaml.Required("version", strictyaml.Int("The version of the file format.", 1, 1)),
		strictyaml.Required("id", strictyaml.ID("The profile's stable name, that of its file.", "eu-saas")),
		strictyaml.Optional("name", strictyaml.Text("The name that people read.")),
		strictyaml.Required("criteria", strictyaml.List("What speaks for a lead.", CriterionSchema())),
		strictyaml.Optional("disqualify", strictyaml.List("What rules a lead out, whatever else fits.", CriterionSchema())),
	)
}

// CriterionSchema describes one question about a lead.
func CriterionSchema() *strictyaml.Type {
	return strictyaml.Map("One question about a lead.",
		strictyaml.Optional("id", strictyaml.ID("What reasons call it; by default the field.", "size")),
		strictyaml.Required("field", strictyaml.Scalar("A field of the lead, or custom.NAME.", CodeBadField, "industry or custom.crm", parseField)),
		strictyaml.Optional("weight", strictyaml.Int("What it weighs in relation to the others; by default 1.", 1, 1000)),
		strictyaml.Optional("is", strictyaml.List("The field is one of these.", strictyaml.Text("A value."))),
		strictyaml.Optional("contains", strictyaml.List("The field holds one of these as whole words.", strictyaml.Text("A word, or several."))),
		strictyaml.Optional("between", strictyaml.Scalar("The field is a number, or a range, within.", CodeBadSpan, "20-500 or 1000+", parseSpan)),
	)
}

var custom = regexp.MustCompile(`^custom\.[a-z0-9_]{1,64}$`)

func parseField(text string) (string, error) {
	fields := outreach.LeadFields()
	if slices.Contains(fields, text) || custom.MatchString(text) {
		return text, nil
	}
	if near := strictyaml.Nearest(text, fields); near != "" {
		return "", fmt.Errorf("%q is not a field of a lead; did you mean %s?", text, near)
	}
	return "", fmt.Errorf("%q is not a field of a lead; columns of your own are custom.%s", text, strings.ToLower(text))
}

// Parse reads one file. The profile is nil when a diagnostic is an error.
func Parse(file string, src []byte) (*Profile, []strictyaml.Diagnostic) {
	doc := strictyaml.Parse(file, src, Schema())
	if doc.Root == nil {
		return nil, doc.Diagnostics()
	}
	p := &Profile{
		ID: doc.Root.Get("id").Text(), Name: doc.Root.Get("name").TextOr(doc.Root.Get("id").Text()),
		Criteria: ReadCriteria(doc, doc.Root.Get("criteria")), Disqualify: ReadCriteria(doc, doc.Root.Get("disqualify")),
	}
	if list := doc.Root.Get("criteria"); list.Present() && len(list.Items()) == 0 {
		doc.Report(list, CodeNoCriteria, "add one: - {field: industry, is: [software]}", "the profile asks nothing")
	}
	if strictyaml.HasErrors(doc.Diagnostics()) {
		return nil, doc.Diagnostics()
	}
	return p, doc.Diagnostics()
}

// ReadCriteria reads a list of CriterionSchema.
func ReadCriteria(doc *strictyaml.Document, list *strictyaml.Value) []Criterion {
	var criteria []Criterion
	for _, v := range list.Items() {
		c := Criterion{
			ID: v.Get("id").TextOr(strings.TrimPrefix(v.Get("field").Text(), "custom.")), Field: v.Get("field").Text(), Weight: v.Get("weight").IntOr(1),
			test: test{is: v.Get("is").Texts(), contains: v.Get("contains").Texts()},
		}
		if between := v.Get("between"); between.Present() {
			limits := strictyaml.Read[span](between)
			c.test.between = &limits
		}
		tests := 0
		for _, key := range []string{"is", "contains", "between"} {
			if v.Key(key) == nil {
				continue
			}
			tests++
			if key != "between" && v.Get(key).Present() && len(v.Get(key).Items()) == 0 {
				doc.Report(v.Get(key), CodeEmptyValues, "add a value", "no lead can be one of nothing")
			}
		}
		if tests != 1 {
			doc.Report(v, CodeOneTest, "write is:, contains: or between:", "a criterion asks exactly one thing; this one asks %d", tests)
		}
		criteria = append(criteria, c)
	}
	return criteria
}
