package digest_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/clock"
	"drumbeat/internal/digest"
	"drumbeat/internal/outreach"
)

// desk is a digest.Store with one reply for dana, that keeps what is written.
type desk struct {
	notices []outreach.Notice
}

var waiting = outreach.DigestReply{MessageID: 7, LeadName: "Ana Li", LeadEmail: "ana@acme.example", Label: outreach.LabelMeeting, Words: "Tuesday?", ReceivedAt: tuesday}

func (d *desk) DigestDecided(context.Context, outreach.RepID, outreach.Day) (bool, error) {
	return false, nil
}
func (d *desk) DigestItems(_ context.Context, rep outreach.RepID, _ outreach.Day, _ time.Time) (items outreach.DigestItems, err error) {
	if rep == "dana" {
		items.Answer = []outreach.DigestReply{waiting}
	}
	return items, nil
}
func (d *desk) RecordDigest(_ context.Context, _ outreach.RepID, _ outreach.Day, n *outreach.Notice, _ []outreach.DigestLine, _ time.Time) error {
	if n != nil {
		d.notices = append(d.notices, *n)
	}
	return nil
}
func (d *desk) AlertItem(context.Context, outreach.MessageID) (outreach.AlertItem, error) {
	return outreach.AlertItem{DigestReply: waiting, RepID: "dana"}, nil
}
func (d *desk) AddNotice(_ context.Context, n outreach.Notice, _ time.Time) (bool, error) {
	d.notices = append(d.notices, n)
	return true, nil
}

func TestWhoIsAwayIsStoodInFor(t *testing.T) {
	away := func(outreach.Day) bool { return true }
	for name, test := range map[string]struct {
		dana, mary func(outreach.Day) bool
		cover      outreach.RepID
		want       []string // who gets the digest, the alert, the word of the mailbox and of the sequence
	}{
		"nobody is away":          {cover: "mary", want: []string{"dana", "dana", "dana", "dana"}},
		"the cover gets all":      {dana: away, cover: "mary", want: []string{"mary", "mary", "mary", "mary"}},
		"both are away":           {dana: away, mary: away, cover: "mary", want: []string{"dana", "dana", "dana", "dana"}},
		"nobody stands in":        {dana: away, want: []string{"dana", "dana", "dana", "dana"}},
		"the cover alone is away": {mary: away, cover: "mary", want: []string{"dana", "dana", "dana", "dana"}},
	} {
		t.Run(name, func(t *testing.T) {
			dana := dana(t)
			dana.Away, dana.Cover = test.dana, test.cover
			mary := digest.Rep{ID: "mary", Name: "Mary Ode", Email: "mary@ours.example", Zone: time.UTC, Away: test.mary, Days: dana.Days}
			store, bodies := &desk{}, []outreach.Mail{}
			d := digest.Digester{
				Clock: clock.NewStepped(tuesday), Store: store, Reps: []digest.Rep{dana, mary}, Words: words(t), Logger: slog.New(slog.DiscardHandler),
				Build:     func(m outreach.Mail) ([]byte, error) { bodies = append(bodies, m); return nil, nil },
				MessageID: func(outreach.MailboxID, string, time.Time) string { return "" },
			}
			for _, err := range []error{
				d.Tick(t.Context()), d.Alert(t.Context(), 7), d.MailboxStopped(t.Context(), "dana", "dana", "no"), d.SequencePaused(t.Context(), "saas", "dana", "no"),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for i, n := range store.notices {
				to, _, _ := strings.Cut(n.To, "@")
				got = append(got, to)
				covered := to == "mary"
				if strings.HasPrefix(bodies[i].Subject, "For Dana Reyes: ") != covered || strings.Contains(bodies[i].Text, "You stand in for Dana Reyes") != covered {
					t.Errorf("to %s: %s\n%s", n.To, bodies[i].Subject, bodies[i].Text)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("who gets the mails (-want +got):\n%s", diff)
			}
			if key := store.notices[0].DedupeKey; key != "digest:dana:2031-03-04" {
				t.Errorf("the digest's key is %s, whoever reads it", key)
			}
		})
	}
}
