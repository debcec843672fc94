package learn

import (
	"runtime"
	"slices"
	"sort"
	"sync"

	"drumbeat/internal/classify"
)

// Train makes a model of all cases. Its certainty comes from models that have not
// seen the cases they judge.
func Train(c *classify.Classifier, cases []Case, o Options) *classify.Model {
	data, fold := examples(c, cases), folds(cases)
	_, held := holdOut(data, fold, o)
	m := fit(data, o)
	m.Certainty = certainty(data, held, fold, noFold)
	return m
}

// CrossValidate sends every case through rules and model, by a model that has not
// seen it, nor has its certainty: by source file when there are at least three, so
// that no writer judges himself.
func CrossValidate(c *classify.Classifier, cases []Case, o Options) ([]Judged, error) {
	data, fold := examples(c, cases), folds(cases)
	models, held := holdOut(data, fold, o)
	blind := make([]*classify.Classifier, len(models))
	for f, stored := range models {
		m, err := classify.DecodeModel(stored)
		if err != nil {
			return nil, err
		}
		m.Certainty = certainty(data, held, fold, f)
		blind[f] = c.With(m)
	}
	judged := make([]Judged, len(cases))
	for i, kase := range cases {
		r := blind[fold[i]].Classify(kase.Input())
		judged[i] = Judged{kase, r.Label, r.Confidence, r}
	}
	return judged, nil
}

// mostFolds bounds how many models a cross-validation trains: writers share
// folds, and none is judged by a model that has seen him.
const mostFolds = 8

// folds deals the cases' sources out to folds; with fewer than three sources every
// fifth case shares one.
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
		numbers[name] = i % mostFolds
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

// holdOut gives for each fold a model, stored, that was trained without it, and
// each example's logits by the model of its fold. Folds train side by side.
func holdOut(data []example, fold []int, o Options) (models [][]byte, held [][labels]float64) {
	held = make([][labels]float64, len(data))
	models = make([][]byte, slices.Max(append([]int{-1}, fold...))+1)
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for f := range models {
		all.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			models[f] = judgeFold(data, fold, f, held, o)
		})
	}
	all.Wait()
	return models, held
}

// judgeFold trains without fold f and writes down what the model makes of it.
func judgeFold(data []example, fold []int, f int, held [][labels]float64, o Options) []byte {
	var rest []example
	for i, e := range data {
		if fold[i] != f {
			rest = append(rest, e)
		}
	}
	m := fit(rest, o)
	for i, e := range data {
		if fold[i] == f {
			held[i] = m.Logits(e.Vector)
		}
	}
	return m.Encode()
}
