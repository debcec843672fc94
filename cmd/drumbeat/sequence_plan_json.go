package main

import (
	"drumbeat/internal/outbound"
	"drumbeat/internal/strictyaml"
)

// planJSON is the object of sequence plan --json.
type planJSON struct {
	Sequences []sequencePlanJSON      `json:"sequences"`
	Errors    []strictyaml.Diagnostic `json:"errors"`
	Warnings  []strictyaml.Diagnostic `json:"warnings"`
}

type sequencePlanJSON struct {
	ID       string         `json:"id"`
	File     string         `json:"file"`
	Revision int            `json:"revision"` // current; 0: the sequence is new
	Next     int            `json:"next"`     // after applying
	Changes  []changeJSON   `json:"changes"`
	Standing []standingJSON `json:"enrolments"`
	Capacity capacityJSON   `json:"capacity"`
	Audience *audienceJSON  `json:"audience"` // null without a list
}

type changeJSON struct {
	File  string   `json:"file"`
	Lines []string `json:"lines"`
}

type standingJSON struct {
	Revision int    `json:"revision"`
	Step     string `json:"step"`
	Count    int    `json:"count"`
	Held     int    `json:"held"`
	Removed  bool   `json:"removed"`
	MovesTo  string `json:"moves_to"`
}

type capacityJSON struct {
	NewLeads int    `json:"new_leads"`
	Emails   int    `json:"email_steps"`
	Needs    int    `json:"needs"`
	Gives    int    `json:"gives"`
	Enough   bool   `json:"enough"`
	Text     string `json:"text"`
}

type audienceJSON struct {
	Leads    int           `json:"leads"`
	Mails    int           `json:"mails"`
	Findings []findingJSON `json:"findings"`
}

type findingJSON struct {
	Code   string   `json:"code"`
	Step   string   `json:"step"`
	Count  int      `json:"count"`
	Blocks bool     `json:"blocks"`
	Why    string   `json:"why"`
	Leads  []string `json:"leads"`
}

func plansToJSON(all []planned) planJSON {
	j := planJSON{Sequences: []sequencePlanJSON{}}
	var v validation
	for _, p := range all {
		v.diagnostics = append(v.diagnostics, p.Diagnostics...)
		for i, plan := range p.plans {
			one := planToJSON(plan)
			if i < len(p.audits) {
				one.Audience = auditToJSON(p.audits[i])
			}
			j.Sequences = append(j.Sequences, one)
		}
	}
	j.Errors, j.Warnings = v.bySeverity()
	return j
}

func planToJSON(p outbound.SequencePlan) sequencePlanJSON {
	c := p.Capacity
	j := sequencePlanJSON{
		ID: string(p.Sequence.ID), File: p.File, Revision: p.Current.Number, Next: p.Next, Changes: []changeJSON{}, Standing: []standingJSON{},
		Capacity: capacityJSON{c.NewLeads, c.Emails, c.Needs, c.Gives, c.Enough(), c.String()},
	}
	for _, change := range p.Changes {
		j.Changes = append(j.Changes, changeJSON(change))
	}
	for _, at := range p.Standing {
		j.Standing = append(j.Standing, standingJSON{at.Revision, string(at.Step), at.Count, at.Held, at.Removed, string(at.MovesTo)})
	}
	return j
}

func auditToJSON(r outbound.AudienceReport) *audienceJSON {
	j := &audienceJSON{Leads: r.Leads, Mails: r.Mails, Findings: []findingJSON{}}
	for _, f := range r.Findings {
		j.Findings = append(j.Findings, findingJSON{f.Code, string(f.Step), f.Count, f.Blocks(), f.Why, f.Leads})
	}
	return j
}
