package render_test

import (
	"fmt"
	"strings"
	"testing"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
)

func spun(t *testing.T, text, lot string, lead outreach.Lead) string {
	t.Helper()
	line, bad := render.ParseLine("a.yaml", 1, 1, text)
	if len(bad) > 0 {
		t.Fatal(bad[0])
	}
	got, err := line.Render(render.LeadVars(lead, render.Rep{}, render.Sender{}).WithLot(lot))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSpintaxDrawsForEachLeadAndAlwaysTheSame(t *testing.T) {
	if got := spun(t, "{20 %|a fifth}", "", outreach.Lead{}); got != "20 %" {
		t.Errorf("a share in an option: %q", got)
	}
	if got := spun(t, "{a fifth|20 %}", "4", outreach.Lead{}); got != "20 %" && got != "a fifth" {
		t.Errorf("a share at the end of an option: %q", got)
	}
	const text = "{Hi|Hello|Good {morning|day}} {{ first_name }}, {about|on} {{ company }}"
	ann := outreach.Lead{FirstName: "Ann", Company: "Acme {a|b}"}
	seen := map[string]int{}
	for i := range 600 {
		got := spun(t, text, fmt.Sprint(i), ann)
		if again := spun(t, text, fmt.Sprint(i), ann); again != got {
			t.Fatalf("%q, then %q", got, again)
		}
		seen[got]++
	}
	if len(seen) != 8 {
		t.Errorf("%d texts: %v", len(seen), seen)
	}
	for got, times := range seen {
		if !strings.HasSuffix(got, " Acme {a|b}") || times < 20 {
			t.Errorf("%d times %q", times, got)
		}
	}
	if got := spun(t, text, "", ann); got != "Hi Ann, about Acme {a|b}" {
		t.Errorf("without a lot: %q", got)
	}
}

func TestSpintaxStandsInBodiesToo(t *testing.T) {
	template, bad := render.ParseTemplate("a.md", []byte("{Hi {{ first_name }}{% if company %} of {{ company }}{% endif %}|Hello}, "+
		"{see [our page](https://ours.example/x)|**look**}.\n\n{% raw %}{kept|as it is}{% endraw %}\n"))
	if len(bad) > 0 {
		t.Fatal(bad[0])
	}
	texts, html := map[string]bool{}, ""
	for i := range 40 {
		content, err := template.Render(render.LeadVars(outreach.Lead{FirstName: "Ann", Company: "Acme"}, render.Rep{}, render.Sender{}).WithLot(fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		texts[content.Text] = true
		html += content.HTML
	}
	for _, want := range []string{
		"Hi Ann of Acme, see our page: https://ours.example/x.\n\n{kept|as it is}\n", "Hello, look.\n\n{kept|as it is}\n",
	} {
		if !texts[want] {
			t.Errorf("%q is never written, only %v", want, texts)
		}
	}
	if len(texts) != 4 || !strings.Contains(html, "<strong>look</strong>") {
		t.Errorf("%d texts; %s", len(texts), html)
	}
}

func TestBracesThatChooseNothingAreAnError(t *testing.T) {
	for text, want := range map[string]string{
		"Hi {first_name}, hello":      `a.md:1:1: SPINTAX {first_name} chooses between nothing (write {one|two} for a choice and {{ first_name }} for a field)`,
		"Hi,\n\n{a|b and so on":       `a.md:3:1: SPINTAX a choice is never closed (close it with })`,
		"Hi,\na|b} and so on":         `a.md:2:1: SPINTAX a } without a { (remove it, or put it between {% raw %} and {% endraw %})`,
		"{a|{b|{c|{d|e}}}}":           `a.md:1:1: SPINTAX a choice within a choice, 4 deep (write the texts out)`,
		"Hi {Ann {{ last_name }}} ho": `a.md:1:1: SPINTAX {Ann .} chooses between nothing (write {one|two} for a choice and {{ first_name }} for a field)`,
	} {
		_, bad := render.ParseTemplate("a.md", []byte(text))
		if len(bad) != 1 || bad[0].Error() != want {
			t.Errorf("%q gives %v\nwant %s", text, bad, want)
		}
	}
}
