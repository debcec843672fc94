package outbound

import (
	"context"

	"drumbeat/internal/outreach"
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
