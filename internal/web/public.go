package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Public configures what the world may ask for.
type Public struct {
	OptOuts OptOuts
	// Callbacks complete steps that wait for another service.
	Callbacks Callbacks
	LeadStops LeadStops // nil: there is no hook for it
	Clock     Clock
	Logger    *slog.Logger
	// Metrics are for our own scraper alone: who comes in by the proxy, or asks for the
	// public name, gets none. Nil: no /metrics.
	Metrics http.Handler
	Name    string // the public host name, of DRUMBEAT_BASE_URL; empty: none
	// Ready tells whether the service can work: its database and its bells.
	Ready func(context.Context) error
}

// public answers the world's requests.
type public struct {
	Public
	pages *pages
}

// Handler is the public side. A proxy with TLS stands before it.
func (p Public) Handler() http.Handler {
	pub := &public{Public: p, pages: newPages(time.UTC)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /u/{token}", pub.askToUnsubscribe)
	mux.HandleFunc("POST /u/{token}", pub.unsubscribe)
	mux.HandleFunc("POST /c/{token}", pub.callBack)
	mux.HandleFunc("/c/{token}", onlyPost)
	if p.LeadStops != nil {
		mux.HandleFunc("POST /hooks/lead-stop", pub.stopLead)
		mux.HandleFunc("/hooks/lead-stop", onlyPost)
	}
	mux.HandleFunc("GET /style.css", serveStyle)
	mux.HandleFunc("GET /healthz", pub.healthz)
	mux.HandleFunc("GET /readyz", pub.readyz)
	if p.Metrics != nil {
		mux.HandleFunc("GET /metrics", pub.metrics)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not found", http.StatusNotFound) })
	return guard(p.Logger, mux)
}

// metrics tells how the installation stands: mailboxes, leads, replies. That is
// nobody's business outside, and this side is the one that a proxy shows the world.
func (p *public) metrics(w http.ResponseWriter, r *http.Request) {
	if forwarded(r) || p.Name != "" && hostName(r.Host) == p.Name {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	p.Metrics.ServeHTTP(w, r)
}

// forwarded tells whether a request came by a proxy.
func forwarded(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}

// actTimeout bounds what a request of the world may set in motion.
const actTimeout = 20 * time.Second

// doneAnyway is the context of what somebody has asked for: it does not end when
// they hang up. Many mail programs and services do not wait for the answer.
func doneAnyway(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), actTimeout)
}

// healthz says that the process answers; nothing more, so that a database that
// is away does not make an orchestrator kill processes.
func (p *public) healthz(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("ok\n"))
}

// readyTimeout bounds how long /readyz looks.
const readyTimeout = 3 * time.Second

// readyz says whether the process can do its work now.
func (p *public) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := p.Ready(ctx); err != nil {
		p.Logger.WarnContext(ctx, "not ready", "error", err)
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}
