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
	Weights     []float32 // bucket-major: Weights[bucket*labels+label]; nil when decoded
	stored      []byte    // the same as 16-bit integers, little endian
	scale       float64   // of the stored weights
	Temperature float64   // logits are divided by it: fitted on held-out folds
	Name        string
}

// labels is the number of labels a model tells apart: outreach.WordLabels, in
// their order.
const labels = 11

// NewModel gives a model that knows nothing.
func NewModel() *Model {
	return &Model{Weights: make([]float32, buckets*labels), Temperature: 1}
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
	return float64(int16(binary.LittleEndian.Uint16(m.stored[2*at:]))) * m.scale
}

// Softmax turns logits into probabilities over the labels that may be.
func Softmax(z [labels]float64, may [labels]bool, temperature float64) [labels]float64 {
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
			p[i] = math.Exp((z[i] - top) / temperature)
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
const modelMagic = "DRUMBEAT-MODEL-1"

var errModel = errors.New("not a model of this version")

// Encode stores a model that was trained: magic, temperature, one scale, weights
// as 16-bit integers.
func (m *Model) Encode() []byte {
	var top float64
	for _, w := range m.Weights {
		top = max(top, math.Abs(float64(w)))
	}
	scale := top / math.MaxInt16
	out := []byte(modelMagic)
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(m.Temperature))
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(scale))
	for _, w := range m.Weights {
		out = binary.LittleEndian.AppendUint16(out, uint16(int16(math.Round(float64(w)/(scale+1e-30)))))
	}
	return out
}

// DecodeModel reads what Encode wrote and keeps it; the name is taken from its
// content.
func DecodeModel(data []byte) (*Model, error) {
	const head = len(modelMagic) + 16
	if len(data) != head+2*buckets*labels || string(data[:len(modelMagic)]) != modelMagic {
		return nil, errModel
	}
	return &Model{
		Temperature: math.Float64frombits(binary.LittleEndian.Uint64(data[len(modelMagic):])),
		scale:       math.Float64frombits(binary.LittleEndian.Uint64(data[len(modelMagic)+8:])),
		stored:      data[head:],
		Name:        fmt.Sprintf("linear-%08x", crc32.ChecksumIEEE(data)),
	}, nil
}
