package qualify

import (
	"fmt"
	"io/fs"
	"path"
	"slices"

	"drumbeat/internal/outreach"
	"drumbeat/internal/strictyaml"
)

// Framework is a way to look at the facts about a lead: BANT, MEDDIC and the
// like. It stores nothing; changing the framework loses nothing.
type Framework struct {
	ID       string
	Name     string
	Pass     int // how many criteria must be met
	Criteria []Criterion
}

// Criterion is one letter of a framework.
type Criterion struct {
	ID       string
	Name     string
	Facts    []string // any of them fills it; the first that is known counts
	Weight   int
	Question string
}

// The codes of faults beside those of package strictyaml.
const (
	CodeFrameworkPass      = "FRAMEWORK_PASS"
	CodeFrameworkCriterion = "FRAMEWORK_CRITERION"
)

// FrameworkSchema describes a framework file.
func FrameworkSchema() *strictyaml.Type {
	return strictyaml.Map("A qualification framework: a view over the facts about a lead.",
		strictyaml.Required("version", strictyaml.Int("The version of the file format.", 1, 1)),
		strictyaml.Required("id", strictyaml.Text("The framework's stable name.")),
		strictyaml.Optional("name", strictyaml.Text("The name that people read; by default the id.")),
		strictyaml.Required("pass", strictyaml.Int("How many criteria must be met.", 1, 50)),
		strictyaml.Required("criteria", strictyaml.List("What must be known, in the order in which to ask.",
			strictyaml.Map("One criterion.",
				strictyaml.Required("id", strictyaml.Text("The criterion's stable name.")),
				strictyaml.Optional("name", strictyaml.Text("The name that people read; by default the id.")),
				strictyaml.Required("facts", strictyaml.List("The facts of which any fills it.",
					strictyaml.Choice("A fact.", outreach.FactNames()...))),
				strictyaml.Optional("weight", strictyaml.Int("Its share of the score; by default 1.", 1, 1000)),
				strictyaml.Required("question", strictyaml.Text("What to ask when it is not known.")),
			))),
	)
}

// ParseFramework reads a framework file; with errors it is nil.
func ParseFramework(file string, src []byte) (*Framework, []strictyaml.Diagnostic) {
	doc := strictyaml.Parse(file, src, FrameworkSchema())
	root := doc.Root
	f := &Framework{ID: root.Get("id").Text(), Pass: root.Get("pass").Int()}
	f.Name = root.Get("name").TextOr(f.ID)
	var ids []string
	for _, item := range root.Get("criteria").Items() {
		c := Criterion{
			ID: item.Get("id").Text(), Facts: item.Get("facts").Texts(),
			Weight: item.Get("weight").IntOr(1), Question: item.Get("question").Text(),
		}
		c.Name = item.Get("name").TextOr(c.ID)
		if slices.Contains(ids, c.ID) {
			doc.Report(item.Get("id"), CodeFrameworkCriterion, "give it another id", "two criteria have the id %q", c.ID)
		}
		if item.Get("facts").Present() && len(c.Facts) == 0 && !strictyaml.HasErrors(doc.Diagnostics()) {
			doc.Report(item.Get("facts"), CodeFrameworkCriterion, "facts: [budget]", "no fact fills this criterion")
		}
		ids = append(ids, c.ID)
		f.Criteria = append(f.Criteria, c)
	}
	if pass := root.Get("pass"); pass.Present() && f.Pass > len(f.Criteria) {
		doc.Report(pass, CodeFrameworkPass, "", "%d criteria must be met, there are %d", f.Pass, len(f.Criteria))
	}
	if strictyaml.HasErrors(doc.Diagnostics()) {
		return nil, doc.Diagnostics()
	}
	return f, doc.Diagnostics()
}

// LoadFrameworks reads frameworks/*.yaml of a sequences directory, by id. A
// directory without any has none.
func LoadFrameworks(files fs.FS) (map[string]*Framework, []strictyaml.Diagnostic, error) {
	names, err := fs.Glob(files, "frameworks/*.yaml")
	if err != nil {
		return nil, nil, fmt.Errorf("list frameworks: %w", err)
	}
	all := map[string]*Framework{}
	var diagnostics []strictyaml.Diagnostic
	for _, name := range names {
		src, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, nil, fmt.Errorf("read framework %s: %w", path.Base(name), err)
		}
		f, faults := ParseFramework(name, src)
		diagnostics = append(diagnostics, faults...)
		if f != nil {
			all[f.ID] = f
		}
	}
	return all, diagnostics, nil
}
