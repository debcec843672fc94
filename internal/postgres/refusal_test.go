package postgres_test

import (
	"testing"
	"time"

	"drumbeat/internal/outreach"
)

func TestBlocksFromThreeDomainsWithinAnHourStopTheMailbox(t *testing.T) {
	t.Parallel()
	type block struct {
		domain string
		after  time.Duration
		slow   bool
	}
	for name, test := range map[string]struct {
		blocks  []block
		stopped bool
	}{
		"two domains":                  {[]block{{"a.example", 0, false}, {"b.example", time.Minute, false}}, false},
		"three domains":                {[]block{{"a.example", 0, false}, {"b.example", time.Minute, false}, {"c.example", 50 * time.Minute, false}}, true},
		"three over a longer time":     {[]block{{"a.example", 0, false}, {"b.example", 40 * time.Minute, false}, {"c.example", 80 * time.Minute, false}}, false},
		"one domain three times":       {[]block{{"a.example", 0, false}, {"a.example", time.Minute, false}, {"a.example", 2 * time.Minute, false}}, false},
		"domains that only defer mail": {[]block{{"a.example", 0, true}, {"b.example", time.Minute, true}, {"c.example", 2 * time.Minute, true}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, 1)
			var stopped bool
			for _, b := range test.blocks {
				at := morning.Add(b.after)
				until := at.Add(24 * time.Hour)
				var err error
				stopped, err = s.db.RecordRefusal(t.Context(), outreach.Refusal{
					MailboxID: "dana", At: at, Detail: "blocked", PauseDomain: b.domain, PauseUntil: &until, Slow: b.slow,
				})
				s.must(err)
			}
			var paused bool
			s.get(&paused, `SELECT paused FROM mailboxes`)
			if stopped != test.stopped || paused != test.stopped {
				t.Errorf("stopped %v, paused %v; want %v", stopped, paused, test.stopped)
			}
			var leads int
			s.get(&leads, `SELECT count(*) FROM leads WHERE stopped <> ''`)
			if leads > 0 {
				t.Error("a lead was stopped for it")
			}
		})
	}
}
