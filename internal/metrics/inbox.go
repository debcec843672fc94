package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drumbeat/internal/outreach"
)

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
