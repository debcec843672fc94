package postgres_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

func TestADigestPutsRepliesWhereARepLooksForThem(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	for _, m := range []struct {
		key, kind, label, state string
		abstained               bool
		handled                 bool
	}{
		{"a", "human", "meeting", "done", false, false},
		{"b", "human", "price", "done", false, false},
		{"c", "human", "price", "done", true, false},
		{"d", "human", "interested", "done", false, true},
		{"e", "automatic", "out_of_office", "done", false, false},
		{"f", "human", "unsubscribe", "done", false, false},
		{"g", "", "", "quarantined", false, false},
		{"h", "", "", "pending", false, false},
		{"i", "bounce", "bounce_hard", "done", true, false}, // a report without proof
	} {
		var handled *time.Time
		if m.handled {
			handled = &morning
		}
		s.exec(`INSERT INTO messages (mailbox_id, content_key, received_at, raw, state, kind, label, abstained, lead_id, handled_at, reply_text, subject)
			VALUES ('dana', $1, $2, '', $3, $4, $5, $6, $7, $8, 'their words', 'subject')`,
			m.key, morning, m.state, m.kind, m.label, m.abstained, s.leads[0], handled)
	}
	s.exec(`INSERT INTO reminders (lead_id, rep_id, on_day, kind, note) VALUES ($1, 'dana', '2031-03-03', 'follow_up', 'asked for today'), ($1, 'dana', '2031-03-04', 'follow_up', 'tomorrow')`, s.leads[0])
	s.exec(`INSERT INTO tasks (lead_id, enrolment_id, step_id, rep_id, kind, title, due_at, created_at) SELECT lead_id, id, 'call', 'dana', 'call', 'Call them', $1, $1 FROM enrolments`, morning)

	items, err := s.db.DigestItems(t.Context(), "dana", outreach.NewDay(2031, 3, 3), morning)
	if err != nil {
		t.Fatal(err)
	}
	for name, section := range map[string]struct{ got, want int }{
		"answer": {len(items.Answer), 1}, "objections": {len(items.Objections), 1}, "triage": {len(items.Triage), 3},
		"back": {len(items.Back), 1}, "tasks": {len(items.Tasks), 1}, "health": {len(items.Health), 0},
	} {
		if section.got != section.want {
			t.Errorf("%s: %d lines, want %d", name, section.got, section.want)
		}
	}
	if other, err := s.db.DigestItems(t.Context(), "mary", outreach.NewDay(2031, 3, 3), morning); err != nil || !other.Empty() {
		t.Errorf("another rep sees %+v, %v", other, err)
	}
}

func TestADigestOfADayIsDecidedOnceAndItsRemindersAreTold(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.exec(`INSERT INTO reminders (lead_id, rep_id, on_day, kind, note) VALUES ($1, 'dana', '2031-03-03', 'follow_up', 'asked for today')`, s.leads[0])
	day := outreach.NewDay(2031, 3, 3)
	items, err := s.db.DigestItems(t.Context(), "dana", day, morning)
	s.must(err)
	notice := outreach.Notice{Purpose: outreach.PurposeDigest, DedupeKey: "digest:dana:2031-03-03", RFCMessageID: "<d@ours.example>",
		MailboxID: "dana", To: "dana@ours.example", DueAt: morning, Frozen: outreach.Frozen{Subject: "Monday", Raw: []byte("raw")}}
	for range 2 { // two planners
		s.must(s.db.RecordDigest(t.Context(), "dana", day, &notice, items.Back, morning))
	}
	var sends, open int
	s.get(&sends, `SELECT count(*) FROM sends`)
	s.get(&open, `SELECT count(*) FROM reminders WHERE state = 'open'`)
	if decided, err := s.db.DigestDecided(t.Context(), "dana", day); err != nil || !decided || sends != 1 || open != 0 {
		t.Errorf("decided %v, %v; %d digests, %d reminders still open", decided, err, sends, open)
	}
}
