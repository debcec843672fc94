// Package metrics tells Prometheus how an installation stands. What the
// database knows is read when it is asked for, so that every process gives the
// same figures and a restart loses none: the vitals at each scrape, from a few rows;
// the census of leads and replies, which takes the longer the more there are, as
// seldom as that asks for. The ledger is never counted: what becomes of mails, and
// what a process does with its mailboxes, is counted as it happens. No label holds an
// address or a name.
package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
)

const (
	readTimeout = 5 * time.Second // of one look into the database, in machine time
	// censusRest is how many times as long as a census took there is none after it: it
	// costs the database a twentieth of one connection at most.
	censusRest = 20
)

// Source is the database.
type Source interface {
	Vitals(ctx context.Context, now time.Time) (outreach.Vitals, error)
	Census(ctx context.Context) (outreach.Census, error)
}

// Board collects the state of the installation at each scrape.
type Board struct {
	Source  Source
	Now     func() time.Time // sales time
	Machine clock.Machine
	Logger  *slog.Logger

	mu     sync.Mutex
	census outreach.Census
	read   time.Time // machine time of the census; zero: there was none yet
	next   time.Time // machine time before which there is no other
}

var (
	unknown    = describe("sends_unknown", "Mails that may or may not have gone.")
	assumed    = describe("sends_assumed", "Mails in doubt that the policy takes for sent, of the last two weeks.")
	doubtful   = describe("sends_unknown_oldest_seconds", "For how long the oldest unknown mail is in doubt, in sales time; 0 without one.")
	held       = describe("sending_held", "1 while nothing is sent, because the database has forgotten mails.")
	processes  = describe("processes", "Processes that have beaten lately.")
	notices    = describe("notices_waiting", "Digests, alerts and answers that have not gone yet.")
	pending    = describe("messages_pending", "Messages that came in and are not understood yet.")
	paused     = describe("mailbox_paused", "1 when the mailbox is out of use.", "mailbox")
	today      = describe("mailbox_sends_today", "Step mails that took a place under the mailbox's cap today, in its own zone.", "mailbox")
	unread     = describe("mailbox_unread_seconds", "How long ago the inbox was last read to its end; follow-ups wait beyond 300. Not there before the first time.", "mailbox")
	leads      = describe("leads", "Leads by stage.", "stage")
	enrolments = describe("enrolments", "Enrolments by state.", "state")
	replies    = describe("replies", "Replies by label.", "label")
	open       = describe("replies_open", "Replies that nobody has handled.")
	webhooks   = describe("webhooks", "Deliveries of webhooks by state; failed ones wait for a person.", "state")
	inbox      = describe("inbox_endings", "Mail that came in, by what became of it.", "ending")
	strangers  = describe("inbox_not_ours_from_companies", "Mail taken for none of ours though it came from companies that were written to.")
	suppressed = describe("suppressions", "Addresses and domains that are never mailed.")
	counted    = describe("census_age_seconds", "How old the figures of leads, enrolments, replies, webhooks, inbox and suppressions are.")
	up         = describe("database_up", "1 when the database could be read for this scrape.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("drumbeat_"+name, help, labels, nil)
}

// Describe names what is collected.
func (b *Board) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		unknown, assumed, doubtful, held, processes, notices, pending, paused, today, unread,
		leads, enrolments, replies, open, webhooks, inbox, strangers, suppressed, counted, up,
	} {
		out <- d
	}
}

// Collect reads the database. When it cannot, that is all it tells.
func (b *Board) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	now := b.Now()
	v, err := b.Source.Vitals(ctx, now)
	if err != nil {
		gauge(out, up, 0)
		return
	}
	gauge(out, up, 1)
	gauge(out, unknown, v.Unknown)
	gauge(out, assumed, v.Assumed)
	gauge(out, doubtful, age(v.Doubtful, now))
	gauge(out, held, count(v.Hold.Held()))
	gauge(out, processes, v.Processes)
	gauge(out, notices, v.Notices)
	gauge(out, pending, v.Pending)
	for _, m := range v.Mailboxes {
		gauge(out, paused, count(m.Paused), string(m.ID))
		gauge(out, today, m.SentToday, string(m.ID))
		if m.Unread != nil {
			gauge(out, unread, int(*m.Unread/time.Second), string(m.ID))
		}
	}
	b.collectCensus(out)
}

func (b *Board) collectCensus(out chan<- prometheus.Metric) {
	census, since, known := b.counted()
	if !known {
		return
	}
	gauge(out, counted, int(since/time.Second))
	gauge(out, open, census.Open)
	gauge(out, suppressed, census.Suppressed)
	gauge(out, strangers, census.Strangers)
	gauges(out, inbox, census.Inbox)
	gauges(out, leads, census.Leads)
	gauges(out, enrolments, census.Enrolments)
	gauges(out, replies, census.Replies)
	for _, state := range outreach.WebhookStates() { // those without any too: an alert on failed ones needs its zero
		gauge(out, webhooks, census.Webhooks[state], string(state))
	}
}

// counted gives the last census and its age; another is taken when the last has been
// good for long enough. One that fails leaves the last in its place.
func (b *Board) counted() (census outreach.Census, since time.Duration, known bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if began := b.Machine.Now(); !began.Before(b.next) {
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		census, err := b.Source.Census(ctx)
		if err == nil {
			b.census, b.read = census, began
		} else {
			b.Logger.Warn("no census for the metrics", "error", err)
		}
		b.next = b.Machine.Now().Add(censusRest * b.Machine.Since(began))
	}
	return b.census, b.Machine.Since(b.read), !b.read.IsZero()
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
