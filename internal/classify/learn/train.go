package learn

import (
	"math"
	"math/rand/v2"

	"drumbeat/internal/classify"
)

// Options of the training. The zero value of a field means its default.
type Options struct {
	Epochs int     // passes over the data; 20
	Rate   float64 // of learning, before AdaGrad's division; 0.1
	Decay  float64 // L2 pull of a weight each time it is touched; 1e-3
	Runs   int     // trainings in different orders, whose mean is the model; 3
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
		o.Runs = 3
	}
	if o.Drop == 0 {
		o.Drop = 0.5
	}
	return o
}

// example is a case ready for the model.
type example struct {
	vector classify.Vector
	may    [11]bool
	label  int
	writer string
}

func examples(c *classify.Classifier, cases []Case) []example {
	all := make([]example, len(cases))
	for i, kase := range cases {
		in := kase.Input()
		all[i] = example{c.Features(in), classify.May(in.Kind), labelIndex(kase.Label), kase.Source}
		all[i].may[all[i].label] = true
	}
	return all
}

// fit trains a model by AdaGrad on the softmax loss: the mean of the weights of
// several runs over the second half of their passes, which errs less than any one
// of them. The order of the examples and what each pass leaves out of them are
// drawn from fixed seeds, so the same data give the same bytes.
func fit(data []example, o Options) *classify.Model {
	o = o.withDefaults()
	mean := classify.NewModel()
	for seed := range o.Runs {
		run(mean.Weights, data, o, uint64(seed))
	}
	return mean
}

// run trains once and adds its share to the mean.
func run(mean []float32, data []example, o Options, seed uint64) {
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
			seen = thinned(seen[:0], data[i].vector, o.Drop, chance)
			step(m, squares, example{vector: seen, may: data[i].may, label: data[i].label}, o)
		}
		if epoch < tail {
			continue
		}
		for i, w := range m.Weights {
			mean[i] += w * share
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

func step(m *classify.Model, squares []float32, e example, o Options) {
	p := classify.Softmax(m.Logits(e.vector), e.may, 1)
	for _, f := range e.vector {
		base := int(f.Bucket) * len(p)
		for i, pi := range p {
			if !e.may[i] {
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
