package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// source is one parsed Go file.
type source struct {
	path   string // from the root of the tree
	dir    string
	isTest bool
	set    *token.FileSet
	ast    *ast.File
}

// parseTree reads every Go file below the root, save testdata, hidden ones and
// those that the build ignores: they are programs of their own, run by go generate.
func parseTree(tree fs.FS) ([]source, error) {
	var all []source
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skip(name, entry.Name())
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parse(tree, name)
		if err == nil && !file.ignored() {
			all = append(all, file)
		}
		return err
	})
	return all, err
}

func skip(name, base string) error {
	if name != "." && (base == "testdata" || base == "bin" || strings.HasPrefix(base, ".")) {
		return fs.SkipDir
	}
	return nil
}

func parse(tree fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return source{}, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments)
	if err != nil {
		return source{}, fmt.Errorf("parse: %w", err)
	}
	return source{path: name, dir: path.Dir(name), isTest: strings.HasSuffix(name, "_test.go"), set: set, ast: file}, nil
}

func (s source) ignored() bool {
	for _, group := range s.ast.Comments {
		for _, comment := range group.List {
			if comment.Pos() < s.ast.Package && comment.Text == "//go:build ignore" {
				return true
			}
		}
	}
	return false
}

// line is where a piece of syntax stands.
func (s source) line(pos token.Pos) int { return s.set.Position(pos).Line }

// imported calls do for each import path.
func (s source) imported(do func(path string, spec *ast.ImportSpec)) {
	for _, spec := range s.ast.Imports {
		// The parser has accepted the literal, so it is quoted.
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			do(path, spec)
		}
	}
}
