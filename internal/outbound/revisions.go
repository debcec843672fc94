package outbound

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing/fstest"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

// script is a revision made ready to send from.
type script struct {
	*sequence.Sequence
	number    int
	templates *render.TemplateSet
	lines     map[string]*render.Template // subjects and task titles, by their Liquid
}

// Scripts keeps revisions parsed. Revisions are immutable, so an entry is good
// for ever.
type Scripts struct {
	Revisions Revisions

	mu    sync.Mutex
	ready map[outreach.RevisionID]*script
}

// get gives a revision, parsed once.
func (s *Scripts) get(ctx context.Context, id outreach.RevisionID) (*script, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ready, ok := s.ready[id]; ok {
		return ready, nil
	}
	revision, err := s.Revisions.Revision(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", id, err)
	}
	ready, err := parseRevision(revision)
	if err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", revision.Number, revision.SequenceID, err)
	}
	if s.ready == nil {
		s.ready = make(map[outreach.RevisionID]*script)
	}
	s.ready[id] = ready
	return ready, nil
}

func parseRevision(r outreach.Revision) (*script, error) {
	parsed, diagnostics := sequence.Parse(string(r.SequenceID)+".yaml", []byte(r.Source))
	if strictyaml.HasErrors(diagnostics) {
		return nil, fmt.Errorf("%w: %s", outreach.ErrInvalid, diagnostics[0].Message)
	}
	files := fstest.MapFS{}
	for name, source := range r.Templates {
		files[name] = &fstest.MapFile{Data: []byte(source)}
	}
	set, bad, err := render.LoadTemplates(render.Layer{Name: "revision", FS: files})
	if err != nil {
		return nil, err
	}
	if len(bad) > 0 {
		return nil, bad[0]
	}
	ready := &script{Sequence: parsed, number: r.Number, templates: set, lines: map[string]*render.Template{}}
	for _, step := range parsed.Steps {
		if err := ready.addLines(step); err != nil {
			return nil, err
		}
	}
	return ready, nil
}

// addLines parses the single lines of Liquid that a step holds in the file
// itself.
func (s *script) addLines(step sequence.Step) error {
	var line string
	switch {
	case step.Email != nil:
		line = step.Email.Subject
	case step.Task != nil:
		line = step.Task.Title
	}
	if line == "" {
		return nil
	}
	// A subject is a template's front matter; the body is not looked at.
	template, bad := render.ParseTemplate(string(step.ID), []byte("---\nsubject: "+strconv.Quote(line)+"\n---\nline\n"))
	if len(bad) > 0 {
		return bad[0]
	}
	s.lines[line] = template
	return nil
}

// line renders a subject or a title for a lead.
func (s *script) line(liquid string, vars render.Vars) (string, error) {
	template, ok := s.lines[liquid]
	if !ok {
		return liquid, nil
	}
	content, err := template.Render(vars)
	return content.Subject, err
}
