package app

import (
	"errors"
	"fmt"
	"io"
	"os"

	"drumbeat/internal/classify"
	"drumbeat/internal/inbound"
	"drumbeat/internal/outreach"
)

// maxModel bounds a model file, in bytes; one of this version has a few MiB.
const maxModel = 64 << 20

// LoadClassifier gives the shipped classifier, or one that decides by a model of
// "reply train" when a file is named.
func LoadClassifier(modelFile string) (*classify.Classifier, error) {
	classifier, err := classify.New()
	if err != nil {
		return nil, fmt.Errorf("classifier: %w", err)
	}
	if modelFile == "" {
		return classifier, nil
	}
	data, err := readModel(modelFile)
	if err != nil {
		return nil, &outreach.Problem{Code: "MODEL_UNREADABLE", Detail: "the model " + modelFile + " cannot be read", Err: err,
			Fix: "check the path; drumbeat reply train --out FILE makes one"}
	}
	model, err := classify.DecodeModel(data)
	if err != nil {
		return nil, &outreach.Problem{Code: "MODEL_INVALID", Detail: modelFile + " is no model of this version", Err: errors.Join(err, outreach.ErrInvalid),
			Fix: "make it anew: drumbeat reply train --out " + modelFile}
	}
	return classifier.With(model), nil
}

// shipped is the shipped classifier, read when the first reply comes: a worker that
// waits for one has no use for its megabytes.
type shipped struct{}

func (shipped) Classify(in classify.Input) classify.Result { return classify.Classify(in) }

// engineClassifier is what an engine understands replies by. A file that somebody
// named is read at once, so that a wrong one is told at the start.
func engineClassifier(modelFile string) (inbound.Classifier, error) {
	if modelFile == "" {
		return shipped{}, nil
	}
	return LoadClassifier(modelFile)
}

func readModel(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxModel))
}
