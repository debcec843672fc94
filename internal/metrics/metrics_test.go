package metrics_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"drumbeat/internal/clock"
	"drumbeat/internal/metrics"
	"drumbeat/internal/outreach"
)

var monday = time.Date(2031, time.March, 3, 9, 0, 0, 0, time.UTC)

// source is a database that counts how often it was counted.
type source struct {
	down   bool
	slow   bool // a census takes so long that the next one is far away
	counts int
}

func (s *source) Vitals(context.Context, time.Time) (outreach.Vitals, error) {
	if s.down {
		return outreach.Vitals{}, errors.New("away")
	}
	since, read := monday.Add(-time.Hour), 12*time.Second
	return outreach.Vitals{
		Doubts: outreach.Doubts{Unknown: 2, Assumed: 1, Doubtful: &since}, Processes: 1, Notices: 3, Pending: 4,
		Mailboxes: []outreach.MailboxView{{ID: "dana", SentToday: 7, Unread: &read}, {ID: "mary", Paused: true}},
	}, nil
}

func (s *source) Census(ctx context.Context) (outreach.Census, error) {
	if s.counts++; s.slow {
		<-ctx.Done()
		return outreach.Census{}, ctx.Err()
	}
	return outreach.Census{Leads: map[outreach.Stage]int{"new": 100 + s.counts}, Open: 5}, nil
}

// scrape gives the figures as they are exported, by name and labels.
func scrape(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			name := family.GetName()
			for _, label := range metric.GetLabel() {
				name += " " + label.GetValue()
			}
			got[name] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
		}
	}
	return got
}

func board(s *source) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&metrics.Board{Source: s, Now: func() time.Time { return monday }, Logger: slog.New(slog.DiscardHandler)})
	return registry
}

func TestAScrapeTellsTheVitalsAndTheLastCensus(t *testing.T) {
	s := &source{}
	got := scrape(t, board(s))
	for name, want := range map[string]float64{
		"drumbeat_database_up": 1, "drumbeat_sends_unknown": 2, "drumbeat_sends_assumed": 1, "drumbeat_sends_unknown_oldest_seconds": 3600,
		"drumbeat_sending_held": 0, "drumbeat_processes": 1, "drumbeat_notices_waiting": 3, "drumbeat_messages_pending": 4,
		"drumbeat_mailbox_paused dana": 0, "drumbeat_mailbox_paused mary": 1, "drumbeat_mailbox_sends_today dana": 7, "drumbeat_mailbox_unread_seconds dana": 12,
		"drumbeat_leads new": 101, "drumbeat_replies_open": 5, "drumbeat_webhooks failed": 0,
	} {
		if value, found := got[name]; !found || value != want {
			t.Errorf("%s is %v (%v), want %v", name, value, found, want)
		}
	}
	if _, found := got["drumbeat_mailbox_unread_seconds mary"]; found {
		t.Error("an inbox that was never read has an age")
	}
}

// However often Prometheus asks: what takes long is counted the more seldom, and the
// vitals come all the same.
func TestACensusThatTakesLongIsTakenSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{slow: true}
		registry := board(s)
		machine := clock.Machine{} // the bubble's: its ten minutes take none of ours
		began := machine.Now()
		for machine.Since(began) < 10*time.Minute {
			got := scrape(t, registry)
			if _, found := got["drumbeat_leads new"]; got["drumbeat_database_up"] != 1 || found {
				t.Fatalf("without a census: %v", got)
			}
			if err := machine.Sleep(t.Context(), 15*time.Second); err != nil {
				t.Fatal(err)
			}
		}
		if s.counts < 5 || s.counts > 6 { // each of 5 s is followed by a rest of 100 s
			t.Errorf("%d censuses in ten minutes", s.counts)
		}
	})
}

func TestADatabaseThatIsAwayIsAllThatIsTold(t *testing.T) {
	if diff := cmp.Diff(map[string]float64{"drumbeat_database_up": 0}, scrape(t, board(&source{down: true}))); diff != "" {
		t.Error(diff)
	}
}

func TestOutcomesAreCountedByMailboxPurposeAndState(t *testing.T) {
	registry := prometheus.NewRegistry()
	sends := metrics.NewSends(registry)
	sends.SendSettled("dana", outreach.PurposeStep, outreach.SendSent)
	sends.SendSettled("dana", outreach.PurposeStep, outreach.SendSent)
	sends.SendSettled("dana", outreach.PurposeDigest, outreach.SendFailed)
	want := map[string]float64{"drumbeat_sends_settled_total dana step sent": 2, "drumbeat_sends_settled_total dana digest failed": 1}
	if diff := cmp.Diff(want, scrape(t, registry)); diff != "" {
		t.Error(diff)
	}
}
