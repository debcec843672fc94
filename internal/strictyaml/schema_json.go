package strictyaml

import "encoding/json"

// JSONSchema writes the schema in the words of JSON Schema 2020-12, by which
// editors complete and check a file while it is written.
func JSONSchema(title string, schema *Type) ([]byte, error) {
	root := schema.jsonSchema()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = title
	text, err := json.MarshalIndent(root, "", "  ")
	return append(text, '\n'), err
}

// jsonSchema leaves the grammar of a Scalar to Parse: an example tells a writer
// more than a pattern.
func (t *Type) jsonSchema() map[string]any {
	schema := map[string]any{"description": t.doc}
	switch t.kind {
	case kindMap:
		t.jsonFields(schema)
	case kindEntries:
		schema["type"] = "object"
		schema["additionalProperties"] = t.item.jsonSchema()
		if len(t.keys) > 0 {
			schema["propertyNames"] = map[string]any{"enum": t.keys}
		}
	case kindList:
		schema["type"] = "array"
		schema["items"] = t.item.jsonSchema()
	case kindInt:
		schema["type"], schema["minimum"], schema["maximum"] = "integer", t.min, t.max
	case kindAny:
	case kindBool:
		schema["type"] = "boolean"
	case kindChoice:
		schema["enum"] = t.choices
	case kindScalar:
		schema["type"], schema["examples"] = []string{"string", "number"}, []string{t.example}
	default:
		schema["type"] = []string{"string", "number"}
	}
	return schema
}

func (t *Type) jsonFields(schema map[string]any) {
	properties, required := map[string]any{}, []string{}
	for _, field := range t.fields {
		if field.refused != "" {
			properties[field.Name] = map[string]any{"not": map[string]any{}, "description": "Refused: " + field.Type.doc}
			continue
		}
		properties[field.Name] = field.Type.jsonSchema()
		if field.required {
			required = append(required, field.Name)
		}
	}
	object := map[string]any{
		"type": "object", "properties": properties, "required": required, "additionalProperties": false,
	}
	if t.shorthand == "" {
		for key, value := range object {
			schema[key] = value
		}
		return
	}
	schema["anyOf"] = []any{object, t.field(t.shorthand).Type.jsonSchema()}
}
