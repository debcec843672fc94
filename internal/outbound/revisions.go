package outbound

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"drumbeat/internal/casestudy"
	"drumbeat/internal/condition"
	"drumbeat/internal/icp"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/sequence"
	"drumbeat/internal/strictyaml"
)

// script is a revision made ready to send from.
type script struct {
	*sequence.Sequence
	sum     string                           // of everything that the revision renders from
	mails   map[mailKey]*render.Template     // of the email steps, with what the file sets over the template
	titles  map[outreach.StepID]*render.Line // of the task steps
	when    map[outreach.StepID]*condition.Condition
	profile *icp.Profile                         // nil: the sequence scores nobody
	studies []*casestudy.Study                   // by id
	bodies  map[outreach.StepID]*render.JSONBody // of the webhook steps that have one in the file
}

// Scripts keeps revisions parsed. Revisions are immutable, so an entry is good
// for ever.
type Scripts struct {
	Revisions Revisions

	mu     sync.Mutex // never held over a query: a claim asks under it while it holds a connection
	ready  map[outreach.RevisionID]prepared
	wanted map[outreach.RevisionID]bool
}

// prepared is a revision made ready, or why it cannot be.
type prepared struct {
	script *script
	err    error
}

// known gives a revision without any query, for decisions that are made while a
// connection is held. One that is not known yet is noted, for LoadWanted.
func (s *Scripts) known(id outreach.RevisionID) (p prepared, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok = s.ready[id]; !ok {
		if s.wanted == nil {
			s.wanted = make(map[outreach.RevisionID]bool)
		}
		s.wanted[id] = true
	}
	return p, ok
}

// LoadWanted reads the revisions that decisions have asked for and says how many
// there were.
func (s *Scripts) LoadWanted(ctx context.Context) (int, error) {
	s.mu.Lock()
	wanted := s.wanted
	s.wanted = nil
	s.mu.Unlock()
	for id := range wanted {
		if err := s.Load(ctx, id); err != nil {
			return 0, err
		}
	}
	return len(wanted), nil
}

// Load reads a revision. One that is there and cannot be read is known as such.
func (s *Scripts) Load(ctx context.Context, id outreach.RevisionID) error {
	revision, err := s.Revisions.Revision(ctx, id)
	if err != nil {
		return fmt.Errorf("revision %d: %w", id, err)
	}
	ready, err := parseRevision(revision)
	if err != nil {
		err = fmt.Errorf("revision %d of %s: %w", revision.Number, revision.SequenceID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready == nil {
		s.ready = make(map[outreach.RevisionID]prepared)
	}
	s.ready[id] = prepared{ready, err}
	return nil
}

// get gives a revision, read if need be. Never call it while a connection is
// held.
func (s *Scripts) get(ctx context.Context, id outreach.RevisionID) (*script, error) {
	if p, ok := s.known(id); ok {
		return p.script, p.err
	}
	if err := s.Load(ctx, id); err != nil {
		return nil, err
	}
	p, _ := s.known(id)
	return p.script, p.err
}

func parseRevision(r outreach.Revision) (*script, error) {
	parsed, diagnostics := sequence.Parse(string(r.SequenceID)+".yaml", []byte(r.Source))
	if strictyaml.HasErrors(diagnostics) {
		return nil, fmt.Errorf("%w: %s", outreach.ErrInvalid, diagnostics[0].Message)
	}
	sum, err := checksum(r)
	if err != nil {
		return nil, err
	}
	ready := &script{
		Sequence: parsed, sum: sum,
		mails: map[mailKey]*render.Template{}, titles: map[outreach.StepID]*render.Line{},
		when:   map[outreach.StepID]*condition.Condition{},
		bodies: map[outreach.StepID]*render.JSONBody{},
	}
	if err := ready.readBeside(r.Templates); err != nil {
		return nil, err
	}
	for i, step := range parsed.Steps {
		c, err := parsed.Condition(i)
		if err != nil {
			return nil, err
		}
		if c != nil {
			ready.when[step.ID] = c
		}
		if err := ready.add(step, r.Templates); err != nil {
			return nil, err
		}
	}
	return ready, nil
}

// lot is the key from which everything is drawn that looks like chance for a lead
// and a step: gaps, variants. It is made of the lead's address and of the content
// of the revision, and of no number that a database gives, so that a simulation
// of a file, a retry and the real run draw the same.
func (s *script) lot(lead outreach.Lead, step outreach.StepID) string {
	return outreach.AddressKey(lead.Email) + ":" + string(step) + ":" + s.sum
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
	if step.Webhook != nil {
		return s.addWebhook(step)
	}
	if len(step.Email.Variants) == 0 {
		return s.addMail(step, sequence.Variant{}, sources)
	}
	for _, variant := range step.Email.Variants {
		if err := s.addMail(step, variant, sources); err != nil {
			return err
		}
	}
	return nil
}

// Sequence is the parsed file of a revision, read if need be.
func (s *Scripts) Sequence(ctx context.Context, id outreach.RevisionID) (*sequence.Sequence, error) {
	ready, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	return ready.Sequence, nil
}

// addMail makes one way ready to write a step's mail.
func (s *script) addMail(step sequence.Step, variant sequence.Variant, sources map[string]string) error {
	name := cmp.Or(variant.Template, step.Email.Template)
	source, kept := sources[name]
	if !kept {
		return fmt.Errorf("template %q: %w", name, render.ErrNoTemplate)
	}
	template, bad := render.ParseTemplate(name, []byte(source))
	if len(bad) > 0 {
		return bad[0]
	}
	over := render.Overrides{Require: step.Email.Require}
	if text := cmp.Or(variant.Subject, step.Email.Subject); text != "" {
		subject, bad := render.ParseLine(string(step.ID), 1, 1, text)
		if len(bad) > 0 {
			return bad[0]
		}
		over.Subject = subject
	}
	if s.Send.Format == sequence.FormatText {
		over.Format = render.FormatText
	}
	s.mails[mailKey{step.ID, variant.ID}] = template.With(over)
	return nil
}

// addWebhook makes the body of a webhook ready; without one the event is the body.
func (s *script) addWebhook(step sequence.Step) error {
	if len(step.Webhook.Body) == 0 {
		return nil
	}
	body, bad := render.ParseJSON(string(step.ID), step.Webhook.Body)
	if len(bad) > 0 {
		return bad[0]
	}
	s.bodies[step.ID] = body
	return nil
}
