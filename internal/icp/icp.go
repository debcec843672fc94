// Package icp scores how well a lead fits an ideal client profile: 0 to 100 points
// with the reason for each. A profile is a file, icp/NAME.yaml beside the
// sequences. What is not known about a lead is neither for nor against it, and is
// shown apart from a no.
package icp

import (
	"fmt"
	"strings"

	"drumbeat/internal/outreach"
)

// Profile is one valid file.
type Profile struct {
	ID         string
	Name       string // default: the id
	Criteria   []Criterion
	Disqualify []Criterion // each of them alone gives 0 points
}

// Criterion is one question about a lead, and what its answer weighs.
type Criterion struct {
	ID     string // what reasons call it; default: the field
	Field  string // a lead's field, or custom.NAME
	Weight int
	test   test
}

// Answer is what is known about a criterion.
type Answer string

// The answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown" // the field is blank, or says nothing that can be compared
)

// Finding is the answer to one criterion.
type Finding struct {
	Criterion string
	Answer    Answer
	Weight    int
	Value     string // what the lead's field says; empty when it is blank
}

// Score is how well a lead fits.
type Score struct {
	Points       int       // 0 to 100
	Findings     []Finding // in the order of the file
	Disqualified string    // the criterion that rules the lead out; empty: none
}

// Score asks every criterion. A yes gives its whole weight, an unknown half of it,
// a no nothing: a lead about whom nothing is known has 50 points.
func (p Profile) Score(lead outreach.Lead) Score {
	var s Score
	reached, possible := 0, 0 // in halves of a weight
	for _, c := range p.Criteria {
		finding := c.ask(lead)
		s.Findings = append(s.Findings, finding)
		possible += 2 * c.Weight
		switch finding.Answer {
		case Yes:
			reached += 2 * c.Weight
		case Unknown:
			reached += c.Weight
		}
	}
	s.Points = 50
	if possible > 0 {
		s.Points = (100*reached + possible/2) / possible
	}
	for _, c := range p.Disqualify {
		if c.ask(lead).Answer == Yes {
			s.Points, s.Disqualified = 0, c.ID
			break
		}
	}
	return s
}

func (c Criterion) ask(lead outreach.Lead) Finding {
	value := strings.TrimSpace(lead.Field(c.Field))
	return Finding{Criterion: c.ID, Weight: c.Weight, Value: value, Answer: c.test.ask(c.Field, value)}
}

// Of lists the criteria that have an answer.
func (s Score) Of(answer Answer) []string {
	var names []string
	for _, f := range s.Findings {
		if f.Answer == answer {
			names = append(names, f.Criterion)
		}
	}
	return names
}

// String is the score in a sentence for people.
func (s Score) String() string {
	if s.Disqualified != "" {
		return fmt.Sprintf("Fit 0 of 100: ruled out by %s.", s.Disqualified)
	}
	var parts []string
	for _, answer := range []Answer{Yes, No, Unknown} {
		if names := s.Of(answer); len(names) > 0 {
			parts = append(parts, fmt.Sprintf("%s: %s", answer, strings.Join(names, ", ")))
		}
	}
	return fmt.Sprintf("Fit %d of 100 (%s).", s.Points, strings.Join(parts, "; "))
}
