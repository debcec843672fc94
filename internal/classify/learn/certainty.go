package learn

import (
	"math"

	"drumbeat/internal/classify"
)

// How a certainty is fitted.
const (
	fitPasses   = 150
	fitStep     = 0.03
	settleAfter = 100 // passes; then the steps are shorter, so that it comes to rest
	settleStep  = 0.01
	fitPull     = 1e-3 // towards a certainty that looks at no sign
)

// firstSharpness is where the fit begins: held-out logits are too modest.
const firstSharpness = 0.5

// noFold leaves no fold out.
const noFold = -1

// certainty learns from held-out logits how sure a model may be: by the least loss
// over the replies outside the fold but, where the model has a say. Each writer
// counts alike: some wrote many replies, and hard ones on purpose.
func certainty(data []example, held [][labels]float64, fold []int, but int) classify.Certainty {
	c := classify.Certainty{firstSharpness}
	wrote, writers := map[string]float64{}, 0.0
	var use []int
	for i, e := range data {
		if fold[i] == but || e.Ruled {
			continue
		}
		if wrote[e.writer] == 0 {
			writers++
		}
		wrote[e.writer]++
		use = append(use, i)
	}
	var pace descent
	for pass := range fitPasses {
		var slope gradient
		for _, i := range use {
			slope.add(c, data[i], held[i], 1/(wrote[data[i].writer]*writers))
		}
		slope.pull(c)
		step := fitStep
		if pass >= settleAfter {
			step = settleStep
		}
		pace.take(&c, slope, step)
	}
	return c
}

// gradient is the slope of the loss in the weight of each sign.
type gradient classify.Signs

// add counts a reply with a weight.
func (g *gradient) add(c classify.Certainty, e example, logits [labels]float64, weight float64) {
	factor := c.Factor(e.Signs)
	var along float64
	for i, p := range c.Probabilities(logits, e.May, e.Signs) {
		if !e.May[i] {
			continue
		}
		if i == e.label {
			p--
		}
		along += weight * p * logits[i] * factor
	}
	for i, sign := range e.Signs {
		g[i] += along * sign
	}
}

// pull draws every weight but the common one towards 0.
func (g *gradient) pull(c classify.Certainty) {
	for i := 1; i < len(g); i++ {
		g[i] += fitPull * c[i]
	}
}

// descent is the state of Adam (Kingma and Ba 2015), which takes long steps where
// the slope has been steady.
type descent struct {
	mean, square gradient
	taken        int
}

// take goes a step down.
func (d *descent) take(c *classify.Certainty, g gradient, step float64) {
	const keepMean, keepSquare = 0.9, 0.99
	d.taken++
	for i, slope := range g {
		d.mean[i] = keepMean*d.mean[i] + (1-keepMean)*slope
		d.square[i] = keepSquare*d.square[i] + (1-keepSquare)*slope*slope
		mean := d.mean[i] / (1 - math.Pow(keepMean, float64(d.taken)))
		square := d.square[i] / (1 - math.Pow(keepSquare, float64(d.taken)))
		c[i] -= step * mean / (math.Sqrt(square) + 1e-9)
	}
}
