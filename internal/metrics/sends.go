package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"drumbeat/internal/outreach"
)

// Sends counts what became of the mails that this process has sent.
type Sends struct{ settled *prometheus.CounterVec }

// NewSends registers the counter.
func NewSends(registry prometheus.Registerer) *Sends {
	s := &Sends{settled: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "drumbeat_sends_settled_total",
		Help: "Outcomes of mails that this process has put on record, by what the mail was for and the state it came to; planned: it goes again.",
	}, []string{"mailbox", "purpose", "state"})}
	registry.MustRegister(s.settled)
	return s
}

// SendSettled counts an outcome.
func (s *Sends) SendSettled(mailbox outreach.MailboxID, purpose outreach.Purpose, state outreach.SendState) {
	s.settled.WithLabelValues(string(mailbox), string(purpose), string(state)).Inc()
}
