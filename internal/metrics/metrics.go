// Package metrics tells Prometheus how an installation stands. What the
// database knows is read when it is asked for, so that every process gives the
// same figures and a restart loses none; only what a process itself does (passes
// over its mailboxes) is counted here. No label holds an address or a name.
package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drumbeat/internal/outreach"
)

// readTimeout bounds one scrape's look into the database, in machine time.
const readTimeout = 5 * time.Second

// Source is the database.
type Source interface {
	Status(ctx context.Context, now, day time.Time) (outreach.Status, error)
}

// Board collects the state of the installation at each scrape.
type Board struct {
	Source Source
	Now    func() time.Time // sales time
}

var (
	sends      = describe("sends_today", "Step mails that reached a state today (UTC).", "state")
	sent       = describe("sends_sent_total", "Step mails ever sent.")
	unknown    = describe("sends_unknown", "Mails that may or may not have gone.")
	assumed    = describe("sends_assumed", "Mails in doubt that the policy takes for sent, of the last two weeks.")
	doubtful   = describe("sends_unknown_oldest_seconds", "For how long the oldest unknown mail is in doubt, in sales time; 0 without one.")
	held       = describe("sending_held", "1 while nothing is sent, because the database has forgotten mails.")
	leads      = describe("leads", "Leads by stage.", "stage")
	enrolments = describe("enrolments", "Enrolments by state.", "state")
	replies    = describe("replies", "Replies by label.", "label")
	open       = describe("replies_open", "Replies that nobody has handled.")
	webhooks   = describe("webhooks", "Deliveries of webhooks by state; failed ones wait for a person.", "state")
	inbox      = describe("inbox_endings", "Mail that came in, by what became of it.", "ending")
	strangers  = describe("inbox_not_ours_from_companies", "Mail taken for none of ours though it came from companies that were written to.")
	suppressed = describe("suppressions", "Addresses and domains that are never mailed.")
	paused     = describe("mailbox_paused", "1 when the mailbox is out of use.", "mailbox")
	up         = describe("database_up", "1 when the database could be read for this scrape.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("drumbeat_"+name, help, labels, nil)
}

// Describe names what is collected.
func (b Board) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		sends, sent, unknown, assumed, doubtful, held, leads, enrolments, replies, webhooks, open, inbox, strangers, suppressed, paused, up,
	} {
		out <- d
	}
}

// Collect reads the database. When it cannot, that is all it tells.
func (b Board) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	now := b.Now()
	s, err := b.Source.Status(ctx, now, now.Truncate(24*time.Hour))
	if err != nil {
		gauge(out, up, 0)
		return
	}
	gauge(out, up, 1)
	gauge(out, sent, s.Sent)
	gauge(out, unknown, s.Unknown)
	gauge(out, assumed, s.Assumed)
	gauge(out, doubtful, age(s.Doubtful, now))
	gauge(out, held, count(s.Hold.Held()))
	gauge(out, open, s.Open)
	gauge(out, suppressed, s.Suppressed)
	gauge(out, strangers, s.Strangers)
	gauges(out, inbox, s.Inbox)
	gauges(out, sends, s.Today)
	gauges(out, leads, s.Leads)
	gauges(out, enrolments, s.Enrolments)
	gauges(out, replies, s.Replies)
	for _, state := range outreach.WebhookStates() { // those without any too: an alert on failed ones needs its zero
		gauge(out, webhooks, s.Webhooks[state], string(state))
	}
	for _, m := range s.Mailboxes {
		gauge(out, paused, count(m.Paused), string(m.ID))
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// age is in whole seconds.
func age(since *time.Time, now time.Time) int {
	if since == nil {
		return 0
	}
	return int(now.Sub(*since) / time.Second)
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, value int, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), labels...)
}

func gauges[K ~string](out chan<- prometheus.Metric, d *prometheus.Desc, counts map[K]int) {
	for label, n := range counts {
		gauge(out, d, n, string(label))
	}
}

// Inbox counts what this process does with its mailboxes.
type Inbox struct {
	taken  *prometheus.CounterVec
	passes *prometheus.CounterVec
	took   prometheus.Histogram
}

// NewInbox registers the counters.
func NewInbox(registry prometheus.Registerer) *Inbox {
	i := &Inbox{
		taken: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drumbeat_inbox_messages_total", Help: "Messages taken in, by how they were matched."}, []string{"mailbox", "match"}),
		passes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "drumbeat_inbox_passes_total", Help: "Passes over a mailbox, by outcome."}, []string{"mailbox", "outcome"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "drumbeat_inbox_pass_seconds", Help: "How long a pass over a mailbox took.", Buckets: prometheus.ExponentialBuckets(0.01, 4, 8)}),
	}
	registry.MustRegister(i.taken, i.passes, i.took)
	return i
}

// MessageTaken counts a message.
func (i *Inbox) MessageTaken(mailbox outreach.MailboxID, method outreach.MatchMethod) {
	i.taken.WithLabelValues(string(mailbox), string(method)).Inc()
}

// PassDone counts a pass.
func (i *Inbox) PassDone(mailbox outreach.MailboxID, took time.Duration, err error) {
	outcome := "good"
	if err != nil {
		outcome = "failed"
	}
	i.passes.WithLabelValues(string(mailbox), outcome).Inc()
	i.took.Observe(took.Seconds())
}
