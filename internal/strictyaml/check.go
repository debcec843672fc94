package strictyaml

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// refuseAliases reports anchors, aliases and merge keys. Files are read by people
// in a review: what stands in a place is what is written there. It also keeps
// bombs of aliases out; the checks below never follow one.
func (d *Document) refuseAliases(node *yaml.Node) {
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		d.reportAt(node.Line, node.Column, CodeAlias, "write the value out", "anchors and aliases are not allowed")
		return
	}
	for _, child := range node.Content {
		d.refuseAliases(child)
	}
}

// check fits a node to a type; name is what messages call the place. It gives nil
// when the node does not fit, after reporting why.
func (d *Document) check(node *yaml.Node, t *Type, name string) *Value {
	switch {
	case node.Kind == yaml.AliasNode:
		return nil // reported by refuseAliases
	case t.kind == kindMap && t.shorthand != "" && node.Kind == yaml.ScalarNode && node.Tag != "!!null":
		return d.checkShorthand(node, t)
	case t.kind == kindMap || t.kind == kindEntries:
		return d.checkMapping(node, t, name)
	case t.kind == kindList:
		return d.checkList(node, t, name)
	case t.kind == kindAny:
		return d.checkAny(node, name)
	default:
		return d.checkScalar(node, t, name)
	}
}

func (d *Document) checkShorthand(node *yaml.Node, t *Type) *Value {
	value := d.check(node, t.field(t.shorthand).Type, t.shorthand)
	if value == nil {
		return nil
	}
	return &Value{node: node, names: []string{t.shorthand}, byName: map[string]*Value{t.shorthand: value}}
}

func (d *Document) checkMapping(node *yaml.Node, t *Type, name string) *Value {
	if node.Kind != yaml.MappingNode {
		d.wrongType(node, name, "a mapping of keys and values")
		return nil
	}
	v := &Value{node: node, byName: map[string]*Value{}, keys: map[string]*Value{}}
	for i := 0; i+1 < len(node.Content); i += 2 {
		d.checkEntry(v, node.Content[i], node.Content[i+1], t)
	}
	for _, field := range t.fields {
		if _, there := v.keys[field.Name]; field.required && !there {
			d.reportAt(node.Line, node.Column, CodeMissingKey, "add "+field.Name+": ...",
				"%s lacks %q: %s", name, field.Name, field.Type.doc)
		}
	}
	return v
}

func (d *Document) checkEntry(v *Value, key, content *yaml.Node, t *Type) {
	if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
		d.refuseKey(key, content)
		return
	}
	name := key.Value
	if before, twice := v.keys[name]; twice {
		d.reportAt(key.Line, key.Column, CodeDuplicateKey, "keep one of the two",
			"%q stands here a second time; the first is on line %d", name, before.Line())
		return
	}
	v.keys[name] = &Value{node: key, text: name}
	valueType := d.typeOf(key, t)
	if valueType == nil {
		return
	}
	if value := d.check(content, valueType, name); value != nil {
		v.names = append(v.names, name)
		v.byName[name] = value
	}
}

// refuseKey reports a key that is no word.
func (d *Document) refuseKey(key, content *yaml.Node) {
	switch {
	case key.Kind == yaml.MappingNode && content.Tag == "!!null":
		d.unquoted(key.Line, key.Column)
	case key.Tag == "!!merge":
		d.reportAt(key.Line, key.Column, CodeAlias, "write the keys out", "merge keys (<<) are not allowed")
	case key.Kind != yaml.AliasNode:
		d.reportAt(key.Line, key.Column, CodeWrongType, "", "a key must be a word")
	}
}

// typeOf finds what belongs under a key, or reports why nothing does.
func (d *Document) typeOf(key *yaml.Node, t *Type) *Type {
	if t.kind == kindEntries {
		if len(t.keys) > 0 && !slices.Contains(t.keys, key.Value) {
			d.reportAt(key.Line, key.Column, CodeUnknownKey, suggest(key.Value, t.keys), "%q is not known here", key.Value)
			return nil
		}
		return t.item
	}
	field := t.field(key.Value)
	if field == nil {
		d.reportAt(key.Line, key.Column, CodeUnknownKey, suggest(key.Value, t.names()), "unknown key %q", key.Value)
		return nil
	}
	if field.refused != "" {
		d.reportAt(key.Line, key.Column, field.refused, field.fix, "%s", strings.TrimSuffix(field.Type.doc, "."))
		return nil
	}
	return field.Type
}

func (d *Document) checkList(node *yaml.Node, t *Type, name string) *Value {
	if node.Kind != yaml.SequenceNode {
		d.wrongType(node, name, "a list")
		return nil
	}
	v := &Value{node: node}
	for i, child := range node.Content {
		if item := d.check(child, t.item, fmt.Sprintf("%s %d", name, i+1)); item != nil {
			v.items = append(v.items, item)
		}
	}
	return v
}

func (d *Document) checkScalar(node *yaml.Node, t *Type, name string) *Value {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || node.Tag == "!!binary" {
		d.wrongType(node, name, t.expects())
		return nil
	}
	v := &Value{node: node, text: node.Value}
	switch t.kind {
	case kindInt:
		return d.checkInt(v, t, name)
	case kindBool:
		return d.checkBool(v, name)
	case kindChoice:
		if !slices.Contains(t.choices, v.text) {
			d.Report(v, CodeBadValue, suggest(v.text, t.choices), "%s cannot be %q", name, v.text)
			return nil
		}
	case kindScalar:
		parsed, err := t.parse(v.text)
		if err != nil {
			d.Report(v, t.code, "write it like "+t.example, "%s: %v", name, err)
			return nil
		}
		v.parsed = parsed
	default:
		return d.checkText(v, name)
	}
	return v
}

func (d *Document) checkText(v *Value, name string) *Value {
	if v.node.Tag == "!!bool" {
		d.Report(v, CodeWrongType, `put it into quotes: "`+v.text+`"`, "%s is a text, and %s without quotes is a yes or no", name, v.text)
		return nil
	}
	if strings.TrimSpace(v.text) == "" {
		d.Report(v, CodeWrongType, "write a text or leave the key out", "%s is blank", name)
		return nil
	}
	return v
}

func (d *Document) checkInt(v *Value, t *Type, name string) *Value {
	n, err := strconv.Atoi(v.text)
	if err != nil || v.node.Tag != "!!int" {
		d.wrongType(v.node, name, t.expects())
		return nil
	}
	if n < t.min || n > t.max {
		d.Report(v, CodeOutOfRange, "write "+t.expects(), "%s cannot be %d", name, n)
		return nil
	}
	v.number = n
	return v
}

func (d *Document) checkBool(v *Value, name string) *Value {
	if v.node.Tag != "!!bool" {
		d.wrongType(v.node, name, "true or false")
		return nil
	}
	v.truth = strings.EqualFold(v.text, "true")
	return v
}

// wrongType reports a value of another shape than expected.
func (d *Document) wrongType(node *yaml.Node, name, expected string) {
	if node.Kind == yaml.MappingNode && len(node.Content) == 2 && node.Content[0].Kind == yaml.MappingNode {
		d.unquoted(node.Line, node.Column)
		return
	}
	d.reportAt(node.Line, node.Column, CodeWrongType, "write "+expected, "%s is %s, not %s", name, describe(node), expected)
}

// unquoted names the commonest slip: {{ name }} without quotes is, to YAML, a
// mapping whose key is a mapping.
func (d *Document) unquoted(line, column int) {
	d.reportAt(line, column, CodeUnquoted, `put the value into quotes: "{{ ... }}"`,
		"a value that begins with {{ must stand in quotes")
}

func describe(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "a mapping"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Tag == "!!null":
		return "empty"
	default:
		return strconv.Quote(node.Value)
	}
}
