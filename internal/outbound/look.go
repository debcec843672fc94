package outbound

import (
	"context"

	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/sequence"
)

// Sequence is the parsed file of a revision, read if need be.
func (s *Scripts) Sequence(ctx context.Context, id outreach.RevisionID) (*sequence.Sequence, error) {
	ready, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	return ready.Sequence, nil
}

// Hours is when an enrolment may be written to.
func (d *Decider) Hours(ctx context.Context, e outreach.Enrolment) (schedule.Calendar, error) {
	s, err := d.Scripts.get(ctx, e.RevisionID)
	if err != nil {
		return schedule.Calendar{}, err
	}
	return d.calendar(s, e)
}
