package condition_test

import (
	"strconv"
	"strings"
	"testing"

	"drumbeat/internal/condition"
	"drumbeat/internal/outreach"
)

var before = []condition.Step{
	{ID: "intro", Mails: true, Variants: []string{"a", "b"}}, {ID: "linkedin"}, {ID: "bump", Mails: true},
}

var facts = condition.Facts{
	Lead: outreach.Lead{
		Email: "ann@acme.example", FirstName: "Ann", Company: "Acme", Country: "DE", LinkedInURL: "https://in.example/ann",
		Employees: "51-200", Custom: map[string]string{"plan": "Enterprise"}, Stage: outreach.StageConnecting,
	},
	History: outreach.History{
		Steps: map[outreach.StepID]outreach.StepPast{
			"intro": {State: outreach.StepSent, Variant: "b"}, "linkedin": {State: outreach.StepDone}, "bump": {State: outreach.StepSkipped},
		},
		Labels: []outreach.Label{outreach.LabelOutOfOffice},
	},
}

func TestConditionsAskAboutTheLeadAndWhatHappened(t *testing.T) {
	for text, want := range map[string]bool{
		`lead.linkedin_url != ""`:                                    true,
		`lead.phone != ""`:                                           false,
		`lead.country in ["DE", "AT", "CH"]`:                         true,
		`not (lead.country in ["DE"])`:                               false,
		`lead.country not in ["US"]`:                                 true,
		`number(lead.employees) >= 50`:                               true,
		`number(lead.phone) > 0`:                                     false,
		`number("1,200 people") == 1200`:                             true,
		`number("1.200") == 1200 and number("10.001+") == 10001`:     true,
		`number("1'200") == 1200 and number("1.5") == 1.5`:           true,
		`custom.plan == "Enterprise"`:                                true,
		`lower(custom.plan) == "enterprise"`:                         true,
		`custom.nobody == ""`:                                        true,
		`custom["plan"] != ""`:                                       true,
		`lead.title contains "Head" || lead.company startsWith "Ac"`: true,
		`lead.email matches "@acme[.]"`:                              true,
		`sent("intro") and variant("intro") == "b"`:                  true,
		`done("linkedin")`:                                           true,
		`skipped("bump")`:                                            true,
		`skipped("linkedin")`:                                        false,
		`replied`:                                                    false,
		`got("out_of_office") && !replied`:                           true,
		`lead.stage == "connecting"`:                                 true,
		`true`:                                                       true,
	} {
		c, fault := condition.Parse(text, before)
		if fault != nil {
			t.Errorf("%s: %s (%s)", text, fault, fault.Fix)
			continue
		}
		if got, err := c.Holds(facts); err != nil || got != want {
			t.Errorf("%s is %t, error %v", text, got, err)
		}
	}
}

func TestWhatCannotBeAskedSaysWhyAndWhatInstead(t *testing.T) {
	for text, want := range map[string]string{
		`lead.linkedin == ""`:    `5: a lead has no field "linkedin"; columns of your own are custom.linkedin`,
		`lead.frist_name != ""`:  `5: a lead has no field "frist_name"; did you mean lead.first_name?`,
		`first_name != ""`:       `0: unknown name "first_name"; did you mean lead.first_name?`,
		`laed.company != ""`:     `0: unknown name "laed"; did you mean lead?`,
		`repleid`:                `0: unknown name "repleid"; did you mean replied?`,
		`sent("intor")`:          `5: no step "intor" stands before this one; did you mean intro?`,
		`done("intro")`:          `5: "intro" is an email: it is sent, not done; write sent("intro")`,
		`sent("linkedin")`:       `5: "linkedin" is no email: it is done, not sent; write done("linkedin")`,
		`variant("bump") == "a"`: `8: the step "bump" has no variants`,
		`got("prise")`:           `4: no reply has the label "prise"; did you mean price?`,
		`lead.employees > 50`:    `15: a text and a number cannot be compared; texts compare`,
		`lead.phone`:             `0: expected bool, but got string; a condition is a yes or no`,
		`lead.phone = ""`:        `11: "=" does not compare; write == to compare`,
		`lead.phone == `:         `13: the condition ends too early; something is missing at the end`,
		`lead.country == DE`:     `16: unknown name "DE"; a text stands in quotes: "DE"`,
		`lead.country in "DE"`:   `13: in looks into a list; write a list: in ["DE", "AT"]`,
		`lead.country is "DE"`:   `13: "is" does not fit here; texts stand in quotes; compare`,
		`lead.title == "Bürö" and lead.country <> "DE"`: `39: "<>" does not compare; write != for what is not so`,
		`lead.country <> "DE"`:                          `14: "<>" does not compare; write != for what is not so`,
		`lead.country == „DE“`:                          `16: this sign means nothing here; texts stand in straight quotes`,
		`(lead.country == "DE"`:                         `20: the condition ends too early; something is missing`,
		`lead.country == "DE`:                           `19: a quote is never closed; close it with "`,
		`variant("intro") == "c"`:                       `20: the step "intro" has no variant "c"; there is a, b`,
		`"A" != variant("intro")`:                       `0: the step "intro" has no variant "A"; there is a, b`,
		`lead`:                                          `0: "lead" alone says nothing; lead.NAME`,
		`len(lead.email) > 3`:                           `0: len cannot be used in a condition; there are done, got`,
		`any([1], # > 0)`:                               `0: any cannot be used in a condition`,
		`1 in 1..100000000`:                             `6: ".." cannot be used in a condition`,
		`lead.email + "x" == "y"`:                       `11: "+" cannot be used`,
		`let x = 1; x == 1`:                             `4: a condition compares fields; this is more than it can do`,
		`custom.Plan == ""`:                             `7: the columns of a list have small letters; write custom.plan`,
		`lead["email"].x == ""`:                         `14: a condition asks about fields alone`,
		`sent(lead.email)`:                              `10: sent takes a name in quotes`,
		`"a" matches lead.email`:                        `4: matches takes a pattern in quotes`,
		`{"a": 1} == nil`:                               ``,
		`lead.email matches "("`:                        ``,
		strings.Repeat("a", 501):                        `0: a condition has at most 500 characters`,
	} {
		c, fault := condition.Parse(text, before)
		if fault == nil {
			t.Errorf("%s is accepted: %v", text, c)
			continue
		}
		got := strings.TrimSuffix(strings.Join([]string{strconv.Itoa(fault.Offset) + ": " + fault.Message, fault.Fix}, "; "), "; ")
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestAHostileConditionNeitherBreaksNorHangs(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("(", 499), strings.Repeat("!", 480) + "true", strings.Repeat("[", 250) + strings.Repeat("]", 250),
		`lead.email matches "` + strings.Repeat("(a+)+", 90) + `$"`, strings.Repeat("true or ", 62) + "true",
	} {
		if c, fault := condition.Parse(text, nil); fault == nil {
			if _, err := c.Holds(facts); err != nil {
				t.Error(err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`lead.country in ["DE"] and not done("linkedin") or number(custom.x) > 1`)
	f.Fuzz(func(t *testing.T, text string) {
		c, fault := condition.Parse(text, before)
		if fault != nil {
			return
		}
		if _, err := c.Holds(facts); err != nil {
			t.Errorf("%q is accepted and fails: %v", text, err)
		}
		if _, err := c.Holds(condition.Facts{}); err != nil {
			t.Errorf("%q fails for a blank lead: %v", text, err)
		}
	})
}
