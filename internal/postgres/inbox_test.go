package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

// arrival is a batch with one reply of a lead.
func arrival(uid uint32, lead outreach.LeadID, at time.Time) outreach.InboxBatch {
	return outreach.InboxBatch{
		Cursor: outreach.InboxCursor{MailboxID: "dana", Folder: "INBOX", UIDValidity: 1, LastUID: uid}, At: at,
		Arrival: &outreach.Arrival{
			UID: uid, ContentKey: fmt.Sprint("key", uid), ReceivedAt: at, Raw: []byte("no\x00"),
			Match: outreach.Match{Method: outreach.MatchSender, LeadID: lead},
		},
	}
}

func TestAReplyThatRacesWithTheCommitPointWinsOrComesAfter(t *testing.T) {
	t.Parallel()
	const leads = 40
	s := newStage(t, leads)
	claimed, committer := s.claim(s.take(process)), s.committer()
	if len(claimed) != leads {
		t.Fatalf("%d claimed", len(claimed))
	}
	passed := make([]bool, leads)
	var both sync.WaitGroup
	for i, c := range claimed {
		both.Go(func() { passed[i] = s.commit(committer, c) })
		both.Go(func() {
			if _, err := s.db.Ingest(s.Context(), arrival(uint32(i+1), c.LeadID, s.now)); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	for i, c := range claimed {
		want := outreach.SendPlanned
		if passed[i] {
			want = outreach.SendCommitting
		}
		s.wantState(c.ID, want)
		if s.commit(committer, c) {
			t.Errorf("send %d passed the commit point after the reply", c.ID)
		}
	}
	var held int
	s.get(&held, `SELECT count(*) FROM enrolments WHERE state = 'held' AND state_reason = 'reply'`)
	if held != leads {
		t.Errorf("%d of %d enrolments held", held, leads)
	}
}

func TestTheSameMessageTakenInByManyIsStoredOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := s.db.Ingest(s.Context(), arrival(1, s.leads[0], s.now)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var counts string
	s.get(&counts, `SELECT (SELECT count(*) FROM messages) || ' messages, ' || (SELECT count(*) FROM lead_events) || ' events'`)
	if counts != "1 messages, 1 events" {
		t.Error(counts)
	}
}

func TestAMessageIsAtWorkWithOneAtATime(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	taken, err := s.db.Ingest(s.Context(), arrival(1, s.leads[0], s.now))
	s.must(err)
	got := make(chan outreach.InboxMessage, 8)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if m, err := s.db.BeginMessage(s.Context(), taken.MessageID); err == nil {
				got <- m
			}
		})
	}
	all.Wait()
	if len(got) != 1 {
		t.Fatalf("%d began the message", len(got))
	}
	if m := <-got; m.Attempts != 1 || string(m.Raw) != "no\x00" || m.Match.LeadID != s.leads[0] {
		t.Errorf("message %+v", m)
	}
	ids, err := s.db.PendingMessages(s.Context(), 10)
	s.must(err)
	if len(ids) != 0 {
		t.Errorf("pending while at work: %v", ids)
	}
	s.must(s.db.RetryMessage(s.Context(), taken.MessageID, "broken", 0))
	if ids, _ = s.db.PendingMessages(s.Context(), 10); len(ids) != 1 {
		t.Errorf("pending after a failure: %v", ids)
	}
}

func TestWhatTwoMessagesHoldGoesOnWhenBothAreUnderstood(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	release := func(id outreach.MessageID) {
		t.Helper()
		applied, err := s.db.ApplyOutcome(s.Context(), outreach.Outcome{
			MessageID: id, At: s.now, Match: outreach.Match{Method: outreach.MatchSender, LeadID: s.leads[0]},
			Read: outreach.Reading{Kind: outreach.KindAutomatic, Label: outreach.LabelAutoReply}, Move: outreach.MoveForward,
		})
		s.must(err)
		if !applied {
			t.Error("not applied")
		}
	}
	wantEnrolment := func(want string) {
		t.Helper()
		var got string
		s.get(&got, `SELECT state || '/' || state_reason FROM enrolments`)
		if got != want {
			t.Errorf("the enrolment is %s, want %s", got, want)
		}
	}
	first, err := s.db.Ingest(s.Context(), arrival(1, s.leads[0], s.now))
	s.must(err)
	second, err := s.db.Ingest(s.Context(), arrival(2, s.leads[0], s.now))
	s.must(err)
	release(first.MessageID)
	wantEnrolment("held/reply")
	release(second.MessageID)
	wantEnrolment("active/")
	if again, err := s.db.ApplyOutcome(s.Context(), outreach.Outcome{MessageID: second.MessageID, At: s.now}); err != nil || again {
		t.Errorf("applied twice: %v, %v", again, err)
	}
}
