package learn

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"drumbeat/internal/classify"
)

// Options of the training. The zero value of a field means its default.
type Options struct {
	Epochs int     // passes over the data; 20
	Rate   float64 // of learning, before AdaGrad's division; 0.1
	Decay  float64 // L2 pull of a weight each time it is touched; 1e-3
	Runs   int     // trainings in different orders, whose mean is the model; 8
	Drop   float64 // share of a reply's features that a pass does not see; 0.5
}

func (o Options) withDefaults() Options {
	if o.Epochs == 0 {
		o.Epochs = 20
	}
	if o.Rate == 0 {
		o.Rate = 0.1
	}
	if o.Decay == 0 {
		o.Decay = 1e-3
	}
	if o.Runs == 0 {
		o.Runs = 8
	}
	if o.Drop == 0 {
		o.Drop = 0.5
	}
	return o
}

// labels is how many a model tells apart.
const labels = len(classify.Sample{}.May)

// example is a case ready for the model.
type example struct {
	classify.Sample
	label  int
	writer string
}

func examples(c *classify.Classifier, cases []Case) []example {
	all := make([]example, len(cases))
	for i, kase := range cases {
		all[i] = example{c.Sample(kase.Input()), labelIndex(kase.Label), kase.Source}
		all[i].May[all[i].label] = true
	}
	return all
}

// fit trains a model by AdaGrad on the softmax loss: the mean of the weights of
// several runs over the second half of their passes, which errs less than any one
// of them. The order of the examples and what each pass leaves out of them are
// drawn from fixed seeds, so the same data give the same bytes.
func fit(data []example, o Options) *classify.Model {
	o = o.withDefaults()
	mean, held := classify.NewModel(), buckets(data)
	for seed := range o.Runs {
		run(mean.Weights, data, held, o, uint64(seed))
	}
	return mean
}

// buckets lists those that the examples hold: all other weights stay 0.
func buckets(data []example) []uint32 {
	all := map[uint32]bool{}
	for _, e := range data {
		for _, f := range e.Vector {
			all[f.Bucket] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// run trains once and adds its share to the mean of the buckets that are held.
func run(mean []float32, data []example, held []uint32, o Options, seed uint64) {
	m := classify.NewModel()
	squares := make([]float32, len(m.Weights))
	chance := rand.New(rand.NewPCG(1, 2+seed))
	index := chance.Perm(len(data))
	tail := o.Epochs / 2
	share := 1 / float32(o.Runs*(o.Epochs-tail))
	var seen classify.Vector
	for epoch := range o.Epochs {
		chance.Shuffle(len(index), func(i, j int) { index[i], index[j] = index[j], index[i] })
		for _, i := range index {
			seen = thinned(seen[:0], data[i].Vector, o.Drop, chance)
			step(m, squares, seen, data[i], o)
		}
		if epoch < tail {
			continue
		}
		for _, bucket := range held {
			for i := int(bucket) * labels; i < int(bucket+1)*labels; i++ {
				mean[i] += m.Weights[i] * share
			}
		}
	}
}

// thinned leaves out a share of the features and lifts the others for it, so that
// no label hangs on one word alone ("dropout").
func thinned(kept, all classify.Vector, share float64, chance *rand.Rand) classify.Vector {
	for _, f := range all {
		if chance.Float64() >= share {
			kept = append(kept, classify.Feature{Bucket: f.Bucket, Value: f.Value / float32(1-share)})
		}
	}
	return kept
}

// step learns from what is seen of an example.
func step(m *classify.Model, squares []float32, seen classify.Vector, e example, o Options) {
	p := classify.Softmax(m.Logits(seen), e.May)
	for _, f := range seen {
		base := int(f.Bucket) * len(p)
		for i, pi := range p {
			if !e.May[i] {
				continue
			}
			g := pi
			if i == e.label {
				g--
			}
			at := base + i
			gradient := float32(g)*f.Value + float32(o.Decay)*m.Weights[at]
			squares[at] += gradient * gradient
			m.Weights[at] -= float32(o.Rate) * gradient / (float32(math.Sqrt(float64(squares[at]))) + 1e-4)
		}
	}
}
