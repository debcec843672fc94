package classify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"drumbeat/internal/outreach"
)

// Model is a linear softmax model over the word labels. While it is trained its
// weights are floats; a decoded one reads them where the file has them, which
// costs nothing at the start.
type Model struct {
	Weights   []float32    // bucket-major: Weights[bucket*labels+label]; nil when decoded
	stored    []byte       // the same as steps, one byte each
	values    [256]float64 // what a step is worth
	Certainty Certainty
	Name      string
}

// labels is the number of labels a model tells apart: outreach.WordLabels, in
// their order.
const labels = 11

// NewModel gives a model that knows nothing.
func NewModel() *Model {
	return &Model{Weights: make([]float32, buckets*labels)}
}

// Logits gives the raw score of each label.
func (m *Model) Logits(v Vector) [labels]float64 {
	var z [labels]float64
	for _, f := range v {
		base := int(f.Bucket) * labels
		for i := range z {
			z[i] += m.weight(base+i) * float64(f.Value)
		}
	}
	return z
}

func (m *Model) weight(at int) float64 {
	if m.stored == nil {
		return float64(m.Weights[at])
	}
	return m.values[m.stored[at]]
}

// Softmax turns logits into probabilities over the labels that may be.
func Softmax(z [labels]float64, may [labels]bool) [labels]float64 {
	top := math.Inf(-1)
	for i, ok := range may {
		if ok {
			top = max(top, z[i])
		}
	}
	var p [labels]float64
	var sum float64
	for i, ok := range may {
		if ok {
			p[i] = math.Exp(z[i] - top)
			sum += p[i]
		}
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// May tells which labels a kind of message can have: automatic mail never
// carries a human label, and only automatic mail is an auto_reply.
func May(kind outreach.Kind) [labels]bool {
	var may [labels]bool
	for i, label := range outreach.WordLabels() {
		switch label {
		case outreach.LabelOutOfOffice, outreach.LabelLeftCompany:
			may[i] = true
		case outreach.LabelAutoReply:
			may[i] = kind == outreach.KindAutomatic
		default:
			may[i] = kind != outreach.KindAutomatic
		}
	}
	return may
}

// modelMagic begins a stored model; the number rises when features change.
const modelMagic = "DRUMBEAT-MODEL-4"

var errModel = errors.New("not a model of this version")

// mostSteps is how many steps a stored weight can be away from 0. Steps grow with
// the square of their number: most weights are small, and of those a byte keeps
// what matters.
const mostSteps = 127

// headSize is how many bytes of a stored model stand before its weights: the magic,
// the certainty and the largest weight, eight bytes a number.
const headSize = len(modelMagic) + 8*(signs+1)

// Encode stores a model that was trained: its head, then each weight as a signed
// byte of steps.
func (m *Model) Encode() []byte {
	var top float64
	for _, w := range m.Weights {
		top = max(top, math.Abs(float64(w)))
	}
	out := []byte(modelMagic)
	for _, number := range append(m.Certainty[:], top) {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(number))
	}
	for _, w := range m.Weights {
		steps := math.Round(mostSteps * math.Sqrt(math.Abs(float64(w))/(top+1e-30)))
		out = append(out, byte(int8(math.Copysign(steps, float64(w)))))
	}
	return out
}

// DecodeModel reads what Encode wrote and keeps it; the name is taken from its
// content.
func DecodeModel(data []byte) (*Model, error) {
	if len(data) != headSize+buckets*labels || string(data[:len(modelMagic)]) != modelMagic {
		return nil, errModel
	}
	m := &Model{stored: data[headSize:], Name: fmt.Sprintf("linear-%08x", crc32.ChecksumIEEE(data))}
	var head [signs + 1]float64
	for i := range head {
		head[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[len(modelMagic)+8*i:]))
	}
	copy(m.Certainty[:], head[:])
	top := head[signs]
	for step := range m.values {
		share := float64(int8(step)) / mostSteps
		m.values[step] = top * share * math.Abs(share)
	}
	return m, nil
}
