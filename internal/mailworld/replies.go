package mailworld

import (
	_ "embed"
	"fmt"

	"go.yaml.in/yaml/v4"

	"drumbeat/internal/outreach"
)

// Reply is one hand-written answer of replies.yaml.
type Reply struct {
	Label    outreach.Label `yaml:"label"`
	Language string         `yaml:"language"`
	Auto     bool           `yaml:"auto"` // a machine wrote it
	Days     int            `yaml:"days"` // until the day that it names; 0: names none
	Text     string         `yaml:"text"`
}

//go:embed replies.yaml
var repliesFile []byte

// Replies gives the hand-written answers, in the order of their file.
func Replies() ([]Reply, error) {
	var file struct {
		Replies []Reply `yaml:"replies"`
	}
	if err := yaml.Unmarshal(repliesFile, &file); err != nil {
		return nil, fmt.Errorf("mail world: replies.yaml: %w", err)
	}
	return file.Replies, nil
}
