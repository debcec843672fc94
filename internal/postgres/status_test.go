package postgres_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

func TestAMailboxWhoseWaitIsOverIsFree(t *testing.T) {
	t.Parallel()
	s := newStage(t, 0)
	s.exec(`UPDATE mailboxes SET next_send_at = $1, wait_reason = $2`, s.now, outreach.ReasonGap)
	for name, test := range map[string]struct {
		at     time.Time
		reason outreach.Reason
	}{
		"before": {s.now.Add(-time.Second), outreach.ReasonGap},
		"after":  {s.now, outreach.ReasonNone},
	} {
		views, err := s.db.MailboxViews(t.Context(), test.at)
		s.must(err)
		if got := views[0]; got.WaitReason != test.reason || (got.NextSendAt != nil) != (test.reason != "") {
			t.Errorf("%s: it waits until %v, because of %q", name, got.NextSendAt, got.WaitReason)
		}
	}
}
