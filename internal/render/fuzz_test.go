package render_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"drumbeat/internal/render"
)

// FuzzRender holds that whatever template and whatever lead meet, the mail has
// no hole, no leftover and no control character, or there is none.
func FuzzRender(f *testing.F) {
	f.Add("Hi {{ first_name | default: 'there' }} {{ custom.x }}", "Ada", "x")
	f.Add("---\nsubject: \"{{ company }}\"\n---\n[a]({{ custom.x }}) **{{ company }}** `{{ company }}`", "*_`<b>", "https://x.example/\"><script>")
	f.Add("{% if company == '' %}a{% else %}{{ company | split: ' ' | first }}{% endif %}", "a b", "")
	f.Add("<{{ custom.x }}> \\{{ company }} &#123;{ {%- assign a = company -%} {{ a | slice: -2, 9 }}", "{{", "}}")
	f.Add("- {{ company }}\n\n1. {{ custom.x }}\n> {{ company | upcase }}\n\n{{ company }}\n===", "# x\n- y", "\u202e\x00\r\n")
	f.Add("&#13; &", "", "")
	f.Add("a\rb &#13; &#xF0000; &#x100000; [x](&#x108000;) {{ company }}", "", "")
	f.Fuzz(func(t *testing.T, src, company, x string) {
		template, errs := render.ParseTemplate("f.md", []byte(src))
		if len(errs) > 0 {
			return
		}
		lead := ada()
		lead.Company, lead.Custom["x"] = company, x
		got, err := template.RenderMail(vars(lead), render.Footer{})
		if err != nil {
			var needs *render.NeedsDataError
			if !errors.As(err, &needs) {
				t.Fatalf("error %v is not about data", err)
			}
			return
		}
		for _, part := range []string{got.Subject, got.Text, got.HTML} {
			checkPart(t, part, strings.Contains(src, "raw"))
		}
		if strings.ContainsAny(got.Subject, "\r\n\t") {
			t.Errorf("subject %q", got.Subject)
		}
		if strings.Contains(strings.ToLower(got.HTML), "<script") || strings.Contains(got.HTML, `href="javascript`) {
			t.Errorf("active HTML %q", got.HTML)
		}
	})
}

func checkPart(t *testing.T, part string, raw bool) {
	t.Helper()
	if !utf8.ValidString(part) {
		t.Errorf("not UTF-8: %q", part)
	}
	for _, leftover := range []string{"{{", "{%", "<no value>", "drumbeat_emit"} {
		if strings.Contains(part, leftover) && !raw {
			t.Errorf("%q in %q", leftover, part)
		}
	}
	for _, r := range part {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Co, r) {
			t.Fatalf("%U in %q", r, part)
		}
	}
}
