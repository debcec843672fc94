package render

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Layer is one directory of templates, with the name that listings show.
type Layer struct {
	Name string // "shipped", or the users' directory
	FS   fs.FS
}

// Entry is a template's place in a set.
type Entry struct {
	Name     string
	Layer    string   // whose file won
	Replaces []string // the layers whose file of the same name lies below
	Template *Template
}

// TemplateSet is the templates of all layers, by name.
type TemplateSet struct {
	entries map[string]Entry
}

// playbookDirs hold answers to replies; digestDir is not Markdown for leads.
const digestDir = "digest"

func playbookDirs() []string {
	return []string{"objections", "answers", "closing", "nurture", "referrals"}
}

// LoadTemplates parses every *.md of the layers; a later layer lies over an
// earlier one. The errors of files that are bad come together with a set that
// holds the good ones; err is a layer that cannot be read.
func LoadTemplates(layers ...Layer) (set *TemplateSet, bad []*Error, err error) {
	set = &TemplateSet{entries: map[string]Entry{}}
	for _, layer := range layers {
		if layer.FS == nil {
			continue
		}
		errs, err := set.load(layer)
		if err != nil {
			return nil, nil, fmt.Errorf("read templates of %s: %w", layer.Name, err)
		}
		bad = append(bad, errs...)
	}
	return set, bad, nil
}

func (s *TemplateSet) load(layer Layer) (bad []*Error, err error) {
	err = fs.WalkDir(layer.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == digestDir || strings.HasPrefix(entry.Name(), ".") && name != "."):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md" || strings.EqualFold(path.Base(name), "readme.md"):
			return nil
		}
		src, err := fs.ReadFile(layer.FS, name)
		if err != nil {
			return err
		}
		bad = append(bad, s.add(layer.Name, name, src)...)
		return nil
	})
	return bad, err
}

func (s *TemplateSet) add(layer, name string, src []byte) []*Error {
	read := ParseTemplate
	if dir, _, _ := strings.Cut(name, "/"); slices.Contains(playbookDirs(), dir) {
		read = ParsePlaybook
	}
	template, errs := read(name, src)
	entry := Entry{Name: name, Layer: layer, Template: template}
	if below, found := s.entries[name]; found {
		entry.Replaces = append(slices.Clone(below.Replaces), below.Layer)
	}
	s.entries[name] = entry // a bad file still hides the one below: nobody shall wonder why the old text goes out
	return errs
}

// ErrNoTemplate says that a set has no (valid) template of that name.
var ErrNoTemplate = errors.New("no such template")

// Get finds a template by its path inside the directory: intro.md.
func (s *TemplateSet) Get(name string) (*Template, error) {
	if entry, found := s.entries[name]; found && entry.Template != nil {
		return entry.Template, nil
	}
	return nil, fmt.Errorf("template %q: %w", name, ErrNoTemplate)
}

// List gives all entries by name. The Template of a bad file is nil.
func (s *TemplateSet) List() []Entry {
	names := slices.Sorted(maps.Keys(s.entries))
	list := make([]Entry, 0, len(names))
	for _, name := range names {
		list = append(list, s.entries[name])
	}
	return list
}
