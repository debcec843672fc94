package strictyaml

import "fmt"

// Document is a file that was read: the values that fit, and the faults.
type Document struct {
	File string
	Root *Value // nil when the file is no YAML or no mapping

	diagnostics []Diagnostic
}

// Parse reads a file by its schema. The name is for the diagnostics alone.
func Parse(file string, src []byte, schema *Type) *Document {
	d := &Document{File: file}
	if node := d.load(src); node != nil {
		d.refuseAliases(node)
		d.Root = d.check(node, schema, "the file")
	}
	return d
}

// Report adds an error about a value that fits its schema and is wrong all the
// same; a nil Value stands for the whole file.
func (d *Document) Report(at *Value, code, fix, format string, args ...any) {
	d.reportAt(max(1, at.Line()), max(1, at.Column()), code, fix, format, args...)
}

// Warn adds a warning: the file can be used.
func (d *Document) Warn(at *Value, code, fix, format string, args ...any) {
	d.Report(at, code, fix, format, args...)
	d.diagnostics[len(d.diagnostics)-1].Severity = Warning
}

// Diagnostics lists all faults in the order of the file.
func (d *Document) Diagnostics() []Diagnostic {
	Sort(d.diagnostics)
	return d.diagnostics
}

func (d *Document) reportAt(line, column int, code, fix, format string, args ...any) {
	d.diagnostics = append(d.diagnostics, Diagnostic{
		File: d.File, Line: line, Column: column, Code: code,
		Message: shortened(fmt.Sprintf(format, args...)), Fix: shortened(fix), Severity: Error,
	})
}

// shortened bounds what a diagnostic repeats of a file.
func shortened(text string) string {
	const longest = 400
	if runes := []rune(text[:min(len(text), 4*longest)]); len(runes) > longest {
		return string(runes[:longest]) + "..."
	}
	return text
}
