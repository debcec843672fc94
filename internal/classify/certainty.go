package classify

import "math"

// signs is how many things beside the words tell how far a model can be trusted.
const signs = 5

// Signs are those things, of one reply: 1, whether a machine wrote it, its length,
// how many concepts it has a word, and whether it is a short answer.
type Signs [signs]float64

// usualLength and usualConcepts are about those of the shipped replies: around them
// a sign says nothing.
const (
	usualLength   = 3   // as the logarithm of words
	usualConcepts = 0.3 // a word
	fewWords      = 5   // are added, so that one concept in two words is no crowd
)

// signs gives those of what was read.
func (r reading) signs() Signs {
	words := float64(len(r.text.tokens))
	s := Signs{1, 0, math.Log1p(words) - usualLength, float64(len(r.hits))/(words+fewWords) - usualConcepts, 0}
	if r.automatic() {
		s[1] = 1
	}
	if words <= shortAnswer {
		s[4] = 1
	}
	return s
}

// Certainty makes of a model's logits probabilities that mean what they say: it
// weighs the signs, and the exponential of their sum is by how much the logits are
// sharpened. A long reply, or one full of concepts, says the same thing twice, and a
// short one hangs on little: such logits are worth less. It is learned from replies
// of writers that the model had not seen. The order of the labels stays: leaning
// towards those that a model names too seldom was tried, and took twice as many
// people for machines.
type Certainty Signs

// mostSharp bounds the logarithm of the factor: signs can lie far from all that
// was learned from.
const mostSharp = 2

// Factor is by how much the logits of a reply are multiplied.
func (c Certainty) Factor(s Signs) float64 {
	var sum float64
	for i, weight := range c {
		sum += weight * s[i]
	}
	return math.Exp(min(max(sum, -mostSharp), mostSharp))
}

// Probabilities gives those of the labels that may be; they add up to 1.
func (c Certainty) Probabilities(z [labels]float64, may [labels]bool, s Signs) [labels]float64 {
	factor := c.Factor(s)
	for i := range z {
		z[i] *= factor
	}
	return Softmax(z, may)
}
