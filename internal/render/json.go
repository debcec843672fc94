package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// JSONBody is the body of a webhook: JSON whose texts may be Liquid. Its shape
// is the file's and never the lead's: a value stands inside the quotes of its
// text, whatever signs are in it.
type JSONBody struct {
	parts []jsonPart
	names []Name
}

// jsonPart is a piece of JSON as it stands, or a text that is rendered.
type jsonPart struct {
	literal []byte
	text    *fragment
}

// ParseJSON reads the body that a step of a file holds. Keys are taken as they
// stand.
func ParseJSON(file string, raw []byte) (*JSONBody, []*Error) {
	if err := checkEncoding(file, raw); err != nil {
		return nil, []*Error{err}
	}
	if !json.Valid(raw) {
		return nil, []*Error{{file, 1, 1, CodeEncoding, "the body is no JSON", ""}}
	}
	body, from := &JSONBody{}, 0
	var bad []*Error
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		end := endOfText(raw, i)
		var text string
		if err := json.Unmarshal(raw[i:end], &text); err == nil && liquidIn(text) && !isKey(raw[end:]) {
			s := &source{file: file, scope: ScopeWebhook, text: text, line: 1, column: 1}
			compiled, _ := compile(s)
			bad = append(bad, s.errors...)
			body.names = append(body.names, s.names...)
			body.parts = append(body.parts, jsonPart{literal: raw[from:i]}, jsonPart{text: &compiled})
			from = end
		}
		i = end - 1
	}
	body.parts = append(body.parts, jsonPart{literal: raw[from:]})
	if len(bad) > 0 {
		return nil, bad
	}
	return body, nil
}

func liquidIn(text string) bool {
	return strings.Contains(text, "{{") || strings.Contains(text, "{%") || strings.Contains(text, "}}") || strings.Contains(text, "%}")
}

// endOfText is the offset behind the text that begins at start.
func endOfText(raw []byte, start int) int {
	for i := start + 1; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

func isKey(behind []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(behind), []byte(":")) }

// Names lists every use of a field.
func (b *JSONBody) Names() []Name { return b.names }

// CheckText finds the faults of one text of a scope, and which fields it names.
func CheckText(scope Scope, text string) ([]Name, []*Error) {
	s := &source{scope: scope, text: text, line: 1, column: 1}
	compile(s)
	return s.names, s.errors
}

// Render gives the body for a lead, or a *NeedsDataError: a field that is blank
// must have a default, or stand inside an {% if %}, as in a mail. References to the
// environment stay as the file has them; a value can never be one, because its
// braces are written as escapes.
func (b *JSONBody) Render(vars Vars) ([]byte, error) {
	var out bytes.Buffer
	for _, part := range b.parts {
		if part.text == nil {
			out.Write(part.literal)
			continue
		}
		skeleton, values, err := part.text.run(vars)
		if err != nil {
			return nil, err
		}
		out.WriteByte('"')
		out.WriteString(fill(JSONText(skeleton), values, inertJSON))
		out.WriteByte('"')
		if out.Len() > maxOutput {
			return nil, &NeedsDataError{"", part.text.file, part.text.line, fmt.Sprintf("the body is longer than %d KiB", maxOutput>>10)}
		}
	}
	return out.Bytes(), nil
}

// JSONText is a text as it stands between the quotes of JSON.
func JSONText(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // what reads it is no browser; < and & stay readable
	_ = encoder.Encode(text)     // a text can always be written
	return strings.TrimSuffix(strings.TrimPrefix(out.String(), `"`), "\"\n")
}

// inertJSON is JSONText in which nothing looks like a reference to the
// environment: ${NAME} of a lead is a text, and no question to us.
func inertJSON(text string) string { return strings.ReplaceAll(JSONText(text), "{", `\u007b`) }

// InertJSON makes JSON inert that holds a lead's data and nothing of a file's:
// the same values, with their braces inside texts written as escapes.
func InertJSON(raw []byte) []byte {
	var out bytes.Buffer
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			out.WriteByte(raw[i])
			continue
		}
		end := endOfText(raw, i)
		out.Write(bytes.ReplaceAll(raw[i:end], []byte("{"), []byte(`\u007b`)))
		i = end - 1
	}
	return out.Bytes()
}

// WebhookFields is what the body of a webhook may say beside the lead.
type WebhookFields struct {
	EventID     string
	At          string // RFC 3339
	Sequence    string
	Step        string
	CallbackURL string // empty: none is awaited
}

// WithWebhook adds what the body of a webhook may say.
func (v Vars) WithWebhook(w WebhookFields) Vars {
	return v.with("event", map[string]any{
		"id": bind(w.EventID), "at": bind(w.At), "sequence": bind(w.Sequence), "step": bind(w.Step), "callback_url": bind(w.CallbackURL),
	})
}
