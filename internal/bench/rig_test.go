package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/faultproxy"
	"drumbeat/internal/mailer"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
	"drumbeat/internal/schedule"
	"drumbeat/internal/token"
)

// rig is a database with one lead a mailbox (or more), a mail server and senders
// that may die at any point of a mail's way.
type rig struct {
	testing.TB
	url     string
	db      *postgres.DB
	clock   *clock.Stepped
	world   *mailworld.World
	scripts *outbound.Scripts
	cap     int
}

func newRig(t testing.TB, mailboxes, leads int, options mailworld.Options) *rig {
	t.Helper()
	return newRigOn(t, stage{mailboxes: mailboxes, leads: leads}, options)
}

func newRigOn(t testing.TB, s stage, options mailworld.Options) *rig {
	t.Helper()
	r := &rig{TB: t, url: pgtest.URL(t), clock: clock.NewStepped(time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)), cap: 10_000}
	options.Clock, options.DiscardRaw = r.clock, s.leads > 1
	var err error
	if r.db, err = postgres.Open(t.Context(), r.url, postgres.Options{MaxConns: 10}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.db.Close() })
	if r.world, err = mailworld.New(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.world.Close() })
	s.dir = t.TempDir()
	r.must(s.write(r.world.SMTPAddr()))
	r.must(s.fill(t.Context(), r.db, r.clock.Now()))
	r.scripts = &outbound.Scripts{Revisions: r.db}
	return r
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) exec(query string, args ...any) {
	r.Helper()
	_, err := r.db.ExecContext(context.Background(), query, args...)
	r.must(err)
}

func (r *rig) rows() []outreach.AuditRow {
	r.Helper()
	rows, err := r.db.Audit(context.Background())
	r.must(err)
	return rows
}

// sender is a worker's sender, alive until it reaches a point.
func (r *rig) sender(name string, at point) (*outbound.Sender, *mortal) {
	r.Helper()
	committer := postgres.NewCommitter(r.db, r.clock.Now)
	r.Cleanup(committer.Close)
	m := &mortal{DB: r.db, committer: committer, at: at, server: r.world.SMTPAddr().String(), name: name}
	r.Cleanup(m.bury)
	keys := token.NewKeys([]byte("a secret of the tests"))
	rules, identities := map[outreach.MailboxID]outbound.MailboxRules{}, map[outreach.MailboxID]outbound.SenderIdentity{}
	for _, row := range r.rows() {
		rules[row.MailboxID] = outbound.MailboxRules{Cap: schedule.Cap{PerDay: r.cap}, Zone: time.UTC}
		identities[row.MailboxID] = outbound.SenderIdentity{Address: outreach.Address{Email: string(row.MailboxID) + "@ours.example"}}
	}
	s := &outbound.Sender{
		Process: name, Clock: r.clock, Leases: m, Claims: m, Committer: m, Refusals: m, Holder: r.db, Transport: m, Operators: m,
		Composer: &outbound.Composer{Scripts: r.scripts, Build: mailer.Build, Senders: identities}, Logger: slog.New(slog.DiscardHandler),
		Decider: &outbound.Decider{Scripts: r.scripts, Mailboxes: rules, MessageID: func(id outreach.MailboxID, key string, now time.Time) string {
			return keys.MessageID(now, key, "ours.example")
		}},
	}
	r.Cleanup(s.Close)
	r.must(r.db.Beat(context.Background(), name, "host", 1))
	return s, m
}

// age makes the dead look dead: their beats, leases and claims are old.
func (r *rig) age(dead ...string) {
	r.Helper()
	for _, name := range dead {
		r.exec(`UPDATE processes SET beat_ms = 0 WHERE id = $1`, name)
		r.exec(`UPDATE mailboxes SET leased_until_ms = 1 WHERE leased_by = $1`, name)
	}
}

// goOn lets a survivor finish what there is, over as much sales time as it takes.
func (r *rig) goOn(survivor *outbound.Sender) {
	r.Helper()
	boxes := map[outreach.MailboxID]bool{}
	for _, row := range r.rows() {
		boxes[row.MailboxID] = true
	}
	for range 40 {
		_, err := r.db.Sweep(context.Background(), r.clock.Now())
		r.must(err)
		open, err := r.db.OpenEnrolments(context.Background())
		r.must(err)
		if open == 0 {
			return
		}
		for id := range boxes {
			r.must(survivor.SendDue(context.Background(), id))
		}
		r.clock.StepTo(r.clock.Now().Add(10 * time.Minute))
	}
	r.Errorf("there is no end: %+v", r.rows())
}

// point is a moment of a mail's way at which a process may die.
type point string

// The points, in their order.
const (
	never        point = ""
	afterLease   point = "after the lease"
	afterClaim   point = "after the claim"
	afterDial    point = "after the greeting"
	onMail       point = "at MAIL"
	onRcpt       point = "at RCPT"
	onData       point = "at DATA"
	onBody       point = "within the body"
	beforeCommit point = "before the commit point"
	afterCommit  point = "after the commit point"
	onDot        point = "at the dot"
	afterAnswer  point = "after the answer"
	afterSettle  point = "after the result"
)

func points() []point {
	return []point{afterLease, afterClaim, afterDial, onMail, onRcpt, onData, onBody, beforeCommit, afterCommit, onDot, afterAnswer, afterSettle}
}

var errDead = errors.New("the process is dead")

// mortal is everything that a sender reaches, through which it dies: from its
// point on nothing it does has an effect, as after kill -9.
type mortal struct {
	*postgres.DB
	committer *postgres.Committer
	server    string
	at        point
	name      string

	mu     sync.Mutex
	dead   bool
	cables []*faultproxy.Proxy // one a connection
}

// reach dies at its point. An error: it is dead.
func (m *mortal) reach(p point) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at == p {
		m.dead = true
	}
	if !m.dead {
		return nil
	}
	if p != onDot { // there the server's answer ends the connection
		for _, cable := range m.cables {
			go cable.Down()
		}
	}
	return errDead
}

func (m *mortal) isDead() bool { return m.reach("nowhere") != nil }

func (m *mortal) bury() {
	m.mu.Lock()
	cables := m.cables
	m.mu.Unlock()
	for _, cable := range cables {
		_ = cable.Close()
	}
}

func (m *mortal) TakeMailbox(ctx context.Context, id outreach.MailboxID, process string) (outreach.Lease, bool, error) {
	lease, ok, err := m.DB.TakeMailbox(ctx, id, process)
	return lease, ok, errors.Join(err, m.reach(afterLease))
}

func (m *mortal) RenewMailbox(ctx context.Context, lease outreach.Lease) error {
	if m.isDead() {
		return errDead
	}
	return m.DB.RenewMailbox(ctx, lease)
}

func (m *mortal) GiveBackClaims(ctx context.Context, lease outreach.Lease, now time.Time) error {
	if m.isDead() {
		return errDead
	}
	return m.DB.GiveBackClaims(ctx, lease, now)
}

func (m *mortal) ReleaseMailbox(ctx context.Context, lease outreach.Lease) error {
	if m.isDead() {
		return errDead
	}
	return m.DB.ReleaseMailbox(ctx, lease)
}

func (m *mortal) ClaimSteps(ctx context.Context, req outreach.ClaimRequest) ([]outreach.Claimed, int, error) {
	claimed, moved, err := m.DB.ClaimSteps(ctx, req)
	if len(claimed) > 0 && err == nil {
		err = m.reach(afterClaim)
	}
	return claimed, moved, err
}

func (m *mortal) KeepBytes(ctx context.Context, id outreach.SendID, fence int64, f outreach.Frozen) error {
	if m.isDead() {
		return nil // a result that the dead would insist on
	}
	return m.DB.KeepBytes(ctx, id, fence, f)
}

func (m *mortal) RecordRefusal(ctx context.Context, refusal outreach.Refusal) (bool, error) {
	if m.isDead() {
		return false, nil
	}
	return m.DB.RecordRefusal(ctx, refusal)
}

func (m *mortal) LeadHarmed(context.Context, outreach.LeadID) {}

func (m *mortal) MailboxStopped(context.Context, outreach.MailboxID, string) error { return nil }

func (m *mortal) Commit(ctx context.Context, req outreach.CommitRequest) (bool, error) {
	// The wire is slower than this call: who dies within the body does not get here.
	for m.at == onBody && !m.isDead() {
		if err := (clock.Machine{}).Sleep(ctx, time.Millisecond); err != nil {
			return false, err
		}
	}
	if err := m.reach(beforeCommit); err != nil {
		return false, err
	}
	ok, err := m.committer.Commit(ctx, req)
	return ok, errors.Join(err, m.reach(afterCommit))
}

func (m *mortal) Post(ctx context.Context, s outreach.Settlement) func() (bool, error) {
	if s.Result.Phase == mailer.PhaseDot {
		_ = m.reach(afterAnswer)
	}
	if m.isDead() {
		return func() (bool, error) { return false, nil }
	}
	wait := m.committer.Post(ctx, s)
	return func() (bool, error) {
		ok, err := wait()
		_ = m.reach(afterSettle)
		return ok, err
	}
}

// Open lays a cable to the mail server on which the process may die too.
func (m *mortal) Open(ctx context.Context, id outreach.MailboxID) (outbound.Connection, error) {
	if m.isDead() {
		return nil, errDead
	}
	cable, err := faultproxy.New("tcp", m.server)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.cables = append(m.cables, cable)
	m.mu.Unlock()
	cable.SetTap(m.tap)
	conn, err := mailer.Open(ctx, mailer.Account{Host: "127.0.0.1", Port: cable.Addr().Port, TLS: mailer.TLSNone})
	if err != nil {
		return nil, err
	}
	return conn, m.reach(afterDial)
}

// tap dies on the wire: what it was about to say does not go out, except a dot.
func (m *mortal) tap(direction faultproxy.Direction, piece []byte) faultproxy.Verdict {
	if direction != faultproxy.ToServer {
		return faultproxy.Pass
	}
	text := string(piece)
	for _, p := range []struct {
		point point
		line  string
	}{{onMail, "MAIL FROM:"}, {onRcpt, "RCPT TO:"}, {onData, "DATA\r\n"}, {onBody, "MIME-Version:"}} {
		if m.at == p.point && strings.Contains(text, p.line) && m.reach(p.point) != nil {
			return faultproxy.Cut
		}
	}
	// The dot comes alone, or with the end of its body.
	if m.at == onDot && strings.Contains("\r\n"+text, "\r\n.\r\n") && m.reach(onDot) != nil {
		return faultproxy.PassCut
	}
	return faultproxy.Pass
}

// waitQuiet waits until the mail server has no dialogue open, so that its log
// says all there is to say.
func (r *rig) waitQuiet() {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
	defer cancel()
	for r.world.OpenDialogues() > 0 {
		if err := (clock.Machine{}).Sleep(ctx, time.Millisecond); err != nil {
			r.Fatal(fmt.Errorf("the mail server never got quiet: %w", err))
		}
	}
}

// cabled is the database again, by a cable that can be cut.
func (r *rig) cabled() (*faultproxy.Proxy, *postgres.DB) {
	r.Helper()
	url := r.url
	server := hostOf(url)
	cable, err := faultproxy.New("tcp", server)
	r.must(err)
	r.Cleanup(func() { _ = cable.Close() })
	db, err := postgres.Open(context.Background(), strings.Replace(url, server, cable.Addr().String(), 1), postgres.Options{MaxConns: 4})
	r.must(err)
	r.Cleanup(func() { _ = db.Close() })
	return cable, db
}

// hostOf takes host:port out of a URL.
func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "@")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// isCommit knows the message by which lib/pq commits: a simple query.
func isCommit(piece []byte) bool {
	return strings.HasPrefix(string(piece), "Q") && strings.Contains(string(piece), "COMMIT")
}
