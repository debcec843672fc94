package render_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
)

const plainMail = "---\nsubject: \"about {{ company }}\"\n---\nHi {{ first_name | default: 'there' }}\n"

func TestTheFooterStandsInBothParts(t *testing.T) {
	footer := render.Footer{
		Signature: mustParse(t, "Dana Reyes\\\n{{ sender.company }}"), Language: "de",
		UnsubscribeURL: "https://ours.example/u/01jq?a=1&b=2",
	}
	lead := ada()
	lead.Company = "Engines"
	got, err := mustParse(t, plainMail).RenderMail(vars(lead), footer)
	if err != nil {
		t.Fatal(err)
	}
	want := outreach.Content{
		Subject: "about Engines",
		Text: "Hi Ada\n\nDana Reyes\nOurs GmbH\n\n-- \nOurs GmbH\n1 Example St, 10115 Berlin\n" +
			"Keine weiteren E-Mails erhalten: https://ours.example/u/01jq?a=1&b=2\n",
		HTML: "<!DOCTYPE html>\n<html lang=\"de\"><head><meta charset=\"utf-8\"></head><body>\n<p>Hi Ada</p>\n" +
			"<p>Dana Reyes<br>\nOurs GmbH</p>\n<p style=\"color:#767676;font-size:12px\">Ours GmbH<br>\n1 Example St, 10115 Berlin<br>\n" +
			"<a href=\"https://ours.example/u/01jq?a=1&amp;b=2\">Keine weiteren E-Mails erhalten</a></p>\n</body></html>\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mail (-want +got):\n%s", diff)
	}
}

func TestWithoutAURLTheFooterAsksForAnAnswer(t *testing.T) {
	for _, language := range append(render.FooterLanguages(), "", "ja", "de-AT") {
		t.Run(language, func(t *testing.T) {
			footer := render.Footer{Language: language, UnsubscribeMailto: render.UnsubscribeMailto("dana@ours.example", "01jq.abc")}
			got, err := mustParse(t, plainMail).RenderMail(vars(ada()), footer)
			if err != nil {
				t.Fatal(err)
			}
			word := render.UnsubscribeWord(language)
			if !strings.Contains(got.Text, word) || !strings.Contains(got.HTML, word) || !strings.Contains(got.Text, "Dana Reyes") {
				t.Errorf("no %q or no name in %q", word, got.Text)
			}
			if !strings.Contains(got.HTML, `href="mailto:dana@ours.example?subject=unsubscribe%2001jq.abc"`) {
				t.Errorf("no mailto in %q", got.HTML)
			}
		})
	}
}

func TestAStepMayChangeItsTemplate(t *testing.T) {
	template := mustParse(t, plainMail)
	subject, errs := render.ParseLine("seq.yaml", 7, 3, "{{ title }} of {{ company | truncate: 13, '' }}")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	changed := template.With(render.Overrides{Subject: subject, Require: []string{"custom.trigger"}, Format: render.FormatText})
	got, err := changed.RenderMail(vars(ada()), render.Footer{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != "CTO of Analytical *E" || got.HTML != "" {
		t.Errorf("subject %q, html %q", got.Subject, got.HTML)
	}
	lead := ada()
	lead.Custom = nil
	if _, err := changed.Render(vars(lead)); err == nil || !strings.Contains(err.Error(), "custom.trigger") {
		t.Errorf("error %v, want one about custom.trigger", err)
	}
	if unchanged, err := template.Render(vars(lead)); err != nil || unchanged.HTML == "" {
		t.Errorf("the template itself changed: %v %+v", err, unchanged)
	}
	if _, errs := render.ParseLine("seq.yaml", 7, 3, "x {{ titel }}"); len(errs) != 1 || errs[0].Line != 7 || errs[0].Column != 8 {
		t.Errorf("errors %v, want one at 7:8", errs)
	}
}

func TestAReplysSubjectHasOneRe(t *testing.T) {
	for first, want := range map[string]string{"about churn": "Re: about churn", "Re: about churn": "Re: about churn", "RE: x": "RE: x", "Re": "Re: Re"} {
		if got := render.ReplySubject(first); got != want {
			t.Errorf("ReplySubject(%q) = %q, want %q", first, got, want)
		}
	}
}

func TestTheUsersTemplatesLieOverTheShippedOnes(t *testing.T) {
	shipped := fstest.MapFS{
		"intro.md": {Data: []byte("shipped")}, "bump.md": {Data: []byte("shipped")}, "bad.md": {Data: []byte("shipped")},
		"objections/price.md": {Data: []byte("{{ reply.quote }}")}, "digest/daily.md": {Data: []byte("{{ .Broken")},
		"embed.go": {Data: []byte("package templates")}, "README.md": {Data: []byte("{{")},
	}
	own := fstest.MapFS{"intro.md": {Data: []byte("own")}, "bad.md": {Data: []byte("{{")}}
	set, bad, err := render.LoadTemplates(render.Layer{Name: "shipped", FS: shipped}, render.Layer{Name: "own", FS: own}, render.Layer{Name: "none"})
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, entry := range set.List() {
		listed = append(listed, entry.Name+" "+entry.Layer+" over "+strings.Join(entry.Replaces, ","))
	}
	want := []string{"bad.md own over shipped", "bump.md shipped over ", "intro.md own over shipped", "objections/price.md shipped over "}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if len(bad) != 1 || bad[0].File != "bad.md" {
		t.Errorf("errors %v, want one of bad.md", bad)
	}
	if _, err := set.Get("bad.md"); err == nil {
		t.Error("a bad file let the shipped one through")
	}
	if got, err := set.Get("intro.md"); err != nil || got.Name() != "intro.md" {
		t.Errorf("intro.md: %v", err)
	}
}
