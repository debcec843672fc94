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
	Metrics   http.Handler // nil: no /metrics
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
		mux.Handle("GET /metrics", p.Metrics)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not found", http.StatusNotFound) })
	return guard(p.Logger, mux)
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
