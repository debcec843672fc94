package learn

import (
	"embed"
	"fmt"
	"io/fs"

	"drumbeat/internal/classify"
)

// Shipped reads the labelled replies that the embedded model was made of.
func Shipped() ([]Case, error) {
	names, err := fs.Glob(classify.TrainingData, "data/training/*.jsonl")
	if err != nil {
		return nil, fmt.Errorf("list training data: %w", err)
	}
	var cases []Case
	for _, name := range names {
		more, err := readFrom(classify.TrainingData, name)
		if err != nil {
			return nil, err
		}
		cases = append(cases, more...)
	}
	return cases, nil
}

func readFrom(files embed.FS, name string) ([]Case, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("training data: %w", err)
	}
	defer f.Close()
	return ReadCases(f, name)
}
