package postgres_test

import (
	"context"
	"log/slog"
	"testing"

	"drumbeat/internal/clock"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

type told struct{ reasons []string }

func (t *told) SequencePaused(_ context.Context, id outreach.SequenceID, owner outreach.RepID, reason string) error {
	t.reasons = append(t.reasons, string(id)+" "+string(owner)+": "+reason)
	return nil
}

func TestASequenceWhoseMailsBouncePausesItselfOnce(t *testing.T) {
	s := newStage(t, 30)
	s.exec(`UPDATE revisions SET templates = '{"a.md": "---\nsubject: Hi\n---\nHi there.\n"}', source = $1`,
		"version: 1\nid: founders\nowner: dana\nsteps: [{email: a.md}]\nguard: {bounce_rate: 5% of last 40}\n")
	c := s.committer()
	for _, claim := range s.claim(s.take(process)) {
		if !s.commit(c, claim) || !s.settle(c, claim, outreach.SendSent, nil) {
			t.Fatal("a mail did not go")
		}
	}
	teller := &told{}
	guard := outbound.Guard{Store: s.db, Teller: teller, Clock: clock.NewStepped(s.now), Logger: slog.New(slog.DiscardHandler)}
	bounce := func(lead outreach.LeadID) {
		s.exec(`INSERT INTO messages (mailbox_id, content_key, received_at, raw, state, lead_id, label) VALUES ('dana', $1, $2, '', 'done', $3, 'bounce_hard')`,
			lead, s.now, lead)
		guard.Harmed(t.Context(), lead)
	}
	paused := func() (yes bool) {
		s.get(&yes, `SELECT paused FROM sequences`)
		return yes
	}
	bounce(s.leads[0])
	if paused() {
		t.Fatal("one bounce paused the sequence")
	}
	bounce(s.leads[1])
	bounce(s.leads[2])
	if len(teller.reasons) != 1 || teller.reasons[0] != "founders dana: 2 of the last 30 mails bounced; the guard allows 5% of last 40" || !paused() {
		t.Errorf("paused: %t, told %q", paused(), teller.reasons)
	}
	s.must(s.db.ResumeSequence(t.Context(), "founders", postgres.Act{At: s.now}))
	bounce(s.leads[3])
	if paused() {
		t.Error("what a person had let pass paused it again")
	}
}
