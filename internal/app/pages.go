package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"drumbeat/internal/inbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/qualify"
	"drumbeat/internal/web"
)

// desk does what the buttons on the pages ask for.
type desk struct {
	base    *Base
	replies *inbound.Processor
}

func (d desk) act(detail string) postgres.Act {
	return postgres.Act{At: d.base.Clock.Now(), Actor: "rep", Detail: detail}
}

func (d desk) PauseLead(ctx context.Context, id outreach.LeadID) error {
	act := d.act("Paused on the page.")
	return d.base.DB.PauseLeads(ctx, []outreach.LeadID{id}, act.At.Add(outreach.WithoutEnd), act)
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

func (d desk) CorrectReply(ctx context.Context, id outreach.MessageID, label outreach.Label) error {
	return d.replies.Correct(ctx, id, label, "rep")
}

func (d desk) FinishTask(ctx context.Context, id outreach.TaskID) (outreach.LeadID, error) {
	return d.base.DB.FinishTask(ctx, id, d.act("Done."))
}

// OperatorPages is the handler of the team's pages. Days are those of the first
// rep.
func (b *Base) OperatorPages(team *Team, replies *inbound.Processor, refresh time.Duration) (http.Handler, error) {
	framework, err := b.framework("bant")
	if err != nil {
		return nil, err
	}
	zone := time.UTC
	if len(team.Reps) > 0 {
		if zone, err = time.LoadLocation(team.Reps[0].Timezone); err != nil {
			return nil, fmt.Errorf("rep %s: %w", team.Reps[0].ID, err)
		}
	}
	return web.Operator{
		Board: b.DB, Desk: desk{b, replies}, Zone: zone, Clock: b.Clock, Logger: b.Logger, Refresh: refresh, Framework: framework,
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

// publicName is the host name under which the world knows us.
func publicName(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil || u.Scheme != "https" {
		return "" // http is for trying things out on this machine
	}
	return strings.ToLower(u.Hostname())
}

// PublicPages is the handler of what the world may ask for.
func (b *Base) PublicPages(optOuts web.OptOuts, metrics *prometheus.Registry, ready func(context.Context) error) http.Handler {
	return web.Public{
		OptOuts: optOuts, Callbacks: b.Callbacks(), LeadStops: b.leadStops(), Clock: b.Clock, Logger: b.Logger, Ready: ready,
		Metrics: promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}), Name: publicName(b.Config.BaseURL),
	}.Handler()
}

// Site is an HTTP server: first it listens, so that its address is known, then
// it serves.
type Site struct {
	Addr     string
	listener net.Listener
	server   *http.Server
	done     chan error // nil until Serve
}

// Listen takes an address; one that is taken is a problem that names the
// variable to change.
func Listen(ctx context.Context, variable, addr string) (*Site, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, &outreach.Problem{Code: "ADDRESS_TAKEN", Detail: fmt.Sprintf("cannot listen on %s", addr), Err: err,
			Fix: "Set " + variable + " to a free address, for example 127.0.0.1:0."}
	}
	return &Site{Addr: listener.Addr().String(), listener: listener}, nil
}

// Serve answers with the handler until Close.
func (s *Site) Serve(handler http.Handler) {
	s.server = &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	s.done = make(chan error, 1)
	go func() { s.done <- s.server.Serve(s.listener) }()
}

// Close answers what is being asked and ends.
func (s *Site) Close() error {
	if s.done == nil {
		return s.listener.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
