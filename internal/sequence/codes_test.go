package sequence_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

// codes lists what faults a check can find: the constants Code... of this package
// and of those that read the files beside a sequence. Each code has a case in
// testdata/bad: CODE.yaml, a sequence, or where it takes several files CODE, a
// directory with its templates in it, as `sequence validate` reads one.
func codes(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, dir := range []string{".", "../strictyaml", "../roster", "../render", "../icp", "../casestudy"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no source in %s, error %v", dir, err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				all = append(all, codesIn(t, file)...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all) // a rep may be unknown to a sequence and to a mailbox
}

// codesIn lists the constants Code... of a file.
func codesIn(t *testing.T, name string) (found []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(node ast.Node) bool {
		constant, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(constant.Names[0].Name, "Code") {
			return true
		}
		literal, ok := constant.Values[0].(*ast.BasicLit)
		if !ok {
			t.Fatalf("%s: %s is not written as a text", name, constant.Names[0].Name)
		}
		code, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatalf("%s: %s: %v", name, constant.Names[0].Name, err)
		}
		found = append(found, code)
		return true
	})
	return found
}

// caseOf gives the files of a code's case, and its templates; nil: it has none.
func caseOf(code string) (files, templates fs.FS, err error) {
	name := "testdata/bad/" + code
	if code == strictyaml.CodeTooLarge { // the one file that is made, not kept
		large := strings.Repeat("# one line more\n", 1<<16+1)
		return fstest.MapFS{code + ".yaml": {Data: []byte(large)}}, nil, nil
	}
	if info, err := os.Stat(name); err != nil || !info.IsDir() {
		src, err := os.ReadFile(name + ".yaml")
		return fstest.MapFS{code + ".yaml": {Data: src}}, nil, err
	}
	files = os.DirFS(name)
	if _, err := fs.Stat(files, "templates"); err != nil {
		return files, nil, nil
	}
	templates, err = fs.Sub(files, "templates")
	return files, templates, err
}

func TestEachCodeHasACaseThatIsExplained(t *testing.T) {
	for _, code := range codes(t) {
		t.Run(code, func(t *testing.T) {
			files, templates, err := caseOf(code)
			if err != nil {
				t.Fatalf("the code has no case: %v", err)
			}
			set, diagnostics, err := sequence.Load(files)
			if err != nil {
				t.Fatal(err)
			}
			diagnostics = append(diagnostics, sequence.Check(set, templates)...)
			if len(diagnostics) == 0 {
				t.Fatal("the case has no fault")
			}
			for _, d := range diagnostics {
				if d.Code != code {
					t.Errorf("%s, line %d has the code %s", d.File, d.Line, d.Code)
				}
			}
			var text bytes.Buffer
			err = strictyaml.WriteText(&text, diagnostics, func(name string) []byte {
				if src, read := set.Sources[name]; read {
					return src
				}
				src, _ := fs.ReadFile(files, name) // a file that Load has read
				return src
			})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "testdata/bad/"+code+".golden", text.String())
		})
	}
}

func TestNoCaseIsLeftOfACodeThatIsGone(t *testing.T) {
	entries, err := os.ReadDir("testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	var cases []string
	for _, entry := range entries {
		cases = append(cases, strings.TrimSuffix(entry.Name(), filepath.Ext(entry.Name())))
	}
	if diff := cmp.Diff(codes(t), slices.Compact(cases)); diff != "" {
		t.Errorf("codes and cases (-codes +cases):\n%s", diff)
	}
}
