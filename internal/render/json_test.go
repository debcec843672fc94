package render_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
)

func body(t testing.TB, raw string) *render.JSONBody {
	t.Helper()
	b, bad := render.ParseJSON("hello.yaml", []byte(raw))
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	return b
}

func TestABodyKeepsItsShapeAndFillsItsTexts(t *testing.T) {
	b := body(t, `{"profile":"{{ linkedin_url }}","tags":["outbound","{{ company | downcase }}"],"n":3,"on":true,"none":null,`+
		`"note":"{% if title %}{{ title }}{% endif %}","key":"${EXPANDI_KEY}","{{ not }}":"a key","event":"{{ event.id }} {{ event.step }}","back":"{{ event.callback_url }}"}`)
	lead := outreach.Lead{Email: "ann@acme.example", Company: `ACME "Ü" <Co>`, LinkedInURL: "https://linkedin.example/in/ann"}
	vars := render.LeadVars(lead, render.Rep{}, render.Sender{}).WithWebhook(render.WebhookFields{EventID: "e1", Step: "expandi", CallbackURL: "https://out.ours.example/c/x"})
	got, err := b.Render(vars)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"profile":"https://linkedin.example/in/ann","tags":["outbound","acme \"ü\" <co>"],"n":3,"on":true,"none":null,` +
		`"note":"","key":"${EXPANDI_KEY}","{{ not }}":"a key","event":"e1 expandi","back":"https://out.ours.example/c/x"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestABodyWithAHoleIsNotSent(t *testing.T) {
	_, err := body(t, `{"phone":"{{ phone }}"}`).Render(render.LeadVars(outreach.Lead{Email: "ann@acme.example"}, render.Rep{}, render.Sender{}))
	var needs *render.NeedsDataError
	if !errors.As(err, &needs) || needs.Field != "phone" {
		t.Errorf("got %v", err)
	}
}

func TestMistakesInABodyAreTold(t *testing.T) {
	for raw, code := range map[string]string{
		`{"a":"{{ frist_name }}"}`:             render.CodeUnknownName,
		`{"a":"{{ first_name"}`:                render.CodeTag,
		`["{% include 'x' %}"]`:                render.CodeTag,
		`{"a":"{{ reply.quote }}"}`:            render.CodeUnknownName,
		`{"a":"{{ company | shout }}"}`:        render.CodeUnknownFilter,
		`{"a":`:                                render.CodeEncoding,
		`{"a":"{% assign event = company %}"}`: render.CodeUnknownName,
	} {
		if _, bad := render.ParseJSON("hello.yaml", []byte(raw)); len(bad) == 0 || bad[0].Code != code {
			t.Errorf("%s: %v, want %s", raw, bad, code)
		}
	}
	if b := body(t, `{"a":"{{ event.id }} {{ company }}"}`); len(b.Names()) != 2 {
		t.Errorf("names %v", b.Names())
	}
}

// Whatever a lead is called, the body is JSON of the file's shape with the lead's
// words in it, and no reference to the environment that the file does not have.
func TestNoLeadCanChangeTheShapeOfABody(t *testing.T) {
	b := body(t, `{"a":"x {{ company | default: '-' }} y","b":["{{ first_name | default: '-' }}"]}`)
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{`"`, `\`, `${HOME}`, `$`, `{`, `}`, "\n", "\x00", `","c":"`, "ü", "a", " ", "</script>", "\u2028", `\u007b`})
		word := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), "") })
		lead := outreach.Lead{Company: word.Draw(t, "company"), FirstName: word.Draw(t, "first name")}
		got, err := b.Render(render.LeadVars(lead, render.Rep{}, render.Sender{}))
		if needs := (*render.NeedsDataError)(nil); errors.As(err, &needs) {
			return // it holds what a broken template leaves behind
		}
		if err != nil {
			t.Fatal(err)
		}
		var read struct {
			A string
			B []string
			C *string
		}
		decoder := json.NewDecoder(strings.NewReader(string(got)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&read); err != nil || len(read.B) != 1 || read.C != nil {
			t.Fatalf("%s: %v", got, err)
		}
		if strings.Contains(string(got), "${") {
			t.Fatalf("%s refers to the environment", got)
		}
		if strings.Contains(lead.Company, "${HOME}") && !strings.Contains(read.A, "${HOME}") {
			t.Fatalf("%q was lost in %q", lead.Company, read.A)
		}
	})
}

func TestInertJSONHoldsTheSameValues(t *testing.T) {
	raw := []byte(`{"a":"${HOME} \"{","b":{"c":["{"]}}`)
	inert := render.InertJSON(raw)
	var before, after any
	if json.Unmarshal(raw, &before) != nil || json.Unmarshal(inert, &after) != nil {
		t.Fatalf("no JSON: %s", inert)
	}
	one, _ := json.Marshal(before)
	two, _ := json.Marshal(after)
	if string(one) != string(two) || strings.Contains(string(inert), "${") {
		t.Errorf("%s became %s", one, inert)
	}
}
