package classify_test

import (
	"testing"

	"drumbeat/internal/classify"
	"drumbeat/internal/classify/learn"
)

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := classify.New(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	cases, err := learn.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	inputs := make([]classify.Input, len(cases))
	for i, c := range cases {
		inputs[i] = c.Input()
	}
	classify.Classify(inputs[0])
	i := 0
	for b.Loop() {
		classify.Classify(inputs[i%len(inputs)])
		i++
	}
}
