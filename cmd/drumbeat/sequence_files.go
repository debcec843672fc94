package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"drumbeat/internal/roster"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
	"drumbeat/templates"
)

// validation is one run of sequence validate.
type validation struct {
	templatesDir string            // DRUMBEAT_TEMPLATES_DIR; empty: not set
	sources      map[string][]byte // what was checked, for excerpts
	read         map[string][]byte // templates, profiles and case studies, for excerpts
	diagnostics  []strictyaml.Diagnostic
}

// run checks files and directories; the error is about what cannot be read. The
// files of one directory are a set: they must fit each other.
func (v *validation) run(paths []string) error {
	sets := map[string]*sequence.Set{}
	var dirs []string
	for _, path := range paths {
		files, err := filesOf(path)
		if err != nil {
			return err
		}
		for _, file := range files {
			dir := filepath.Dir(file)
			if sets[dir] == nil {
				sets[dir], dirs = &sequence.Set{}, append(dirs, dir)
			}
			if err := v.add(sets[dir], file); err != nil {
				return err
			}
		}
	}
	for _, dir := range dirs {
		v.check(sets[dir], dir)
	}
	strictyaml.Sort(v.diagnostics)
	return nil
}

// add reads a file into the set of its directory, once.
func (v *validation) add(set *sequence.Set, file string) error {
	if _, done := v.sources[file]; done {
		return nil
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read a sequence: %w", err)
	}
	v.sources[file] = src
	v.diagnostics = append(v.diagnostics, set.Add(file, src)...)
	return nil
}

// check holds the set of a directory against its roster and the templates.
func (v *validation) check(set *sequence.Set, dir string) {
	if set.Roster == nil { // a file was named alone: the faults of the roster beside it were not asked about
		if src, err := os.ReadFile(filepath.Join(dir, roster.FileName)); err == nil {
			set.Add(roster.FileName, src)
		}
	}
	layers, own := v.templates(dir)
	set.Beside = os.DirFS(dir)
	defer func() { maps.Copy(v.read, set.Sources) }()
	for _, d := range sequence.Check(set, layers) {
		if d.Code == sequence.CodeUnknownTemplate && !own {
			// Only the shipped templates are known: the team's may lie elsewhere.
			d.Severity, d.Fix = strictyaml.Warning, "set DRUMBEAT_TEMPLATES_DIR to where your templates are"
		}
		v.diagnostics = append(v.diagnostics, d)
	}
}

// templates gives the templates that sequences of a directory may name, and
// whether a directory of the team's own is among them.
func (v *validation) templates(dir string) (found layers, own bool) {
	for _, candidate := range []string{v.templatesDir, filepath.Join(dir, "templates"), filepath.Join(dir, "..", "templates")} {
		if info, err := os.Stat(candidate); candidate != "" && err == nil && info.IsDir() {
			found = append(found, os.DirFS(candidate))
		}
	}
	own = len(found) > 0
	return append(found, templates.FS), own
}

// filesOf lists the sequences and the roster of a directory, or the one file.
func filesOf(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read a sequence: %w", err)
	}
	if !info.IsDir() {
		return []string{filepath.Clean(path)}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("list sequences: %w", err)
	}
	var files []string
	for _, entry := range entries {
		if !entry.IsDir() && sequence.IsFile(entry.Name()) {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no *.yaml", path)
	}
	slices.Sort(files)
	return files, nil
}

// layers is a stack of directories, the first of which wins.
type layers []fs.FS

// Open gives the first file of that name.
func (l layers) Open(name string) (fs.File, error) {
	for _, layer := range l {
		file, err := layer.Open(name)
		if !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
