package learn

import (
	"math"
	"sort"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// Train makes a model of all cases. Its temperature comes from models that
// have not seen the cases they judge.
func Train(c *classify.Classifier, cases []Case, o Options) *classify.Model {
	data := examples(c, cases)
	held := holdOut(data, folds(cases), o)
	m := fit(data, o)
	m.Temperature = temperature(data, held)
	return m
}

// HeldOut judges each case by a model trained without the case's fold.
type HeldOut struct {
	Case   Case
	Guess  outreach.Label
	Belief float64 // the calibrated probability of the guess
	OptOut float64 // of an opt-out
}

// CrossValidate judges every case by a model that has not seen it: by source
// file when there are at least three, so that no writer judges himself.
func CrossValidate(c *classify.Classifier, cases []Case, o Options) []HeldOut {
	data := examples(c, cases)
	held := holdOut(data, folds(cases), o)
	t := temperature(data, held)
	judged := make([]HeldOut, len(cases))
	for i := range cases {
		p := classify.Softmax(held[i], data[i].may, t)
		guess, belief := top(p)
		judged[i] = HeldOut{cases[i], outreach.WordLabels()[guess], belief, p[labelIndex(outreach.LabelUnsubscribe)]}
	}
	return judged
}

// folds numbers the cases' sources; with fewer than three sources every fifth
// case shares a fold.
func folds(cases []Case) []int {
	numbers := map[string]int{}
	var names []string
	for _, c := range cases {
		if _, known := numbers[c.Source]; !known {
			names = append(names, c.Source)
			numbers[c.Source] = 0
		}
	}
	sort.Strings(names)
	for i, name := range names {
		numbers[name] = i
	}
	fold := make([]int, len(cases))
	for i, c := range cases {
		fold[i] = numbers[c.Source]
		if len(names) < 3 {
			fold[i] = i % 5
		}
	}
	return fold
}

// holdOut gives each example's logits from a model trained without its fold.
func holdOut(data []example, fold []int, o Options) [][11]float64 {
	held := make([][11]float64, len(data))
	count := 0
	for _, f := range fold {
		count = max(count, f+1)
	}
	for f := range count {
		var rest []example
		for i, e := range data {
			if fold[i] != f {
				rest = append(rest, e)
			}
		}
		m := fit(rest, o)
		for i, e := range data {
			if fold[i] == f {
				held[i] = m.Logits(e.vector)
			}
		}
	}
	return held
}

// temperature finds by which divisor the held-out logits lose least.
func temperature(data []example, held [][11]float64) float64 {
	best, least := 1.0, math.Inf(1)
	for t := 0.3; t < 5; t += 0.05 {
		var loss float64
		for i, e := range data {
			loss -= math.Log(classify.Softmax(held[i], e.may, t)[e.label] + 1e-12)
		}
		if loss < least {
			best, least = t, loss
		}
	}
	return best
}

func top(p [11]float64) (int, float64) {
	at := 0
	for i := range p {
		if p[i] > p[at] {
			at = i
		}
	}
	return at, p[at]
}
