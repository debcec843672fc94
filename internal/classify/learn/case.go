// Package learn makes the model of package classify from labelled replies and
// measures it. It reads and computes; files are opened by its callers.
package learn

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reply"
)

// Case is a labelled reply, one line of a .jsonl file: docs/LABELS.md.
type Case struct {
	ID         string                     `json:"id"`
	From       string                     `json:"from"`
	Subject    string                     `json:"subject"`
	Body       string                     `json:"body"`
	Headers    map[string]json.RawMessage `json:"headers"`
	Received   time.Time                  `json:"received"`
	Label      outreach.Label             `json:"label"`
	Secondary  []outreach.Label           `json:"secondary"`
	ReturnOn   *outreach.Day              `json:"return_on"`
	FollowUpOn *outreach.Day              `json:"follow_up_on"`
	Contact    *CaseContact               `json:"contact"`
	Competitor *string                    `json:"competitor"`
	Language   string                     `json:"language"`
	ReplyText  string                     `json:"reply_text"`
	Source     string                     `json:"-"` // which file, for folds
}

// CaseContact is the person of a case.
type CaseContact struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone"`
	Title string `json:"title"`
}

// ReadCases reads JSON lines; source names them in errors and folds.
func ReadCases(r io.Reader, source string) ([]Case, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 4<<20)
	var cases []Case
	for number := 1; lines.Scan(); number++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		c := Case{Source: source}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", source, number, err)
		}
		if labelIndex(c.Label) < 0 {
			return nil, fmt.Errorf("%s:%d: %w: label %q", source, number, outreach.ErrInvalid, c.Label)
		}
		cases = append(cases, c)
	}
	return cases, lines.Err()
}

// Header gives a header's text, empty when the case has none of that name.
func (c Case) Header(name string) string {
	for key, raw := range c.Headers {
		if !strings.EqualFold(key, name) {
			continue
		}
		var one string
		if json.Unmarshal(raw, &one) == nil {
			return one
		}
		var many []string
		if json.Unmarshal(raw, &many) == nil {
			return strings.Join(many, ", ")
		}
	}
	return ""
}

// Input is the case as package reply hands it on. A mail that cannot be read is
// empty.
func (c Case) Input() classify.Input {
	m, err := reply.Parse(c.Mail(), time.Time{})
	if err != nil {
		return classify.Input{Kind: outreach.KindHuman}
	}
	return classify.InputOf(&m)
}

func labelIndex(label outreach.Label) int {
	for i, known := range outreach.WordLabels() {
		if known == label {
			return i
		}
	}
	return -1
}
