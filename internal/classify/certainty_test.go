package classify_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

func TestCertaintyGivesProbabilitiesAndKeepsTheOrderOfLabels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var logits [11]float64
		for i := range logits {
			logits[i] = rapid.Float64Range(-8, 8).Draw(t, "logit")
		}
		var certainty classify.Certainty
		var signs classify.Signs
		for i := range certainty {
			certainty[i] = rapid.Float64Range(-5, 5).Draw(t, "weight")
			signs[i] = rapid.Float64Range(-5, 5).Draw(t, "sign")
		}
		may := classify.May(rapid.SampledFrom([]outreach.Kind{outreach.KindHuman, outreach.KindAutomatic}).Draw(t, "kind"))
		p := certainty.Probabilities(logits, may, signs)
		var sum float64
		for i := range p {
			sum += p[i]
			if p[i] < 0 || !may[i] && p[i] != 0 {
				t.Fatalf("label %d has %g", i, p[i])
			}
			for j := range p {
				if may[i] && may[j] && logits[i] < logits[j] && p[i] > p[j] {
					t.Fatalf("logits %v give %v", logits, p)
				}
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("probabilities add up to %g", sum)
		}
	})
}

func TestASignWithWeightMakesItsRepliesSurer(t *testing.T) {
	logits := [11]float64{2, 1}
	sure := func(machine float64) float64 {
		p := classify.Certainty{0, 0.5}.Probabilities(logits, classify.May(outreach.KindHuman), classify.Signs{1, machine})
		return slices.Max(p[:])
	}
	if sure(1) <= sure(0) {
		t.Errorf("sure by %.3f with the sign, by %.3f without", sure(1), sure(0))
	}
}
