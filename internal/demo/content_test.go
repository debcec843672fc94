package demo_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"drumbeat/internal/demo"
	"drumbeat/internal/leadfile"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/sequence"
	"drumbeat/sequences"
	"drumbeat/templates"
)

func validZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil
}

func leads(t *testing.T, list demo.List) []outreach.Lead {
	t.Helper()
	reader, err := leadfile.NewReader(strings.NewReader(list.CSV), validZone)
	if err != nil {
		t.Fatal(err)
	}
	var all []outreach.Lead
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Refused != nil {
			t.Errorf("%s: %v", list.Name, row.Refused)
		}
		all = append(all, row.Lead)
	}
}

func shippedTemplates(t *testing.T) *render.TemplateSet {
	t.Helper()
	set, bad, err := render.LoadTemplates(render.Layer{Name: "shipped", FS: templates.FS})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bad {
		t.Error(b)
	}
	return set
}

func TestTwoHundredLeadsOfManyCountries(t *testing.T) {
	addresses, countries, companies := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, list := range demo.Lists() {
		for _, lead := range leads(t, list) {
			domain := outreach.Domain(lead.Email)
			if !strings.HasSuffix(domain, ".example") && !strings.HasSuffix(domain, ".test") {
				t.Errorf("%s could be a real address", lead.Email)
			}
			addresses[outreach.AddressKey(lead.Email)], countries[lead.Country] = true, true
			companies[domain]++
		}
	}
	if len(addresses) != 200 || len(countries) < 10 || slices.Max(slices.Collect(maps.Values(companies))) < 2 {
		t.Errorf("%d leads of %d countries at %d companies", len(addresses), len(countries), len(companies))
	}
}

func TestTheShippedFilesAreWithoutFault(t *testing.T) {
	set, faults, err := sequence.Load(sequences.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range append(faults, sequence.Check(set, templates.FS)...) {
		t.Errorf("%s:%d:%d: %s %s", fault.File, fault.Line, fault.Column, fault.Code, fault.Message)
	}
	library := shippedTemplates(t)
	for _, mailbox := range set.Roster.Mailboxes {
		if _, err := library.Get(mailbox.Signature); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryShippedMailRendersForEveryLeadButThree(t *testing.T) {
	set, _, err := sequence.Load(sequences.FS)
	if err != nil {
		t.Fatal(err)
	}
	library, waiting := shippedTemplates(t), map[string]bool{}
	for _, list := range demo.Lists() {
		seq, found := set.Sequence(outreach.SequenceID(list.Sequence))
		if !found {
			t.Fatalf("sequence %s is not shipped", list.Sequence)
		}
		for _, lead := range leads(t, list) {
			for _, step := range seq.Steps {
				if err := mail(library, step, lead); err != nil {
					var needs *render.NeedsDataError
					if !errors.As(err, &needs) || needs.Field != "company" {
						t.Errorf("%s %s: %v", lead.Email, step.ID, err)
					}
					waiting[lead.Email] = true
				}
			}
		}
	}
	if len(waiting) != 3 {
		t.Errorf("%d leads need data, want 3: %v", len(waiting), waiting)
	}
}

// mail renders one step and looks at what a reader would see.
func mail(library *render.TemplateSet, step sequence.Step, lead outreach.Lead) error {
	if step.Email == nil {
		return nil
	}
	template, err := library.Get(step.Email.Template)
	if err != nil {
		return err
	}
	vars := render.LeadVars(lead, render.Rep{Name: "Dana Reyes", Email: "dana@ours.example"},
		render.Sender{Company: "Ours GmbH", PostalAddress: "1 Example St, 10115 Berlin"})
	content, err := template.With(render.Overrides{Require: step.Email.Require}).RenderMail(vars, render.Footer{Language: lead.Language})
	if err != nil {
		return err
	}
	if (content.Subject == "") != (step.Email.Thread == sequence.ThreadReply) {
		return fmt.Errorf("subject %q in a thread %s", content.Subject, step.Email.Thread)
	}
	for _, part := range []string{content.Subject, content.Text, content.HTML} {
		for _, hole := range []string{"{{", "}}", "{%", "<no value>", "Hi ,", "\ue000", "  "} {
			if strings.Contains(part, hole) {
				return fmt.Errorf("%q in %q", hole, part)
			}
		}
	}
	if !strings.Contains(content.Text, "10115 Berlin") || !strings.Contains(content.HTML, "10115 Berlin") {
		return errors.New("no postal address")
	}
	return nil
}

func TestEveryPlaybookAnswersWithAndWithoutDetails(t *testing.T) {
	library := shippedTemplates(t)
	details := render.ReplyFields{Competitor: "Acme", Contact: outreach.Contact{Name: "Ana Ruiz"}, Day: outreach.NewDay(2031, 5, 2)}
	for _, name := range []string{"price", "authority", "status_quo", "brush_off"} {
		template, err := library.Get("objections/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		for _, fields := range []render.ReplyFields{{}, details} {
			vars := render.LeadVars(outreach.Lead{Email: "ada@engines.example"}, render.Rep{}, render.Sender{}).WithReply(fields)
			if content, err := template.Render(vars); err != nil || !strings.Contains(content.Text, "?") {
				t.Errorf("%s: %v, %q", name, err, content.Text)
			}
		}
	}
}
