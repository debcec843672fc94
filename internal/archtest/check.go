package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	module         = "drumbeat"
	longestFile    = 450 // lines
	longestFunc    = 80  // lines, not in tests: a story is told from top to bottom
	testingPackage = "testing"
)

// violation is a broken rule and where.
type violation struct {
	path string
	line int
	rule string
}

func (v violation) String() string { return fmt.Sprintf("%s:%d: %s", v.path, v.line, v.rule) }

// check finds every broken rule in a tree of sources.
func check(tree fs.FS) ([]violation, error) {
	sources, err := parseTree(tree)
	if err != nil {
		return nil, err
	}
	var all []violation
	for _, s := range sources {
		all = append(all, s.check()...)
	}
	return all, nil
}

func (s source) check() []violation {
	c := &checker{source: s}
	var placed bool
	if c.layer, placed = placeOf(s.dir); !placed {
		c.report(s.ast.Package, "package %s has no place: add it to layers.go", s.dir)
		return c.found
	}
	c.checkTime()
	c.checkSize()
	if !s.isTest {
		c.checkImports()
		c.checkOutside()
		c.checkDeclarations()
		c.checkSQLTime()
	}
	return c.found
}

type checker struct {
	source
	layer layer
	found []violation
}

func (c *checker) report(pos token.Pos, format string, args ...any) {
	c.found = append(c.found, violation{c.path, c.line(pos), fmt.Sprintf(format, args...)})
}

func (c *checker) checkImports() {
	c.imported(func(path string, spec *ast.ImportSpec) {
		if own, ok := strings.CutPrefix(path, module+"/"); ok {
			c.checkOwn(own, spec)
			return
		}
		for library, users := range libraries {
			if within(path, library) && !slices.ContainsFunc(users, func(u string) bool { return within(c.dir, u) }) {
				c.report(spec.Pos(), "%s is for %s alone", library, strings.Join(users, ", "))
			}
		}
		c.checkPurity(path, spec)
	})
}

func (c *checker) checkOwn(own string, spec *ast.ImportSpec) {
	target, placed := placeOf(own)
	if !placed || c.dir == own || slices.Contains(mayImport[c.layer], target) {
		return // a target without a place is reported where it stands
	}
	if _, ok := exceptions[c.dir+" -> "+own]; ok {
		return
	}
	c.report(spec.Pos(), "%s is %s and may not import %s, which is %s", c.dir, c.layer, own, target)
}

func (c *checker) checkPurity(path string, spec *ast.ImportSpec) {
	standard := !strings.Contains(strings.SplitN(path, "/", 2)[0], ".")
	switch {
	case path == testingPackage && c.layer != forTests:
		c.report(spec.Pos(), "package testing belongs into tests")
	case (c.layer == vocabulary || c.layer == clockwork || c.layer == content) && !standard:
		c.report(spec.Pos(), "%s is %s and imports the standard library alone, not %s", c.dir, c.layer, path)
	case (c.layer == vocabulary || c.layer == pure || c.layer == content) && slices.Contains(outside, path):
		c.report(spec.Pos(), "%s is %s and may not touch the outside by %s", c.dir, c.layer, path)
	}
}

// checkTime finds time.Now and its like.
func (c *checker) checkTime() {
	if c.layer == clockwork {
		return
	}
	c.used("time", func(name string, pos token.Pos) {
		if slices.Contains(readsTheTime, name) {
			c.report(pos, "time.%s is for internal/clock alone: take a time, a clock.Clock or clock.Machine", name)
		}
	})
}

// checkOutside lets pure packages reckon with addresses, not dial them, and draw
// from a source that was given a seed, not from the machine's.
func (c *checker) checkOutside() {
	if c.layer != vocabulary && c.layer != pure {
		return
	}
	c.used("net", func(name string, pos token.Pos) {
		if slices.ContainsFunc(reachesOut, func(start string) bool { return strings.HasPrefix(name, start) }) {
			c.report(pos, "%s is %s and may not touch the outside by net.%s", c.dir, c.layer, name)
		}
	})
	c.used("math/rand/v2", func(name string, pos token.Pos) {
		if !slices.Contains(seeded, name) {
			c.report(pos, "%s is %s and may not draw by chance: rand.%s", c.dir, c.layer, name)
		}
	})
}

// used calls do for each name of a standard package that the file uses, under
// whatever name the package is imported.
func (c *checker) used(pkg string, do func(name string, pos token.Pos)) {
	local := ""
	c.imported(func(path string, spec *ast.ImportSpec) {
		switch {
		case path != pkg:
		case spec.Name == nil:
			local = packageName(pkg)
		case spec.Name.Name == ".":
			c.report(spec.Pos(), "package %s must be imported under a name", pkg)
		default:
			local = spec.Name.Name
		}
	})
	ast.Inspect(c.ast, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		// Obj is nil for a package; a variable of that name has one.
		if x, ok := selector.X.(*ast.Ident); ok && local != "" && x.Name == local && x.Obj == nil {
			do(selector.Sel.Name, selector.Pos())
		}
		return true
	})
}

// packageName is the last part of an import path that is not a version.
func packageName(path string) string {
	parts := strings.Split(path, "/")
	if last := parts[len(parts)-1]; len(parts) > 1 && last[0] == 'v' && len(last) == 2 {
		return parts[len(parts)-2]
	}
	return parts[len(parts)-1]
}

// sqlTime is how SQL would read the machine's time behind the clock's back.
var sqlTime = regexp.MustCompile(`(?i)\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)|\bcurrent_(timestamp|date|time)\b`)

// checkSQLTime looks into the SQL literals of internal/postgres.
func (c *checker) checkSQLTime() {
	if !within(c.dir, "internal/postgres") {
		return
	}
	ast.Inspect(c.ast, func(node ast.Node) bool {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		if text, err := strconv.Unquote(literal.Value); err == nil && sqlTime.MatchString(text) {
			c.report(literal.Pos(), "SQL reads the time: sales time is a parameter, machine time is machine_ms()")
		}
		return true
	})
}

func (c *checker) checkSize() {
	if lines := c.line(c.ast.FileEnd); !c.isTest && lines > longestFile {
		c.report(c.ast.Package, "the file has %d lines, more than %d: one noun each", lines, longestFile)
	}
}

// checkDeclarations refuses init and functions that no screen holds.
func (c *checker) checkDeclarations() {
	for _, declaration := range c.ast.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if function.Recv == nil && function.Name.Name == "init" {
			c.report(function.Pos(), "no init: wire it in internal/app")
		}
		if lines := c.line(function.End()) - c.line(function.Pos()) + 1; lines > longestFunc {
			c.report(function.Pos(), "%s has %d lines, more than %d", function.Name.Name, lines, longestFunc)
		}
	}
}
