package classify

import (
	"sort"

	"drumbeat/internal/outreach"
)

// decide weighs what was read.
func (c *Classifier) decide(r reading) Result {
	scores := c.vote(r)
	res := Result{Label: outreach.LabelUnclear, Scores: scores}
	top, second := 0.0, 0.0
	for _, label := range outreach.WordLabels() {
		switch s := scores[label]; {
		case s > top:
			res.Label, top, second = label, s, top
		case s > second:
			second = s
		}
	}
	res.Confidence = (top + 0.5) / (top + second + 1.5)
	if h, ok := c.optOut(r); ok {
		res.Label, res.Confidence = outreach.LabelUnsubscribe, 0.97
		res.OptOut, res.OptOutRule = 1, true
		res.Evidence = append(res.Evidence, c.evidence(r, h))
	}
	res.Abstained = res.Confidence < Floor
	res.Evidence = append(res.Evidence, c.grounds(r, res.Label)...)
	res.Model = "rules"
	return res
}

// optOut finds a rule that makes the reply an opt-out.
func (c *Classifier) optOut(r reading) (hit, bool) {
	if r.automatic() {
		return hit{}, false
	}
	for _, h := range r.hits {
		concept := c.lexicon.concepts[h.concept]
		if concept.rule && concept.label == outreach.LabelUnsubscribe && !h.negated {
			return h, true
		}
	}
	return hit{}, false
}

// vote adds the weights of the concepts found, each once.
func (c *Classifier) vote(r reading) map[outreach.Label]float64 {
	scores := map[outreach.Label]float64{}
	seen := map[int]bool{}
	for _, h := range r.hits {
		concept := c.lexicon.concepts[h.concept]
		if concept.label == "" || h.negated || seen[h.concept] || !c.allowed(r, concept.label) {
			continue
		}
		seen[h.concept] = true
		scores[concept.label] += concept.weight
	}
	return scores
}

// allowed bars human labels from automatic messages, and the machines' own
// label from people.
func (c *Classifier) allowed(r reading, label outreach.Label) bool {
	switch label {
	case outreach.LabelOutOfOffice, outreach.LabelLeftCompany:
		return true
	case outreach.LabelAutoReply:
		return r.automatic()
	}
	return !r.automatic()
}

// grounds gives the words that speak for a label, at most four.
func (c *Classifier) grounds(r reading, label outreach.Label) []Evidence {
	var found []Evidence
	for _, h := range r.hits {
		if c.lexicon.concepts[h.concept].label == label && !h.negated {
			found = append(found, c.evidence(r, h))
		}
	}
	sort.SliceStable(found, func(i, j int) bool {
		return found[i].End-found[i].Start > found[j].End-found[j].Start
	})
	return found[:min(len(found), 4)]
}
