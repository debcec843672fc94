package classify

// Sample is a reply as training sees it.
type Sample struct {
	Vector Vector
	Signs  Signs
	May    [labels]bool
	// Ruled tells that a rule makes the label, or that there is no word: the model
	// is not asked.
	Ruled bool
}

// Sample reads a reply for training.
func (c *Classifier) Sample(in Input) Sample {
	r := c.read(in.capped())
	return Sample{c.vector(r), r.signs(), May(r.in.Kind), c.ruled(r)}
}

// ruled tells whether the model has no say in a reply's label.
func (c *Classifier) ruled(r reading) bool {
	return c.ruleOptOut(r).asked || len(r.text.tokens) == 0 && !r.automatic()
}
