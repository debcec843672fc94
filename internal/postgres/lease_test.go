package postgres_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// A mailbox whose server is away rests with all that it has to send; when a person has
// mended it, it is asked at once.
func TestAMailboxRestsWithItsNotices(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	for _, key := range []string{"digest:dana:1", "digest:dana:2"} {
		if added, err := s.db.AddNotice(t.Context(), outreach.Notice{
			Purpose: outreach.PurposeDigest, DedupeKey: key, RFCMessageID: "<" + key + "@ours.example>", MailboxID: "dana", To: "dana@ours.example", DueAt: s.now,
			Frozen: outreach.Frozen{Subject: "Today", Raw: []byte("x")},
		}, s.now); !added || err != nil {
			t.Fatal(added, err)
		}
	}
	bells := func() int {
		t.Helper()
		s.must(s.db.ForgetBells(t.Context()))
		rung, err := s.db.PlanBells(t.Context(), s.now)
		s.must(err)
		return len(rung)
	}
	lease := s.take(process)
	claimed, err := s.db.ClaimNotices(t.Context(), lease, s.now, 1)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %+v, %v", claimed, err)
	}
	s.must(s.db.DelayMailbox(t.Context(), "dana", s.now.Add(time.Hour), outreach.ReasonServerUnreachable))
	s.must(s.db.GiveBackClaims(t.Context(), lease, s.now))
	s.must(s.db.ReleaseMailbox(t.Context(), lease))
	s.now = s.now.Add(59 * time.Minute)
	if n := bells(); n != 0 {
		t.Errorf("%d bells for a mailbox that rests", n)
	}
	s.must(s.db.ResumeMailbox(t.Context(), "dana", postgres.Act{At: s.now, Actor: "dana"}))
	if n := bells(); n != 1 {
		t.Errorf("%d bells for a mailbox that was mended, want 1", n)
	}
	lease = s.take(process)
	if claimed, err = s.db.ClaimNotices(t.Context(), lease, s.now, 10); err != nil || len(claimed) != 2 {
		t.Errorf("claimed %+v, %v", claimed, err)
	}
	if steps := s.claim(lease); len(steps) != 1 {
		t.Errorf("%d steps may go, want 1", len(steps))
	}
}
