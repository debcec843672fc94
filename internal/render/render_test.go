package render_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
)

func ada() outreach.Lead {
	return outreach.Lead{
		Email: "ada@engines.example", FirstName: "Ada", LastName: "Lovelace", Company: "Analytical *Engines* & <Co>",
		Title: "CTO", Country: "GB", Language: "en", Employees: "120", Industry: "software",
		Custom: map[string]string{"trigger": "your  second\nengine", "link": "https://engines.example/a?b=1&c=2", "empty": " \u200b "},
	}
}

func vars(lead outreach.Lead) render.Vars {
	return render.LeadVars(lead, render.Rep{Name: "Dana Reyes", Email: "dana@ours.example"},
		render.Sender{Name: "Dana Reyes", Email: "dana@ours.example", Company: "Ours GmbH", PostalAddress: "1 Example St, 10115 Berlin"})
}

func mustParse(t testing.TB, src string) *render.Template {
	t.Helper()
	template, errs := render.ParseTemplate("mail.md", []byte(src))
	if len(errs) > 0 {
		t.Fatalf("ParseTemplate: %v", errs)
	}
	return template
}

func TestBothPartsSayTheSameAndALeadsDataStaysText(t *testing.T) {
	template := mustParse(t, `---
subject: "{{ company }} and churn"
require: [first_name, custom.trigger]
---
Hi {{ first_name | default: 'there' }},

I saw {{ custom.trigger }} at **{{ company }}**. Two things
on one line:

- first \* of all
- [our page](https://ours.example/{{ custom.trigger }})

{% if employees > 50 %}Big team.{% else %}Small team.{% endif %} [Yours]({{ custom.link }})

Best,\
{{ rep.first_name }}
`)
	got, err := template.Render(vars(ada()))
	if err != nil {
		t.Fatal(err)
	}
	want := outreach.Content{
		Subject: "Analytical *Engines* & <Co> and churn",
		Text: `Hi Ada,

I saw your second engine at Analytical *Engines* & <Co>. Two things on one line:

- first * of all
- our page: https://ours.example/your%20second%20engine

Big team. Yours: https://engines.example/a?b=1&c=2

Best,
Dana
`,
		HTML: `<!DOCTYPE html>
<html><head><meta charset="utf-8"></head><body>
<p>Hi Ada,</p>
<p>I saw your second engine at <strong>Analytical *Engines* &amp; &lt;Co&gt;</strong>. Two things on one line:</p>
<ul>
<li>first * of all</li>
<li><a href="https://ours.example/your%20second%20engine">our page</a></li>
</ul>
<p>Big team. <a href="https://engines.example/a?b=1&amp;c=2">Yours</a></p>
<p>Best,<br>
Dana</p>
</body></html>
`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Render (-want +got):\n%s", diff)
	}
}

func TestALeadWithAHoleNeedsData(t *testing.T) {
	tests := []struct{ name, src, field, why string }{
		{"a blank field", "Hi {{ title }},\nfrom {{ last_name }}", "last_name", "is blank"},
		{"a custom column that the list does not have", "{{ custom.nope }}", "custom.nope", "is blank"},
		{"a column of invisible characters", "{{ custom.empty }}", "custom.empty", "is blank"},
		{"a default that is blank itself", "{{ last_name | default: ' ' }}", "last_name", "is blank"},
		{"a blank made by a filter", "{{ title | remove: 'CTO' }}", "title", "is blank"},
		{"the field that is blank, not the other", "{{ last_name | default: region | remove: title }}", "last_name", "is blank"},
		{"a required field", "---\nrequire: [last_name]\n---\nHi", "last_name", "is required and blank"},
		{"a blank that a filter would hide", "Hi {{ last_name | append: '!' }}", "last_name", "is blank"},
		{"a blank argument", "{{ title | append: last_name }}", "", `filter "append": a filter's argument is blank`},
		{"a placeholder in the data", "{{ company }}", "company", `holds "{{", an unfilled placeholder`},
		{"an address that is none", "[x]({{ industry }})", "industry", "is not a link"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lead := ada()
			lead.LastName, lead.Company, lead.Industry = "", "{{ company }}", "javascript:alert(1)"
			_, err := mustParse(t, test.src).Render(vars(lead))
			var needs *render.NeedsDataError
			if !errors.As(err, &needs) {
				t.Fatalf("Render: %v, want a NeedsDataError", err)
			}
			if needs.Field != test.field || needs.Why != test.why {
				t.Errorf("field %q why %q, want %q %q", needs.Field, needs.Why, test.field, test.why)
			}
		})
	}
}

func TestANeedsDataErrorNamesTheLineOfTheFile(t *testing.T) {
	_, err := mustParse(t, "---\nsubject: x\n---\nHi\n\n{% comment %}\nnot\n{% endcomment %}{{ region }}").Render(vars(ada()))
	if got, want := err.Error(), "mail.md:8: region is blank"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func TestConditionsSeeTheValueAsItIs(t *testing.T) {
	tests := map[string]string{
		`{% if company == "Analytical *Engines* & <Co>" %}yes{% endif %}`:     "yes",
		`{% if last_name == "" %}x{% else %}named{% endif %}`:                 "named",
		`{% if region == "" %}none{% endif %}`:                                "none",
		`{% if region == blank %}none{% endif %}`:                             "none",
		`{% if region %}some{% else %}none{% endif %}`:                        "none",
		`{% unless custom.empty %}none{% endunless %}`:                        "none",
		`{% if title contains "CT" and country == 'GB' %}yes{% endif %}`:      "yes",
		`{% case country %}{% when 'DE', 'GB' %}yes{% else %}no{% endcase %}`: "yes",
		`{% assign who = region | default: 'the team' %}{{ who }}`:            "the team",
		`{{ company | split: ' ' | first | upcase }}`:                         "ANALYTICAL",
		`{% raw %}{{ x }}{% endraw %}`:                                        "{{ x }}",
		"a {%- if title %} b {%- endif -%} c":                                 "a bc",
		`{{ title | replace: 'T', '' }}{{ title | truncate: 2, '' }}`:         "COCT",
		`{{ employees }} people`:                                              "120 people",
	}
	for src, want := range tests {
		t.Run(src, func(t *testing.T) {
			got, err := mustParse(t, src).Render(vars(ada()))
			if err != nil {
				t.Fatal(err)
			}
			if got.Text != want+"\n" {
				t.Errorf("text %q, want %q", got.Text, want)
			}
		})
	}
}

func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	tests := map[string]string{
		"Hi {{ first_nam }}":                    `mail.md:1:7: UNKNOWN_FIELD unknown field "first_nam" (did you mean "first_name"?)`,
		"Hi {{ lead.company }}":                 `mail.md:1:7: UNKNOWN_FIELD unknown field "lead.company" (did you mean "company"?)`,
		"Hi {{ zodiac }}":                       `mail.md:1:7: UNKNOWN_FIELD unknown field "zodiac" (further columns of the lead file are custom.zodiac)`,
		"Hi\n{{ title | upcas }}":               `mail.md:2:12: UNKNOWN_FILTER unknown filter "upcas" (did you mean "upcase"?)`,
		"a {{ title":                            `mail.md:1:3: TEMPLATE_TAG "{{" is never closed (close it with "}}")`,
		"a {{ title {{ title }}":                `mail.md:1:3: TEMPLATE_TAG "{{" is never closed (close it with "}}")`,
		"a }} b":                                `mail.md:1:3: TEMPLATE_TAG "}}" closes nothing (remove it)`,
		"{% for x in company %}a":               `mail.md:1:4: TEMPLATE_TAG tag "for" is not available (there are if, unless, case, assign, comment and raw)`,
		"{% include '/etc/passwd' %}":           `mail.md:1:4: TEMPLATE_TAG tag "include" is not available (there are if, unless, case, assign, comment and raw)`,
		"{% if title %}x":                       `mail.md:1:1: TEMPLATE_TAG a block "if" is never closed (close it with {% endif %})`,
		"{% if title = 'x' %}y{% endif %}":      `mail.md:1:13: TEMPLATE_EXPRESSION "=" is not understood here (write == to compare)`,
		"{% if title %}a{% elif %}b{% endif %}": `mail.md:1:19: TEMPLATE_TAG tag "elif" is not available (did you mean "elsif"?)`,
		"a {% endif %}":                         `mail.md:1:1: TEMPLATE_TAG "endif" closes nothing (open it with {% if ... %}, or remove it)`,
		"{{ (1..9) }}":                          `mail.md:1:6: TEMPLATE_EXPRESSION "." is not understood here`,
		"{{ custom['x'] }}":                     `mail.md:1:10: TEMPLATE_EXPRESSION "[" is not understood here`,
		"{{ 'now' | date: '%Y' }}":              `mail.md:1:12: UNKNOWN_FILTER unknown filter "date"`,
		"{{ title == 'x' }}":                    `mail.md:1:4: TEMPLATE_EXPRESSION a comparison puts out nothing a reader wants (use {% if %})`,
		"ok\n\n<b>x</b>":                        `mail.md:3:1: TEMPLATE_MARKUP HTML is not allowed (write Markdown; a literal < is \<)`,
		"ok\n\n![x](https://a.example/p.png)":   `mail.md:3:1: TEMPLATE_MARKUP images are not allowed (link to it instead)`,
		"ok\n\n    x":                           `mail.md:3:1: TEMPLATE_MARKUP code blocks are not allowed (a paragraph must not be indented by four spaces)`,
		"[x](javascript:alert)":                 `mail.md:1:1: TEMPLATE_LINK the link leads nowhere: javascript:alert (https://..., mailto:... or tel:...)`,
		"{{ title | append }}":                  `mail.md:1:12: TEMPLATE_EXPRESSION filter "append" wants 1 behind its colon, not 0`,
		"{{ title | truncate: 1, 2, 3 }}":       `mail.md:1:12: TEMPLATE_EXPRESSION filter "truncate" takes 0 to 2 arguments, not 3`,
		"---\nsubjct: x\n---\na":                `mail.md:2:1: TEMPLATE_FRONT_MATTER unknown key "subjct" (did you mean "subject"?)`,
		"---\nsubject: a {{ titel }}\n---\na":   `mail.md:2:15: UNKNOWN_FIELD unknown field "titel" (did you mean "title"?)`,
		"---\nsubject: {{ title }}\n---\na":     `mail.md:2:10: TEMPLATE_FRONT_MATTER the subject must be one line of text (put quotes around braces: subject: "{{ company }} and ...")`,
		"---\nformat: pdf\n---\na":              `mail.md:2:9: TEMPLATE_FRONT_MATTER format "pdf" is unknown (html or text)`,
		"---\nsubject: x\na":                    `mail.md:1:1: TEMPLATE_FRONT_MATTER front matter is never closed (end it with a line of three dashes)`,
		" \n":                                   `mail.md:1:1: TEMPLATE_EMPTY the template has no text`,
		"a\xff":                                 `mail.md:1:1: TEMPLATE_ENCODING the file is not UTF-8 (save it as UTF-8)`,
		"a\n\ue000":                             `mail.md:2:1: TEMPLATE_ENCODING character U+E000 cannot stand in a mail (remove it)`,
		"{% assign title = 'x' %}a":             `mail.md:1:11: UNKNOWN_FIELD "title" is a field; assign cannot change it (take another name)`,
		"{{ reply.quote }}":                     `mail.md:1:4: UNKNOWN_FIELD unknown field "reply.quote" (further columns of the lead file are custom.reply.quote)`,
	}
	for src, want := range tests {
		t.Run(src, func(t *testing.T) {
			_, errs := render.ParseTemplate("mail.md", []byte(src))
			if len(errs) != 1 {
				t.Fatalf("errors %v, want one", errs)
			}
			if diff := cmp.Diff(want, errs[0].Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAllMistakesComeAtOnce(t *testing.T) {
	_, errs := render.ParseTemplate("mail.md", []byte("---\nsubject: '{{ a }}'\nx: 1\n---\n{{ b }} {{ c }}"))
	if got, want := len(errs), 4; got != want {
		t.Errorf("%d errors, want %d: %v", got, want, errs)
	}
}

func TestDoublingAValueEndsAtABound(t *testing.T) {
	src := "{% assign a = 'xxxxxxxxxxxxxxxx' %}" + strings.Repeat("{% assign a = a | append: a %}", 40) + "{{ a }}"
	_, err := mustParse(t, src).Render(vars(ada()))
	var needs *render.NeedsDataError
	if !errors.As(err, &needs) {
		t.Errorf("Render: %v, want a NeedsDataError", err)
	}
}

func BenchmarkRenderMail(b *testing.B) {
	template := mustParse(b, "---\nsubject: \"{{ company }} and churn\"\n---\nHi {{ first_name | default: 'there' }},\n\n"+
		strings.Repeat("A sentence about {{ company }} with a [link](https://ours.example). ", 8)+"\n\nBest,\\\n{{ rep.name }}\n")
	v := vars(ada())
	for b.Loop() {
		if _, err := template.RenderMail(v, render.Footer{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A field that a sequence may require must be one that a mail can have, else every lead
// waits for ever.
func TestEveryFieldOfALeadCanBeWritten(t *testing.T) {
	lead := outreach.Lead{
		Email: "ann@acme.example", FirstName: "Ann", LastName: "Lee", Company: "Acme", Title: "CEO", Country: "DE", Region: "Berlin",
		Timezone: "Europe/Berlin", Language: "de", LinkedInURL: "https://linkedin.example/ann", Phone: "+49 30 1", Industry: "Software",
		Employees: "50", Source: "fair",
	}
	for _, field := range outreach.LeadFields() {
		template, faults := render.ParseTemplate("mail.md", []byte("---\nsubject: Hello\nrequire: ["+field+"]\n---\nIt is {{ "+field+" }}."))
		if len(faults) > 0 {
			t.Errorf("%s: %v", field, faults[0])
			continue
		}
		content, err := template.Render(vars(lead))
		if want := "It is " + lead.Field(field) + ".\n"; err != nil || content.Text != want {
			t.Errorf("%s: %q, error %v, want %q", field, content.Text, err, want)
		}
	}
}
