package classify

import "embed"

// TrainingData are the labelled replies that the embedded model was made of;
// package learn reads them.
//
//go:embed data/training/*.jsonl
var TrainingData embed.FS
