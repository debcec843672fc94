package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/qualify"
	"drumbeat/internal/web"
)

// farAway is the end of a pause that only a person ends.
const farAway = 100 * 365 * 24 * time.Hour

// desk does what the buttons on the pages ask for.
type desk struct{ base *Base }

func (d desk) act(detail string) postgres.Act {
	return postgres.Act{At: d.base.Clock.Now(), Actor: "rep", Detail: detail}
}

func (d desk) PauseLead(ctx context.Context, id outreach.LeadID) error {
	act := d.act("Paused on the page.")
	return d.base.DB.PauseLeads(ctx, []outreach.LeadID{id}, act.At.Add(farAway), act)
}

func (d desk) ResumeLead(ctx context.Context, id outreach.LeadID) error {
	return d.base.DB.ResumeLeads(ctx, []outreach.LeadID{id}, d.act("Resumed on the page."))
}

func (d desk) StopLead(ctx context.Context, id outreach.LeadID) error {
	return d.base.DB.StopLeads(ctx, []outreach.LeadID{id}, outreach.StopByRep, d.act("Stopped on the page."))
}

func (d desk) HandleReply(ctx context.Context, id outreach.MessageID) error {
	return d.base.DB.HandleReply(ctx, id, d.act("Dealt with."))
}

// OperatorPages is the handler of the team's pages.
func (b *Base) OperatorPages(refresh time.Duration) (http.Handler, error) {
	framework, err := b.framework("bant")
	if err != nil {
		return nil, err
	}
	return web.Operator{
		Board: b.DB, Desk: desk{b}, Clock: b.Clock, Logger: b.Logger, Refresh: refresh, Framework: framework,
	}.Handler(), nil
}

// framework reads frameworks/NAME.yaml of the sequences.
func (b *Base) framework(name string) (*qualify.Framework, error) {
	path := "frameworks/" + name + ".yaml"
	source, err := fs.ReadFile(b.Sequences, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // a team's own directory need not have one: facts are shown as a list
	}
	if err != nil {
		return nil, fmt.Errorf("framework: %w", err)
	}
	framework, diagnostics := qualify.ParseFramework(path, source)
	if len(diagnostics) > 0 {
		return nil, invalidFile(diagnostics)
	}
	return framework, nil
}

// PublicPages is the handler of what the world may ask for.
func (b *Base) PublicPages(optOuts web.OptOuts, metrics *prometheus.Registry, ready func(context.Context) error) http.Handler {
	return web.Public{
		OptOuts: optOuts, Clock: b.Clock, Logger: b.Logger, Ready: ready,
		Metrics: promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}),
	}.Handler()
}

// Site is a listening HTTP server.
type Site struct {
	Addr   string
	server *http.Server
	done   chan error
}

// Listen serves a handler; an address that is taken is a problem that names the
// variable to change.
func Listen(ctx context.Context, variable, addr string, handler http.Handler) (*Site, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, &outreach.Problem{Code: "ADDRESS_TAKEN", Detail: fmt.Sprintf("cannot listen on %s", addr), Err: err,
			Fix: "Set " + variable + " to a free address, for example 127.0.0.1:0."}
	}
	site := &Site{Addr: listener.Addr().String(), done: make(chan error, 1),
		server: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute}}
	go func() { site.done <- site.server.Serve(listener) }()
	return site, nil
}

// Close answers what is being asked and ends.
func (s *Site) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
