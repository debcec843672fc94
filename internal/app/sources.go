package app

import (
	"context"
	"fmt"
	"time"

	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

// worldSource is the leads and what they are about to do.
type worldSource struct{ world *mailworld.World }

func (s worldSource) Arrive(ctx context.Context, now time.Time) error {
	return s.world.Advance(ctx, now)
}

func (s worldSource) Pending(context.Context, time.Time) (string, error) {
	if !s.world.Quiet() {
		return "the mail world is busy", nil
	}
	return "", nil
}

func (s worldSource) Next(context.Context, time.Time) (time.Time, bool, error) {
	at, ok := s.world.NextEvent()
	return at, ok, nil
}

// engineSource is the engine and what it has planned.
type engineSource struct {
	engine *Engine
	at     time.Time // the moment that Arrive last saw
	due    bool      // work was due and had not begun when Pending last looked
}

// Arrive plans at once instead of at the planner's next second: at the beginning
// of a moment, and again when that moment has brought more that is due.
func (s *engineSource) Arrive(ctx context.Context, now time.Time) error {
	if !now.Equal(s.at) {
		if err := s.engine.digester.Tick(ctx); err != nil {
			return err
		}
		s.at, s.due = now, true
	}
	if !s.due {
		return nil
	}
	if err := s.engine.deliverer.Tick(ctx); err != nil {
		return err
	}
	return s.engine.planner.Tick(ctx)
}

func (s *engineSource) Pending(ctx context.Context, now time.Time) (string, error) {
	n, err := s.engine.base.DB.InFlight(ctx, now)
	s.due = n.Due > 0
	if err != nil || n == (outreach.InFlight{}) {
		return "", err
	}
	return fmt.Sprintf("%d things are under way and %d due", n.UnderWay, n.Due), nil
}

func (s *engineSource) Next(ctx context.Context, now time.Time) (time.Time, bool, error) {
	at, ok, err := s.engine.base.DB.NextPlanned(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	if hour, has := s.engine.digester.Next(now); has && (!ok || hour.Before(at)) {
		return hour, true, nil
	}
	return at, ok, nil
}

// inboxSource is mail that lies in our mailboxes and has not been taken in.
type inboxSource struct {
	demo *Demo
	read map[string]uint32 // by mailbox and folder: UIDs below are taken in
}

func (s *inboxSource) Arrive(context.Context, time.Time) error { return nil }

func (s *inboxSource) Pending(ctx context.Context, _ time.Time) (string, error) {
	for _, m := range s.demo.team.Mailboxes {
		for _, folder := range m.IMAP.Folders {
			next := s.demo.World.UIDNext(m.Address, folder)
			key := string(m.ID) + "/" + folder
			if s.read[key] >= next {
				continue
			}
			cursor, err := s.demo.DB.Cursor(ctx, m.ID, folder)
			if err != nil {
				return "", err
			}
			if cursor.LastUID+1 < next {
				return "unread mail in " + key, nil
			}
			if s.read == nil {
				s.read = make(map[string]uint32)
			}
			s.read[key] = next
		}
	}
	return "", nil
}

func (s *inboxSource) Next(context.Context, time.Time) (time.Time, bool, error) {
	return time.Time{}, false, nil
}
