package classify

import (
	"slices"
	"sort"

	"drumbeat/internal/outreach"
)

// ruleConfidence is what a rule's label is worth: two of 165 opt-outs that the
// rules saw in the training data were none.
const ruleConfidence = 0.98

// deniedOptOut is what the model's opt-out is worth at most where the words that
// sound like one are negated or hold only up to a day: a person looks at it.
const deniedOptOut = 0.5

// decide weighs what was read: the rules first, then the model.
func (c *Classifier) decide(r reading) Result {
	res := Result{Scores: map[outreach.Label]float64{}, Model: c.model.Name}
	rule, p := c.ruleOptOut(r), c.probabilities(r)
	res.weigh(p, rule, r.automatic())
	if rule.asked {
		res.Label, res.Confidence = outreach.LabelUnsubscribe, max(res.OptOut, ruleConfidence)
		res.OptOut, res.OptOutRule = 1, true
		res.Evidence = append(res.Evidence, rule.evidence)
	} else if len(r.text.tokens) == 0 && !r.automatic() {
		res.Label, res.Confidence = outreach.LabelUnclear, ruleConfidence
	}
	res.Abstained = res.Confidence < Floor
	res.Evidence = append(res.Evidence, c.grounds(r, res.Label)...)
	res.Secondary = c.secondary(r, res)
	res.Legal = c.legal(r, res.Label)
	return res
}

// probabilities gives what the model believes of each label.
func (c *Classifier) probabilities(r reading) [labels]float64 {
	p := c.model.Certainty.Probabilities(c.model.Logits(c.vector(r)), May(r.in.Kind), r.signs())
	if c.somebodyElses(r) {
		limit(&p, outreach.LabelOutOfOffice, 0)
	}
	return p
}

// limit takes from a label what it has above most, and gives it to the others by
// their shares.
func limit(p *[labels]float64, label outreach.Label, most float64) {
	at := slices.Index(outreach.WordLabels(), label)
	rest := 1 - p[at]
	if p[at] <= most || rest < 1e-9 {
		return
	}
	for i := range p {
		p[i] *= (1 - most) / rest
	}
	p[at] = most
}

// weigh takes the most probable label. An opt-out is named from optOutNamed on alone: below, the next best label is
// given and a person looks. One that the sender denies ("don't take me off the list") is shown to a person at most.
// So it is, from a person, with being away or gone, from goneNamed on.
func (res *Result) weigh(p [labels]float64, rule optOut, automatic bool) {
	if rule.denied {
		limit(&p, outreach.LabelUnsubscribe, deniedOptOut)
	}
	for i, label := range outreach.WordLabels() {
		res.Scores[label] = p[i]
		if label == outreach.LabelUnsubscribe {
			res.OptOut = p[i]
			if rule.denied || p[i] < optOutNamed {
				continue
			}
		}
		if gone := label == outreach.LabelOutOfOffice || label == outreach.LabelLeftCompany; gone && !automatic && p[i] < goneNamed {
			continue
		}
		if p[i] > res.Confidence {
			res.Label, res.Confidence = label, p[i]
		}
	}
}

// secondary gives the named reasons and positives that stand beside the label.
func (c *Classifier) secondary(r reading, res Result) []outreach.Label {
	var also []outreach.Label
	votes := c.vote(r)
	for _, label := range outreach.WordLabels() {
		named := label.Positive() || label.Objection() && label != outreach.LabelBrushOff
		if named && label != res.Label && votes[label] >= 3 && res.Scores[label] >= 0.1 {
			also = append(also, label)
		}
	}
	return also
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
		if c.lexicon.concepts[h.concept].label == label && !h.negated && len(found) < 20 {
			found = append(found, c.evidence(r, h))
		}
	}
	sort.SliceStable(found, func(i, j int) bool {
		return found[i].End-found[i].Start > found[j].End-found[j].Start
	})
	return found[:min(len(found), 4)]
}
