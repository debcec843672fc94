package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/demo"
	"drumbeat/internal/inbound"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/roster"
	"drumbeat/internal/stepper"
	"drumbeat/internal/zone"
	"drumbeat/sequences"
	"drumbeat/templates"
)

// demoBaseURL is where unsubscribe links of the demo point; its requests never
// leave the process.
const demoBaseURL = "https://demo.ours.example"

// demoPoll is how often the demo's mailboxes are asked for what IDLE does not
// tell: the rare mail in Junk.
const demoPoll = 250 * time.Millisecond

// demoBells is how often the demo's worker looks for bells: its leads wait for
// nothing else, so the 50 ms of a service would be most of the demo's time.
const demoBells = 2 * time.Millisecond

// DemoOptions say what is shown.
type DemoOptions struct {
	Start  time.Time
	Days   int
	Seed   uint64
	Listen string // of the pages; empty: a free port
	// Between is called at every step of sales time; nil: nothing.
	Between func(ctx context.Context, d *Demo, now, next time.Time) error
}

// Demo is the whole loop on shipped data: a stepped clock, servers and a
// database of its own, a world of scripted leads.
type Demo struct {
	*Base
	Site  *Site // the pages
	World *mailworld.World
	Leads int

	options DemoOptions
	clock   *clock.Stepped
	team    *Team
	engine  *Engine
	public  http.Handler
}

// StartDemo brings everything up and enrols the shipped leads; Run steps.
func StartDemo(ctx context.Context, cfg config.Config, log *slog.Logger, o DemoOptions) (*Demo, error) {
	stepped := clock.NewStepped(o.Start)
	d := &Demo{options: o, clock: stepped}
	var err error
	if d.Base, err = demoBase(cfg, log, stepped); err != nil {
		return nil, err
	}
	if err := d.start(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// demoBase stands on shipped files alone and signs with a secret of its own.
func demoBase(cfg config.Config, log *slog.Logger, clk clock.Clock) (*Base, error) {
	cfg.SequencesDir, cfg.TemplatesDir, cfg.BaseURL = "", "", demoBaseURL
	return &Base{
		Config: cfg, Logger: log, Clock: clk, Secret: []byte(rand.Text()),
		Sequences: sequences.FS, Templates: []render.Layer{{Name: "shipped", FS: templates.FS}},
	}, nil
}

func (d *Demo) start(ctx context.Context) error {
	name, err := d.connectOwn(ctx, "drumbeat_demo")
	if err != nil {
		return err
	}
	if d.team, err = d.LoadTeam(); err != nil {
		return err
	}
	leads, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	d.Leads = len(leads)
	if err := d.startWorld(leads); err != nil {
		return err
	}
	if err := d.listen(ctx); err != nil {
		return err
	}
	return d.startEngine(ctx, name)
}

// prepare applies the shipped sequences, imports the shipped leads and enrols
// them, as a team would.
func (d *Demo) prepare(ctx context.Context) ([]outreach.Lead, error) {
	report, err := outbound.Apply{Files: d.Sequences, Templates: d.Templates}.Run(ctx, d.DB, d.clock.Now())
	if err != nil {
		return nil, err
	}
	if len(report.Applied) == 0 {
		return nil, invalidFile(report.Diagnostics)
	}
	var leads []outreach.Lead
	for _, list := range demo.Lists() {
		if err := d.enrolList(ctx, list); err != nil {
			return nil, fmt.Errorf("list %s: %w", list.Name, err)
		}
		for lead, err := range d.DB.EachLead(ctx, list.Name) {
			if err != nil {
				return nil, err
			}
			leads = append(leads, lead)
		}
	}
	return leads, nil
}

func (d *Demo) enrolList(ctx context.Context, list demo.List) error {
	validZone := func(name string) bool { _, err := zone.ParseName(name); return err == nil }
	_, err := outbound.Import{
		Batch: outreach.ImportBatch{List: list.Name, At: d.clock.Now()}, ValidZone: validZone,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(list.CSV)), nil },
		Rejects: func() (io.WriteCloser, error) {
			return nil, fmt.Errorf("the shipped leads hold a bad row: %w", outreach.ErrInvalid)
		},
	}.Run(ctx, d.DB)
	if err != nil {
		return err
	}
	_, err = outbound.Enrol(ctx, d.DB, d.team.Roster, outreach.SequenceID(list.Sequence), list.Name, d.clock.Now(), nil)
	return err
}

// startWorld starts the mail world and sends the team's mailboxes there.
func (d *Demo) startWorld(leads []outreach.Lead) error {
	script, err := mailworld.ScriptFor(leads, d.options.Seed)
	if err != nil {
		return err
	}
	options := mailworld.Options{Clock: d.clock, Logger: d.Logger, Script: script, Post: d.post}
	for _, m := range d.team.Mailboxes {
		options.Mailboxes = append(options.Mailboxes, m.Address)
	}
	if d.World, err = mailworld.New(options); err != nil {
		return err
	}
	d.atClose(func(context.Context) error { return d.World.Close() })
	smtp, imap := d.World.SMTPAddr(), d.World.IMAPAddr()
	for i := range d.team.Mailboxes {
		m := &d.team.Mailboxes[i]
		m.SMTP = roster.Server{Host: smtp.IP.String(), Port: smtp.Port, TLS: roster.NoTLS}
		m.IMAP = &roster.Server{
			Host: imap.IP.String(), Port: imap.Port, TLS: roster.NoTLS,
			User: roster.Secret(m.Address), Password: "demo", Folders: m.IMAP.Folders,
		}
	}
	return nil
}

// post makes a one-click unsubscribe (RFC 8058) as a mail provider would, to
// the public pages in this process.
func (d *Demo) post(ctx context.Context, link string) error {
	u, err := url.Parse(link)
	if err != nil {
		return fmt.Errorf("unsubscribe link: %w", err)
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, u.Path, strings.NewReader("List-Unsubscribe=One-Click"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	d.public.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		return fmt.Errorf("unsubscribe: status %d", answer.Code)
	}
	return nil
}

// listen takes the pages' address; a taken port is no reason not to show the demo.
func (d *Demo) listen(ctx context.Context) error {
	const free = "127.0.0.1:0"
	var err error
	if d.Site, err = Listen(ctx, "DRUMBEAT_LISTEN", cmp.Or(d.options.Listen, free)); err != nil {
		if d.Site, err = Listen(ctx, "DRUMBEAT_LISTEN", free); err != nil {
			return err
		}
	}
	d.Config.Listen = d.Site.Addr
	d.atClose(func(context.Context) error { return d.Site.Close() })
	return nil
}

func (d *Demo) startEngine(ctx context.Context, queue string) error {
	redis, err := d.StartRedis(ctx, true)
	if err != nil {
		return err
	}
	d.engine, err = d.NewEngine(EngineOptions{Roles: AllRoles(), Redis: redis, Queue: queue, Team: d.team, PollEvery: demoPoll, BellsEvery: demoBells, Concurrency: 16})
	if err != nil {
		return err
	}
	pages, err := d.OperatorPages(d.team, d.engine.OptOuts(), 2*time.Second)
	if err != nil {
		return err
	}
	d.Site.Serve(pages)
	d.public = d.PublicPages(d.engine.OptOuts(), prometheus.NewRegistry(), func(context.Context) error { return nil })
	if err := d.engine.Start(ctx); err != nil {
		return err
	}
	d.atClose(d.engine.Stop)
	return nil
}

// Run steps sales time through the days.
func (d *Demo) Run(ctx context.Context) error {
	s := stepper.Stepper{Clock: d.clock, Sources: []stepper.Source{worldSource{d.World}, &inboxSource{demo: d}, &engineSource{engine: d.engine}}}
	if d.options.Between != nil {
		s.Between = func(ctx context.Context, now, next time.Time) error { return d.options.Between(ctx, d, now, next) }
	}
	_, err := s.Run(ctx, d.options.Start.AddDate(0, 0, d.options.Days))
	return err
}

// OptOuts takes people off whose token arrives.
func (e *Engine) OptOuts() *inbound.Processor { return e.inbox.processor }
