package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/redis/go-redis/v9"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
	"drumbeat/internal/render"
	"drumbeat/internal/signature"
	"drumbeat/internal/token"
	"drumbeat/templates"
)

// quickClock is sales time that runs faster than the machine's, the same in all
// processes of a test: the pauses between attempts take no time.
type quickClock struct {
	Origin time.Time
	Factor int
}

func (c quickClock) Now() time.Time {
	start := time.Date(2031, 3, 3, 6, 0, 0, 0, time.UTC)
	return start.Add(time.Duration(c.Factor) * clock.Machine{}.Since(c.Origin)).UTC()
}

// told is one request that a receiver got.
type told struct {
	event, step, lead string
	taken             bool
}

// receiver is another service. It fails three of ten requests, chosen by event and
// count, so that every run is the same; a few of its failures are a silence after it
// has taken the event, of which we cannot know.
type receiver struct {
	*httptest.Server
	t    *testing.T
	fail int // of ten

	mu    sync.Mutex
	log   []told
	tries map[string]int
}

const signingKey = "a key that the receiver knows"

func newReceiver(t *testing.T, fail int) *receiver {
	r := &receiver{t: t, fail: fail, tries: map[string]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Server.Close)
	return r
}

func (r *receiver) serve(w http.ResponseWriter, request *http.Request) {
	raw, err := io.ReadAll(request.Body)
	if err != nil {
		return // the sender has died over it
	}
	event := request.Header.Get(signature.HeaderID)
	seconds, _ := strconv.ParseInt(request.Header.Get(signature.HeaderTimestamp), 10, 64)
	signed := signature.Signed{
		ID: event, Timestamp: request.Header.Get(signature.HeaderTimestamp), Signature: request.Header.Get(signature.HeaderSignature), Body: raw,
	}
	if err := signature.Verify([]byte(signingKey), signed, time.Unix(seconds, 0)); err != nil {
		r.t.Errorf("event %s: %v", event, err)
	}
	var body struct{ Event, Step, Lead string }
	if err := json.Unmarshal(raw, &body); err != nil || body.Event != event {
		r.t.Errorf("event %s says %s: %v", event, raw, err)
	}
	r.mu.Lock()
	r.tries[event]++
	sum := fnv.New32a()
	fmt.Fprintf(sum, "%s %d", event, r.tries[event])
	lot := int(sum.Sum32() % 100)
	fails, silent := lot < 10*r.fail, lot < r.fail
	r.log = append(r.log, told{event, body.Step, body.Lead, !fails || silent})
	r.mu.Unlock()
	switch {
	case silent:
		panic(http.ErrAbortHandler)
	case fails:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (r *receiver) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.log)
}

// taken is how many events the receiver has.
func (r *receiver) taken() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := map[string]bool{}
	for _, t := range r.log {
		if t.taken {
			events[t.event] = true
		}
	}
	return len(events)
}

// workerSpec is what a worker process of the test below is told.
type workerSpec struct {
	Database, Queue, Sequence, Roster      string
	RedisNetwork, RedisAddr, RedisPassword string
	RedisDB                                int
	Clock                                  quickClock
}

// The worker process of the test below: this test program, run again. In an
// ordinary run there is nothing for it to do.
func TestWorkerProcessOfTheWebhookTest(t *testing.T) {
	var spec workerSpec
	if os.Getenv("DRUMBEAT_E2E_WORKER") == "" {
		return
	}
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &spec)
	}
	if err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Open(t.Context(), spec.Database, postgres.Options{MaxConns: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	base := webhookBase(db, spec.Clock, spec.Sequence, spec.Roster)
	team, err := base.LoadTeam()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := base.NewEngine(app.EngineOptions{
		Roles: app.Roles{Worker: true, Planner: true}, Queue: spec.Queue, Team: team, BellsEvery: bellsEvery, Concurrency: 4,
		Redis: &redis.Options{Network: spec.RedisNetwork, Addr: spec.RedisAddr, Password: spec.RedisPassword, DB: spec.RedisDB},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, in) // until it is killed, or whoever started it has gone
	if err := engine.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func webhookBase(db *postgres.DB, c clock.Clock, sequence, roster string) *app.Base {
	return &app.Base{
		Config: config.Config{BaseURL: "https://out.ours.example", WebhookLoopback: true}, Logger: slog.New(slog.DiscardHandler), Clock: c,
		DB: db, Secret: []byte("a secret of this test alone"),
		Sequences: fstest.MapFS{
			"hello.yaml":     &fstest.MapFile{Data: []byte("version: 1\nid: hello\nowner: dana\n" + sequence)},
			"mailboxes.yaml": &fstest.MapFile{Data: []byte(roster)},
		},
		Templates: []render.Layer{{Name: "shipped", FS: templates.FS}, {Name: "test", FS: fs.FS(hello)}},
	}
}

var hello = fstest.MapFS{"hello.md": &fstest.MapFile{Data: []byte("---\nsubject: \"hello {{ company }}\"\n---\nHi {{ first_name }}.\n")}}

// fourWebhooks is a sequence of four webhooks and a mail that is far away.
func fourWebhooks(extra string) string {
	var out strings.Builder
	out.WriteString("send: {window: {days: mon-sun, from: \"00:00\", to: \"24:00\"}, daily_new_leads: 10000}\nsteps:\n")
	for n := range 4 {
		fmt.Fprintf(&out, "  - id: hook%d\n    webhook:\n      url: ${WEBHOOK_TEST_URL}\n      secret: ${WEBHOOK_TEST_KEY}\n      attempts: 20\n"+
			"      body: {event: \"{{ event.id }}\", step: \"{{ event.step }}\", lead: \"{{ email }}\"}\n%s", n, extra)
	}
	out.WriteString("  - {id: mail, wait: 300d, email: hello.md}\n")
	return out.String()
}

// start runs a worker process.
func (s workerSpec) start(t *testing.T) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestWorkerProcessOfTheWebhookTest$", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), "DRUMBEAT_E2E_WORKER=1")
	cmd.Stderr, cmd.Stdout = os.Stderr, io.Discard
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(in).Encode(s); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	kill = func() {
		once.Do(func() {
			_ = cmd.Process.Kill() // kill -9; fails only if it has ended
			_ = cmd.Wait()
		})
	}
	t.Cleanup(kill)
	return kill
}

// A receiver that fails three of ten requests gets a thousand events while worker
// after worker is killed over them: each at least once, always with the same id, and
// of each lead in order.
func TestAFlakyReceiverIsToldEverythingInOrderWhateverDies(t *testing.T) {
	const leads, steps = 250, 4
	r := newReceiver(t, 3)
	t.Setenv("WEBHOOK_TEST_URL", r.URL+"/in")
	t.Setenv("WEBHOOK_TEST_KEY", signingKey)
	url := pgtest.URL(t)
	db, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	quick := quickClock{Origin: clock.Machine{}.Now().Round(0), Factor: 600}
	h := newHouse(t, houseOptions{db: db, clock: quick, redis: redistest.New(t), mailboxes: 1, leads: leads, sequence: fourWebhooks(""), templates: hello})
	spec := workerSpec{
		Database: url, Queue: h.queue, Sequence: fourWebhooks(""), Roster: h.roster(houseOptions{mailboxes: 1}), Clock: quick,
		RedisNetwork: h.redis.Network, RedisAddr: h.redis.Addr, RedisPassword: h.redis.Password, RedisDB: h.redis.DB,
	}
	for _, enough := range []int{200, 500, 900} {
		kill := spec.start(t)
		until(t, fmt.Sprintf("the receiver got %d requests", enough), func() bool { return r.requests() >= enough })
		kill()
		h.age()
	}
	spec.start(t)
	until(t, "every event was taken", func() bool { return r.taken() >= leads*steps })
	until(t, "all are on record", func() bool {
		return h.text(`SELECT count(*) FROM webhook_deliveries WHERE state = 'completed'`) == strconv.Itoa(leads*steps)
	})
	r.wantOrder(leads, steps)
	if failed := r.requests() - leads*steps; failed < 200 {
		t.Errorf("the receiver failed %d requests: it did not play its part", failed)
	}
}

// age makes what dead processes held look old, as a minute would.
func (h *house) age() {
	h.t.Helper()
	for _, statement := range []string{
		`UPDATE processes SET beat_ms = 0`, `UPDATE mailboxes SET leased_until_ms = 1 WHERE leased_until_ms > 0`,
		`UPDATE webhook_deliveries SET lease_until_ms = 1 WHERE state = 'claimed'`,
	} {
		if _, err := h.DB.ExecContext(h.t.Context(), statement); err != nil {
			h.t.Fatal(err)
		}
	}
}

// wantOrder reads the receiver's own log: every event of every lead is there, under
// one id, and nothing of a later step came before the earlier one was taken.
func (r *receiver) wantOrder(leads, steps int) {
	r.t.Helper()
	ids, events, reached := map[string]string{}, map[string]bool{}, map[string]int{}
	for _, t := range r.log {
		what := t.lead + " " + t.step
		if ids[what] == "" {
			if events[t.event] {
				r.t.Errorf("the id %s is that of two events", t.event)
			}
			ids[what], events[t.event] = t.event, true
		}
		if ids[what] != t.event {
			r.t.Errorf("%s was told as %s and as %s", what, ids[what], t.event)
		}
		n, _ := strconv.Atoi(strings.TrimPrefix(t.step, "hook"))
		if n > reached[t.lead] {
			r.t.Errorf("%s came before step %d was taken", what, reached[t.lead])
		}
		if t.taken && n == reached[t.lead] {
			reached[t.lead] = n + 1
		}
	}
	if len(ids) != leads*steps {
		r.t.Errorf("%d events of %d were told", len(ids), leads*steps)
	}
	for lead, n := range reached {
		if n != steps {
			r.t.Errorf("%s was told %d steps of %d", lead, n, steps)
		}
	}
}

// A step that waits for a callback goes on when it comes in at the public pages;
// a lead that is stopped by the hook is told about no more.
func TestACallbackAndALeadStopComeInFromOutside(t *testing.T) {
	r := newReceiver(t, 0)
	t.Setenv("WEBHOOK_TEST_URL", r.URL)
	t.Setenv("WEBHOOK_TEST_KEY", signingKey)
	quick := quickClock{Origin: clock.Machine{}.Now().Round(0), Factor: 1}
	h := newHouse(t, houseOptions{
		clock: quick, redis: redistest.New(t), mailboxes: 1, leads: 2, sequence: fourWebhooks("      callback: 30d\n"), templates: hello,
	})
	h.Config.WebhookLoopback, h.Config.HookSecret = true, "a secret between us and the calendar"
	h.engine(app.Roles{Worker: true, Planner: true})
	public := httptest.NewServer(h.PublicPages(nil, nil, nil))
	t.Cleanup(public.Close)
	until(t, "both leads' first webhook was taken", func() bool {
		return h.text(`SELECT count(*) FROM webhook_deliveries WHERE state = 'accepted'`) == "2"
	})

	// Ana's calls back; a forged token does nothing.
	event := h.text(`SELECT event_id FROM webhook_deliveries d JOIN leads l ON l.id = d.lead_id WHERE l.email = '` + leadAddress(0) + `'`)
	good := token.NewKeys(h.Secret).Callback(event)
	forged := token.NewKeys([]byte("another secret of ours")).Callback(event)
	if status, _ := post(t, public.URL+"/c/"+forged, "", nil); status != http.StatusNotFound {
		t.Errorf("a forged callback: %d", status)
	}
	for n, want := range []string{`{"completed":true}`, `{"completed":false}`, `{"completed":false}`} {
		if status, body := post(t, public.URL+"/c/"+good, `{"note":"invite accepted"}`, nil); status != http.StatusOK || body != want {
			t.Errorf("callback %d: %d %s", n, status, body)
		}
	}
	until(t, "the next step was told", func() bool { return r.requests() == 3 })

	// The other one books a meeting elsewhere: of a hundred repetitions one has an effect.
	body := `{"email":"` + leadAddress(1) + `","reason":"meeting_booked"}`
	headers := signedHeaders(h.Config.HookSecret, "calendar-0001", quick.Now(), body)
	for n := range 100 {
		want := `{"leads":0,"repeated":true}`
		if n == 0 {
			want = `{"leads":1,"repeated":false}`
		}
		if status, got := post(t, public.URL+"/hooks/lead-stop", body, headers); status != http.StatusOK || got != want {
			t.Fatalf("lead-stop %d: %d %s", n, status, got)
		}
	}
	if status, _ := post(t, public.URL+"/hooks/lead-stop", body, signedHeaders("guessed", "calendar-0002", quick.Now(), body)); status != http.StatusUnauthorized {
		t.Errorf("a forged lead-stop: %d", status)
	}
	want := "stopped meeting_booked qualifying"
	if got := h.text(`SELECT concat_ws(' ', e.state, l.stopped, l.stage) FROM enrolments e JOIN leads l ON l.id = e.lead_id WHERE l.email = '` + leadAddress(1) + `'`); got != want {
		t.Errorf("the lead stands at %q, want %q", got, want)
	}
	event = h.text(`SELECT event_id FROM webhook_deliveries d JOIN leads l ON l.id = d.lead_id WHERE l.email = '` + leadAddress(1) + `'`)
	if status, got := post(t, public.URL+"/c/"+token.NewKeys(h.Secret).Callback(event), "", nil); status != http.StatusOK || got != `{"completed":false}` {
		t.Errorf("a callback about a stopped lead: %d %s", status, got)
	}
	if r.requests() != 3 {
		t.Errorf("the receiver was told %d events", r.requests())
	}
}

func signedHeaders(secret, id string, at time.Time, body string) map[string]string {
	return map[string]string{
		signature.HeaderID: id, signature.HeaderTimestamp: strconv.FormatInt(at.Unix(), 10),
		signature.HeaderSignature: signature.Sign([]byte(secret), id, at, []byte(body)),
	}
}

func post(t *testing.T, url, body string, headers map[string]string) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(raw))
}
