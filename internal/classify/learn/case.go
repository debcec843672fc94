// Package learn makes the model of package classify from labelled replies and
// measures it. It reads and computes; files are opened by its callers.
package learn

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
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

// Input is the case as package reply would hand it on: the new text is known,
// what stands behind it is taken for signature and quote alike.
func (c Case) Input() classify.Input {
	in := classify.Input{Kind: outreach.KindHuman, Subject: c.Subject, Text: c.ReplyText, ReceivedAt: c.Received}
	for _, name := range []string{"Auto-Submitted", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "Precedence"} {
		if value := c.Header(name); value != "" && value != "no" {
			in.Kind = outreach.KindAutomatic
			in.Automatic = append(in.Automatic, name+": "+value)
		}
	}
	if from, err := mail.ParseAddress(c.From); err == nil {
		in.From = outreach.Address{Name: from.Name, Email: from.Address}
	}
	if list, err := mail.ParseAddressList(c.Header("Cc")); err == nil {
		for _, a := range list {
			in.Cc = append(in.Cc, outreach.Address{Name: a.Name, Email: a.Address})
		}
	}
	in.Signature, in.Quoted = c.behind()
	return in
}

// behind splits what the body has besides the new text into signature and
// quote: lines with a quote mark or behind an attribution are quoted.
func (c Case) behind() (signature, quoted string) {
	var sig, quote []string
	inQuote := false
	known := map[string]bool{}
	for _, line := range strings.Split(c.ReplyText, "\n") {
		known[strings.TrimSpace(line)] = true
	}
	for _, line := range strings.Split(c.Body, "\n") {
		trimmed := strings.TrimSpace(line)
		if known[trimmed] {
			continue
		}
		if strings.HasPrefix(trimmed, ">") || attribution(trimmed) {
			inQuote = true
		}
		if inQuote {
			quote = append(quote, strings.TrimLeft(trimmed, "> "))
		} else {
			sig = append(sig, trimmed)
		}
	}
	return strings.Join(sig, "\n"), strings.Join(quote, "\n")
}

func attribution(line string) bool {
	return strings.Contains(line, "@") && strings.HasSuffix(line, ":") || strings.HasPrefix(line, "-----") ||
		strings.HasPrefix(line, "From:") || strings.HasPrefix(line, "Von:") || strings.HasPrefix(line, "De ")
}

func labelIndex(label outreach.Label) int {
	for i, known := range outreach.WordLabels() {
		if known == label {
			return i
		}
	}
	return -1
}
