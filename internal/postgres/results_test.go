package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestWhatALeadSaysCountsForTheMailThatItAnswers(t *testing.T) {
	t.Parallel()
	s := newStage(t, 8)
	send := func(lead int, step string, variant string, day int, state string) outreach.SendID {
		var id outreach.SendID
		s.get(&id, `INSERT INTO sends (purpose, dedupe_key, message_id, enrolment_id, lead_id, mailbox_id, sequence_id, step_id, step_index, variant,
				to_address, created_at, claimed_at, state)
			SELECT 'step', e.id || $2, '<' || e.id || $2 || '@ours.example>', e.id, e.lead_id, 'dana', 'founders', $2, CASE WHEN $2 = 'intro' THEN 0 ELSE 1 END, $3,
				'x', $4, $4, $5 FROM enrolments e WHERE e.lead_id = $1 RETURNING id`,
			s.leads[lead], step, variant, s.now.AddDate(0, 0, day), state)
		s.exec(`UPDATE enrolments SET last_sent_at = $2 WHERE lead_id = $1`, s.leads[lead], s.now)
		return id
	}
	says := func(lead int, label, corrected string, day int, answers any) {
		s.exec(`INSERT INTO messages (mailbox_id, content_key, received_at, raw, state, lead_id, label, corrected_label, send_id, kind)
			VALUES ('dana', $1 || $2 || $4, $5, '', 'done', $3, $1, $2, $6, 'human')`,
			label, corrected, s.leads[lead], day, s.now.AddDate(0, 0, day).Add(time.Hour), answers)
	}
	// 0 answers the intro after the bump, with proof; 1 answers something, after the bump.
	first := send(0, "intro", "a", 0, "sent")
	send(0, "bump", "", 4, "sent")
	says(0, "meeting", "", 5, first)
	send(1, "intro", "b", 0, "sent")
	send(1, "bump", "", 4, "assumed_sent")
	says(1, "interested", "", 6, nil)
	// 2 says two things between the mails, a machine of 3's answers, 4's answer was misread.
	send(2, "intro", "a", 0, "sent")
	says(2, "price", "", 1, nil)
	says(2, "unsubscribe", "", 2, nil)
	send(3, "intro", "b", 0, "sent")
	says(3, "out_of_office", "", 1, nil)
	send(4, "intro", "b", 0, "sent")
	says(4, "interested", "brush_off", 1, nil)
	// 5 opts out by the link, 6 does not exist, 7 was refused at once.
	send(5, "intro", "a", 0, "unknown")
	s.exec(`UPDATE leads SET stopped = 'unsubscribed' WHERE id = $1`, s.leads[5])
	send(6, "intro", "a", 0, "sent")
	says(6, "bounce_hard", "", 0, nil)
	refused := send(7, "intro", "a", 0, "failed")
	s.exec(`UPDATE sends SET smtp_code = 550, smtp_enhanced = '5.1.1', smtp_text = 'User unknown' WHERE id = $1`, refused)
	// What has not gone, or is no step, does not count.
	s.exec(`UPDATE sends SET state = 'cancelled' WHERE id = $1`, send(3, "bump", "", 4, "planned"))

	want := []outreach.StepResult{
		{Step: "intro", Variant: "a", Mails: 5, Replied: 2, Positive: 1, Meetings: 1, OptOuts: 2, Bounced: 1, Refused: []outreach.RefusedMails{
			{Result: outreach.DeliveryResult{Code: 550, Enhanced: "5.1.1", Text: "User unknown"}, Count: 1},
		}},
		{Step: "intro", Variant: "b", Mails: 3, Replied: 1},
		{Step: "bump", Index: 1, Mails: 2, Replied: 1, Positive: 1},
	}
	for _, revision := range []int{0, 1} {
		got, err := s.db.StepResults(t.Context(), "founders", revision)
		s.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("revision %d (-want +got):\n%s", revision, diff)
		}
	}
	if got, err := s.db.StepResults(t.Context(), "founders", 2); len(got) > 0 || err != nil {
		t.Errorf("of a revision without leads: %v, %v", got, err)
	}
	if got, err := s.db.SentRevisions(t.Context(), "founders"); len(got) != 1 || got[0] != 1 || err != nil {
		t.Errorf("revisions %v, %v", got, err)
	}
}
