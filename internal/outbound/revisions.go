package outbound

import (
	"context"
	"fmt"
	"sync"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

// script is a revision made ready to send from.
type script struct {
	*sequence.Sequence
	number int
	mails  map[outreach.StepID]*render.Template // of the email steps, with what the file sets over the template
	titles map[outreach.StepID]*render.Line     // of the task steps
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
	ready := &script{
		Sequence: parsed, number: r.Number,
		mails: map[outreach.StepID]*render.Template{}, titles: map[outreach.StepID]*render.Line{},
	}
	for _, step := range parsed.Steps {
		if err := ready.add(step, r.Templates); err != nil {
			return nil, err
		}
	}
	return ready, nil
}

// add makes one step ready.
func (s *script) add(step sequence.Step, sources map[string]string) error {
	if step.Task != nil {
		title, bad := render.ParseLine(string(step.ID), 1, 1, step.Task.Title)
		if len(bad) > 0 {
			return bad[0]
		}
		s.titles[step.ID] = title
		return nil
	}
	source, kept := sources[step.Email.Template]
	if !kept {
		return fmt.Errorf("template %q: %w", step.Email.Template, render.ErrNoTemplate)
	}
	template, bad := render.ParseTemplate(step.Email.Template, []byte(source))
	if len(bad) > 0 {
		return bad[0]
	}
	over := render.Overrides{Require: step.Email.Require}
	if step.Email.Subject != "" {
		subject, bad := render.ParseLine(string(step.ID), 1, 1, step.Email.Subject)
		if len(bad) > 0 {
			return bad[0]
		}
		over.Subject = subject
	}
	if s.Send.Format == sequence.FormatText {
		over.Format = render.FormatText
	}
	s.mails[step.ID] = template.With(over)
	return nil
}
