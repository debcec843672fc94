package e2e

import (
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
	"drumbeat/internal/render"
	"drumbeat/templates"
)

// house is an installation with a team of its own: a database, a mail world and
// as many engines as a test starts.
type house struct {
	*app.Base
	t     *testing.T
	clock clock.Clock
	world *mailworld.World
	team  *app.Team
	redis *redis.Options
	queue string

	engines []*app.Engine
}

// houseOptions say what an installation is like.
type houseOptions struct {
	db        *postgres.DB // nil: one of the test's own
	clock     clock.Clock
	redis     *redis.Options
	mailboxes int
	leads     int
	sequence  string // the file, without version, id and owner
	templates fstest.MapFS
	world     mailworld.Options

	csv  string   // the leads; empty: so many as leads says
	zone []string // of the mailboxes, in turn; nil: Europe/Berlin
	caps []string // of the mailboxes, in turn; nil: {per_day: 10000}
}

// leadAddress is the nth lead's, at a company of its own.
func leadAddress(n int) string { return fmt.Sprintf("lead%d@company%d.example", n, n) }

func mailboxAddress(n int) string { return fmt.Sprintf("rep%d@ours.example", n) }

// newHouse applies the sequence, imports the leads and enrols them.
func newHouse(t *testing.T, o houseOptions) *house {
	t.Helper()
	for n := range o.mailboxes {
		o.world.Mailboxes = append(o.world.Mailboxes, mailboxAddress(n))
	}
	o.world.Clock = o.clock
	world, err := mailworld.New(o.world)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = world.Close() })
	if o.db == nil {
		o.db = pgtest.New(t)
	}
	h := &house{t: t, clock: o.clock, world: world, redis: o.redis, queue: redistest.Queue()}
	h.Base = &app.Base{
		Config: config.Config{BaseURL: "https://out.ours.example"}, Logger: slog.New(slog.DiscardHandler), Clock: o.clock,
		DB: o.db, Secret: []byte("a secret of this test alone"),
		Sequences: fstest.MapFS{
			"hello.yaml":     &fstest.MapFile{Data: []byte("version: 1\nid: hello\nowner: dana\n" + o.sequence)},
			"mailboxes.yaml": &fstest.MapFile{Data: []byte(h.roster(o))},
		},
		Templates: []render.Layer{{Name: "shipped", FS: templates.FS}, {Name: "test", FS: fs.FS(o.templates)}},
	}
	if h.team, err = h.LoadTeam(); err != nil {
		t.Fatal(err)
	}
	h.fill(o)
	return h
}

func (h *house) roster(o houseOptions) string {
	var out strings.Builder
	out.WriteString("version: 1\nmailboxes:\n")
	for n := range o.mailboxes {
		fmt.Fprintf(&out, "  - id: rep%d\n    address: %s\n    name: Dana Reyes\n    rep: dana\n    timezone: %s\n", n, mailboxAddress(n), inTurn(o.zone, n, "Europe/Berlin"))
		fmt.Fprintf(&out, "    smtp: {host: 127.0.0.1, port: %d, tls: none}\n", h.world.SMTPAddr().Port)
		fmt.Fprintf(&out, "    imap: {host: 127.0.0.1, port: %d, user: %s, password: x, tls: none, folders: [INBOX, Junk]}\n", h.world.IMAPAddr().Port, mailboxAddress(n))
		fmt.Fprintf(&out, "    cap: %s\n    sent_copy: none\n", inTurn(o.caps, n, "{per_day: 10000}"))
	}
	out.WriteString("reps:\n  - {id: dana, name: Dana Reyes, email: dana@ours.example, timezone: Europe/Berlin, digest: \"08:00 mon-fri\"}\n")
	out.WriteString("sender: {company: Ours GmbH, postal_address: \"1 Example St, 10115 Berlin\"}\nnotify: {mailbox: rep0}\n")
	return out.String()
}

// inTurn gives the nth of some values, which begin again behind the last.
func inTurn(values []string, n int, usual string) string {
	if len(values) == 0 {
		return usual
	}
	return values[n%len(values)]
}

func (h *house) fill(o houseOptions) {
	h.t.Helper()
	ctx := h.t.Context()
	report, err := outbound.Apply{Files: h.Sequences, Templates: h.Templates}.Run(ctx, h.DB, h.clock.Now())
	if err != nil || len(report.Applied) != 1 {
		h.t.Fatalf("apply: %v %v", err, report.Diagnostics)
	}
	csv := o.csv
	if csv == "" {
		csv = leadsCSV(o.leads)
	}
	_, err = outbound.Import{
		Batch: outreach.ImportBatch{List: "all", At: h.clock.Now()}, ValidZone: func(string) bool { return true },
		Open:    func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(csv)), nil },
		Rejects: func() (io.WriteCloser, error) { return nil, outreach.ErrInvalid },
	}.Run(ctx, h.DB)
	if err != nil {
		h.t.Fatal(err)
	}
	enrolled, err := outbound.Enrol(ctx, h.DB, h.team.Roster, "hello", "all", h.clock.Now(), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if enrolled.Enrolled != o.leads {
		h.t.Fatalf("enrolled %d of %d leads", enrolled.Enrolled, o.leads)
	}
}

// leadsCSV is a list of leads in Berlin, each at a company of its own.
func leadsCSV(leads int) string {
	var csv strings.Builder
	csv.WriteString("email,first_name,company,timezone\n")
	for n := range leads {
		fmt.Fprintf(&csv, "%s,Ana,Company %d,Europe/Berlin\n", leadAddress(n), n)
	}
	return csv.String()
}

// engine starts one process's worth of Drumbeat. It is stopped after the test,
// unless stop was called before.
func (h *house) engine(roles app.Roles) (stop func()) {
	h.t.Helper()
	e, err := h.NewEngine(app.EngineOptions{
		Roles: roles, Redis: h.redis, Queue: h.queue, Team: h.team, PollEvery: pollEvery, BellsEvery: bellsEvery, Concurrency: 16,
		SentEvery: pollEvery,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := e.Start(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	h.engines = append(h.engines, e)
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := e.Stop(h.t.Context()); err != nil {
			h.t.Errorf("stop the engine: %v", err)
		}
	}
	h.t.Cleanup(func() {
		if !stopped {
			_ = e.Stop(h.t.Context())
		}
	})
	return stop
}

// text is what a query gives, as one line of text.
func (h *house) text(query string, args ...any) string {
	h.t.Helper()
	var rows []string
	if err := h.DB.SelectContext(h.t.Context(), &rows, `SELECT COALESCE((x.v)::text, '') FROM (`+query+`) AS x (v)`, args...); err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(rows, " ")
}
