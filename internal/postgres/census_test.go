package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"drumbeat/internal/outreach"
)

// Vitals are asked every few seconds. What grows with leads they do not read at all: the
// tables are locked meanwhile, and whoever read one would wait for ever. Of the ledger
// they look up what is in doubt, by its key.
func TestVitalsReadNothingThatGrowsWithLeads(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	c := s.committer()
	claims := s.claim(s.take(process))
	for _, claim := range claims[:2] {
		if !s.commit(c, claim) || !s.settle(c, claim, outreach.SendUnknown, nil) {
			t.Fatal("no doubt")
		}
	}
	s.exec(`UPDATE sends SET state = 'assumed_sent' WHERE id = $1`, claims[1].ID)
	s.exec(`INSERT INTO messages (mailbox_id, content_key, received_at, raw) VALUES ('dana', 'k', $1, '')`, s.now)
	if _, err := s.db.AddNotice(t.Context(), outreach.Notice{
		Purpose: outreach.PurposeDigest, DedupeKey: "digest:dana:1", RFCMessageID: "<d@ours.example>", MailboxID: "dana", DueAt: s.now, Frozen: outreach.Frozen{Raw: []byte("x")},
	}, s.now); err != nil {
		t.Fatal(err)
	}
	s.must(s.db.InTx(t.Context(), func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `
			LOCK TABLE leads, enrolments, lead_events, send_events, webhook_deliveries, not_ours, suppressions, list_leads`); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		v, err := s.db.Vitals(ctx, s.now)
		if err != nil {
			return err
		}
		read := v.Mailboxes[0].Unread != nil
		v.Mailboxes[0].Unread = nil
		want := outreach.Vitals{
			Doubts: outreach.Doubts{Unknown: 1, Assumed: 1, Doubtful: &s.now}, Processes: 1, Notices: 1, Pending: 1,
			Mailboxes: []outreach.MailboxView{{ID: "dana", Address: "dana@ours.example", RepID: "dana", Timezone: "UTC", SentToday: 3}},
		}
		if diff := cmp.Diff(want, v); diff != "" || !read {
			t.Errorf("read: %v; (-want +got)\n%s", read, diff)
		}
		return nil
	}))
}

func TestStatusCountsMailsOfEachSequenceAndOfToday(t *testing.T) {
	t.Parallel()
	s := newStage(t, 4)
	c := s.committer()
	claims := s.claim(s.take(process))
	yesterday := s.now.AddDate(0, 0, -1)
	for i, state := range []outreach.SendState{outreach.SendSent, outreach.SendSent, outreach.SendFailed} {
		if !s.commit(c, claims[i]) || !s.settle(c, claims[i], state, nil) {
			t.Fatal("not settled")
		}
	}
	s.exec(`UPDATE sends SET settled_at = $2 WHERE id = $1`, claims[0].ID, yesterday)
	status, err := s.db.Status(t.Context(), s.now, s.now.Truncate(24*time.Hour))
	s.must(err)
	if diff := cmp.Diff(map[outreach.SendState]int{"sent": 1, "failed": 1, "claimed": 1}, status.Today); diff != "" {
		t.Errorf("today (-want +got)\n%s", diff)
	}
	if status.Sent != 2 || status.Sequences[0].Sent != 2 || status.Sequences[0].Enrolments[outreach.EnrolmentActive] != 4 || status.Mailboxes[0].Active != 4 {
		t.Errorf("%d sent ever; %+v; %+v", status.Sent, status.Sequences, status.Mailboxes)
	}
}
