package outbound_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
)

// binder is a store of one revision with the files that it brings along.
type binder struct{ revision outreach.Revision }

func (s binder) Revision(context.Context, outreach.RevisionID) (outreach.Revision, error) {
	return s.revision, nil
}

const varied = `version: 1
id: founders
owner: dana
send: {bcc: crm@ours.example}
steps:
  - id: intro
    email:
      template: intro.md
      case_study: match
      variants:
        - {id: a, subject: "{Hi|Hello} {{ first_name }}", weight: 3}
        - {id: b, template: other.md, weight: 1}
        - {id: c, subject: Never, weight: 0}
`

var variedFiles = map[string]string{
	"intro.md": "---\nsubject: none\n---\n{% if case_study.title %}See {{ case_study.title }}.{% else %}No story.{% endif %}\n",
	"other.md": "---\nsubject: Another\n---\nOnce more: {{ case_study.result }}.\n",
	"case_studies/acme.yaml": "version: 1\nid: acme\ntitle: How Acme did it\nresult: 31% less churn\n" +
		"fits: [{field: industry, is: [software]}, {field: employees, between: 20-500}]\n",
}

// composed decides about a lead's first mail and writes it.
func composed(t *testing.T, lead outreach.Lead) (outreach.ClaimDecision, outreach.Envelope, outreach.Mail, error) {
	t.Helper()
	d := decider(founders)
	d.Scripts = &outbound.Scripts{Revisions: binder{outreach.Revision{ID: 1, SequenceID: "founders", Number: 1, Source: varied, Templates: variedFiles}}}
	if err := d.Scripts.Load(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	step := due(1, 0, func(d *outreach.DueStep) { d.Lead = lead })
	decision := d.Decide(t.Context(), tuesday)(mailbox(), []outreach.DueStep{step}).Decisions[0]
	var mail outreach.Mail
	composer := outbound.Composer{
		Scripts: d.Scripts,
		Senders: map[outreach.MailboxID]outbound.SenderIdentity{"dana": {
			Address: outreach.Address{Email: "dana@ours.example"}, Rep: render.Rep{Name: "Dana"}, Sender: render.Sender{Company: "Ours", PostalAddress: "Here"},
		}},
		Build: func(m outreach.Mail) ([]byte, error) { mail = m; return []byte("mail"), nil },
	}
	envelope, _, err := composer.Compose(t.Context(), outreach.Claimed{Due: step, Send: outreach.Send{
		Purpose: outreach.PurposeStep, MailboxID: "dana", StepID: "intro", To: lead.Email, ClaimedAt: tuesday, RFCMessageID: decision.RFCMessageID,
	}})
	return decision, envelope, mail, err
}

func TestVariantsAreDrawnByWeightAndWrittenAsDrawn(t *testing.T) {
	drawn := map[string]int{}
	for i := range 400 {
		lead := outreach.Lead{ID: 1, Email: fmt.Sprintf("lead%d@acme.example", i), FirstName: "Ana", Industry: "Software", Employees: "51-200"}
		decision, envelope, mail, err := composed(t, lead)
		if err != nil || envelope.Copy != "crm@ours.example" {
			t.Fatalf("%v, envelope %+v", err, envelope)
		}
		if want := "Case study acme. Fit 100 of 100 (yes: industry, employees)."; decision.Note != want {
			t.Fatalf("the choice is told as %q", decision.Note)
		}
		drawn[decision.Variant+": "+mail.Subject]++
	}
	a, b := drawn["a: Hi Ana"]+drawn["a: Hello Ana"], drawn["b: Another"]
	if a+b != 400 || b < 70 || b > 130 || drawn["a: Hi Ana"] < 100 || drawn["a: Hello Ana"] < 100 {
		t.Errorf("drawn: %v", drawn)
	}
}

func TestALeadWhomNoCaseStudyFitsWaitsOrGetsTheOtherText(t *testing.T) {
	waits, goes := 0, 0
	for i := range 100 {
		lead := outreach.Lead{ID: 1, Email: fmt.Sprintf("lead%d@acme.example", i), FirstName: "Ana", Industry: "Mining"}
		decision, _, mail, err := composed(t, lead)
		var needs *render.NeedsDataError
		switch {
		case decision.Note != "No case study fits.":
			t.Fatalf("the choice is told as %q", decision.Note)
		case errors.As(err, &needs) && needs.Field == "case_study.result" && decision.Variant == "b":
			waits++
		case err == nil && decision.Variant == "a" && mail.Text[:9] == "No story.":
			goes++
		default:
			t.Fatalf("variant %s: %v, %q", decision.Variant, err, mail.Text)
		}
	}
	if waits == 0 || goes == 0 {
		t.Errorf("%d wait, %d go", waits, goes)
	}
}
