package strictyaml

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"go.yaml.in/yaml/v4"
)

// JSON is what stands under an Any, in the order of the file; nil when there is
// none.
func (v *Value) JSON() json.RawMessage {
	if v == nil {
		return nil
	}
	raw, _ := v.parsed.(json.RawMessage)
	return raw
}

// Leaves lists the scalars under an Any, deepest first in the order of the file,
// so that a fault of one can be reported at its place.
func (v *Value) Leaves() []*Value {
	if v == nil {
		return nil
	}
	return v.items
}

// checkAny turns a tree into JSON.
func (d *Document) checkAny(node *yaml.Node, name string) *Value {
	v := &Value{node: node, text: node.Value}
	before := len(d.diagnostics)
	var out bytes.Buffer
	d.writeAny(&out, node, name, v)
	if len(d.diagnostics) > before {
		return nil
	}
	v.parsed = json.RawMessage(out.Bytes())
	return v
}

func (d *Document) writeAny(out *bytes.Buffer, node *yaml.Node, name string, root *Value) {
	switch node.Kind {
	case yaml.MappingNode:
		d.writeAnyMapping(out, node, name, root)
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, child := range node.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			d.writeAny(out, child, fmt.Sprintf("%s %d", name, i+1), root)
		}
		out.WriteByte(']')
	case yaml.ScalarNode:
		root.items = append(root.items, &Value{node: node, text: node.Value})
		d.writeAnyScalar(out, node, name)
	}
}

func (d *Document) writeAnyMapping(out *bytes.Buffer, node *yaml.Node, name string, root *Value) {
	out.WriteByte('{')
	lines := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, content := node.Content[i], node.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			if key.Kind == yaml.MappingNode || key.Tag == "!!merge" {
				d.refuseKey(key, content)
			} else {
				d.wrongType(key, "a key of "+name, "a word")
			}
			continue
		}
		if line, twice := lines[key.Value]; twice {
			d.reportAt(key.Line, key.Column, CodeDuplicateKey, "keep one of the two",
				"%q stands here a second time; the first is on line %d", key.Value, line)
			continue
		}
		lines[key.Value] = key.Line
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(quoted(key.Value))
		out.WriteByte(':')
		d.writeAny(out, content, key.Value, root)
	}
	out.WriteByte('}')
}

// writeAnyScalar keeps the type that YAML gives a value. What JSON has no word for
// (a date, a number that is none) stays a text.
func (d *Document) writeAnyScalar(out *bytes.Buffer, node *yaml.Node, name string) {
	switch node.Tag {
	case "!!null":
		out.WriteString("null")
		return
	case "!!bool", "!!int", "!!float":
		var number any
		if err := node.Decode(&number); err != nil {
			d.wrongType(node, name, "a value that JSON can hold")
			return
		}
		if f, isFloat := number.(float64); isFloat && (math.IsInf(f, 0) || math.IsNaN(f)) {
			break
		}
		if text, err := json.Marshal(number); err == nil {
			out.Write(text)
			return
		}
	case "!!binary":
		d.wrongType(node, name, "a text")
		return
	}
	out.Write(quoted(node.Value))
}

// quoted writes a text as JSON; < and & stay as they are.
func quoted(text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a text can always be written
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
