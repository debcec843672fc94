package render

import (
	"strconv"
	"strings"

	"drumbeat/internal/outreach"
)

// Vars are the fields that a template may put out or ask about. A blank field is
// bound as nil, so that {% if company %}, `!= ""` and `!= blank` all mean what a
// writer thinks they mean.
type Vars struct {
	fields map[string]any
	lot    string
}

// WithLot gives the key from which spintax draws: what a lead gets in a step.
func (v Vars) WithLot(lot string) Vars {
	v.lot = lot
	return v
}

// Rep is the person in whose name a mail goes.
type Rep struct {
	Name  string
	Email string
}

// Sender is the company and the mailbox that a mail comes from.
type Sender struct {
	Name          string // of the mailbox
	Email         string
	Company       string
	PostalAddress string
}

// ReplyFields is what a playbook may say about the reply it answers.
type ReplyFields struct {
	Competitor string
	Contact    outreach.Contact
	Day        outreach.Day // when the lead wants to be asked again
	Quote      string       // the lead's own words
}

// LeadVars are the fields of a mail to a lead.
func LeadVars(lead outreach.Lead, rep Rep, sender Sender) Vars {
	custom := make(map[string]any, len(lead.Custom))
	for name, value := range lead.Custom {
		custom[strings.ToLower(name)] = bind(value)
	}
	firstName, _, _ := strings.Cut(strings.TrimSpace(rep.Name), " ")
	return Vars{fields: map[string]any{
		"email": bind(lead.Email), "first_name": bind(lead.FirstName), "last_name": bind(lead.LastName),
		"company": bind(lead.Company), "title": bind(lead.Title), "country": bind(lead.Country),
		"region": bind(lead.Region), "language": bind(lead.Language), "linkedin_url": bind(lead.LinkedInURL),
		"phone": bind(lead.Phone), "timezone": bind(lead.Timezone), "industry": bind(lead.Industry), "employees": number(lead.Employees),
		"source": bind(lead.Source), "custom": custom,
		"rep": map[string]any{"name": bind(rep.Name), "first_name": bind(firstName), "email": bind(rep.Email)},
		"sender": map[string]any{
			"name": bind(sender.Name), "email": bind(sender.Email),
			"company": bind(sender.Company), "postal_address": bind(sender.PostalAddress),
		},
	}}
}

// WithReply adds what a playbook may say about a reply.
func (v Vars) WithReply(r ReplyFields) Vars {
	contact := r.Contact.Name
	if contact == "" {
		contact = r.Contact.Email
	}
	day := ""
	if !r.Day.IsZero() {
		day = strconv.Itoa(r.Day.Dom) + " " + r.Day.Month.String()
	}
	return v.with("reply", map[string]any{
		"competitor": bind(r.Competitor), "contact": bind(contact), "day": bind(day), "quote": bind(r.Quote),
	})
}

// CaseStudyFields is what a mail may say about the case study that fits the lead.
type CaseStudyFields struct{ Title, Customer, Result, Summary, URL string }

// WithCaseStudy adds the case study.
func (v Vars) WithCaseStudy(c CaseStudyFields) Vars {
	return v.with("case_study", map[string]any{
		"title": bind(c.Title), "customer": bind(c.Customer), "result": bind(c.Result), "summary": bind(c.Summary), "url": bind(c.URL),
	})
}

// with is a copy that has a further group of fields.
func (v Vars) with(group string, values map[string]any) Vars {
	fields := make(map[string]any, len(v.fields)+1)
	for name, value := range v.fields {
		fields[name] = value
	}
	fields[group] = values
	return Vars{fields, v.lot}
}

// Blank tells whether a field has nothing to show.
func (v Vars) Blank(name string) bool {
	group, field, dotted := strings.Cut(name, ".")
	if !dotted {
		return v.fields[name] == nil
	}
	fields, _ := v.fields[group].(map[string]any)
	return fields[field] == nil
}

// bind is the value as given, nil when nothing of it would show.
func bind(value string) any {
	if cleanValue(value) == "" {
		return nil
	}
	return value
}

// number binds digits as a number, so that `employees > 50` compares as one;
// "11-50" stays text.
func number(value string) any {
	if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
		return n
	}
	return bind(value)
}
