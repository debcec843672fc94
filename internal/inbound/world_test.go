package inbound_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"drumbeat/internal/clock"
	"drumbeat/internal/inbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
	"drumbeat/internal/postgres/pgtest"
)

var start = time.Date(2031, time.March, 3, 9, 0, 0, 0, time.UTC)

// world is one mailbox, dana@ours.example, that has written to leads.
type world struct {
	*postgres.DB
	t     *testing.T
	clock *clock.Stepped
	mail  *imap
}

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	w := &world{DB: pgtest.New(t), t: t, clock: clock.NewStepped(start.Add(48 * time.Hour))}
	w.begin(t)
	return w
}

// begin empties the world for the next case of a table: quicker than a new one.
func (w *world) begin(t *testing.T) {
	w.t, w.mail = t, newIMAP()
	w.exec(`TRUNCATE leads, sends, send_events, lead_events, mailboxes, sequences, revisions, suppressions, not_ours RESTART IDENTITY CASCADE`)
	w.exec(`INSERT INTO mailboxes (id, address, rep_id, timezone, read_since, first_day) VALUES
		('dana', 'Dana@ours.example', 'dana', 'Europe/Berlin', $1, '2031-03-03'),
		('mary', 'mary@ours.example', 'mary', 'Europe/Berlin', NULL, NULL)`, start.Add(-24*time.Hour))
	w.exec(`INSERT INTO revisions (sequence_id, number, source, templates, sha256, created_at) VALUES ('saas', 1, 'x', '{}', 'x', $1)`, start)
	w.exec(`INSERT INTO sequences (id, name, owner, revision_id) VALUES ('saas', 'SaaS', 'dana', 1), ('other', 'Other', 'mary', 1)`)
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.ExecContext(context.Background(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// text is what one query gives, as text; empty for null or no row.
func (w *world) text(sql string, args ...any) string {
	w.t.Helper()
	var all []string
	if err := w.SelectContext(context.Background(), &all, `SELECT COALESCE((x.v)::text, '') FROM (`+sql+`) AS x (v)`, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(all, " ")
}

// written is a lead who got the intro and waits for the bump, which is claimed.
type written struct {
	lead      outreach.LeadID
	enrolment outreach.EnrolmentID
	intro     outreach.SendID
	introID   string // RFC Message-ID
	token     string
	email     string
}

func (w *world) write(email string) written {
	w.t.Helper()
	ctx, out := context.Background(), written{email: email}
	get := func(dest any, sql string, args ...any) {
		w.t.Helper()
		if err := w.GetContext(ctx, dest, sql, args...); err != nil {
			w.t.Fatalf("%s: %v", sql, err)
		}
	}
	get(&out.lead, `INSERT INTO leads (email, email_key, domain, first_name, company, stage, created_at, updated_at)
		VALUES ($1, $2, $3, 'Ana', 'Acme', 'connecting', $4, $4) RETURNING id`, email, outreach.AddressKey(email), outreach.Domain(email), start)
	get(&out.enrolment, `INSERT INTO enrolments (lead_id, sequence_id, revision_id, mailbox_id, timezone, step, due_at, last_sent_at, created_at)
		VALUES ($1, 'saas', 1, 'dana', 'Europe/Berlin', 1, $2, $3, $3) RETURNING id`, out.lead, start.Add(48*time.Hour), start)
	out.token = fmt.Sprintf("01JNTOKEN%017d.good", out.lead)
	out.introID = "<" + out.token + "@ours.example>"
	get(&out.intro, `INSERT INTO sends (purpose, dedupe_key, message_id, enrolment_id, lead_id, mailbox_id, sequence_id, step_id, to_address,
			created_at, state, subject, committed_at)
		VALUES ('step', $1, $2, $3, $4, 'dana', 'saas', 'intro', $5, $6, 'sent', 'Acme and churn', $6) RETURNING id`,
		fmt.Sprintf("step:%d:intro", out.enrolment), out.introID, out.enrolment, out.lead, email, start)
	w.exec(`INSERT INTO sends (purpose, dedupe_key, message_id, enrolment_id, lead_id, mailbox_id, sequence_id, step_id, step_index, to_address,
			created_at, state)
		VALUES ('step', $1, $2, $3, $4, 'dana', 'saas', 'bump', 1, $5, $6, 'claimed')`,
		fmt.Sprintf("step:%d:bump", out.enrolment), fmt.Sprintf("<bump%d@ours.example>", out.lead), out.enrolment, out.lead, email, start)
	w.exec(`UPDATE enrolments SET lease_until_ms = machine_ms() + 60000 WHERE id = $1`, out.enrolment)
	return out
}

// state is the enrolment's state and reason, and the state of its bump.
func (w *world) state(l written) string {
	return w.text(`SELECT e.state || '/' || e.state_reason || ' bump ' || s.state FROM enrolments e
		JOIN sends s ON s.enrolment_id = e.id AND s.step_index = 1 WHERE e.id = $1`, l.enrolment)
}

func (w *world) reader() *inbound.Reader {
	return &inbound.Reader{
		MailboxID: "dana", Folders: []string{"INBOX", "Junk"}, Inbox: w.DB, Tokens: goodTokens{}, Bell: &bells{}, Watch: quiet{},
		Clock: w.clock, Log: slog.New(slog.DiscardHandler), PageSize: 3,
	}
}

func (w *world) read(r *inbound.Reader, s inbound.Session) int {
	w.t.Helper()
	n, err := r.ReadOnce(context.Background(), s)
	if err != nil {
		w.t.Fatalf("read: %v", err)
	}
	return n
}

// goodTokens takes a token for ours when it ends in ".good".
type goodTokens struct{}

var tokenPattern = regexp.MustCompile(`01JNTOKEN[0-9]{17}\.good`)

func (goodTokens) Find(text string) []string { return tokenPattern.FindAllString(text, -1) }

type quiet struct{}

func (quiet) MessageTaken(outreach.MailboxID, outreach.MatchMethod) {}
func (quiet) PassDone(outreach.MailboxID, time.Duration, error)     {}

type bells struct {
	mu  sync.Mutex
	ids []outreach.MessageID
}

func (b *bells) RingReply(_ context.Context, id outreach.MessageID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ids = append(b.ids, id)
	return nil
}

// imap is a mailbox in memory.
type imap struct {
	folders  map[string]*folder
	selected *folder
	bodies   int // how many were fetched
	fail     map[uint32]error
	noSent   error // why the Sent folder cannot be told
	waiting  func(ctx context.Context) error
}

type folder struct {
	validity uint32
	mails    []stored
}

type stored struct {
	uid uint32
	at  time.Time
	raw string
}

func newIMAP() *imap {
	return &imap{folders: map[string]*folder{"INBOX": {validity: 7}, "Junk": {validity: 7}, "Sent": {validity: 7}}, fail: make(map[uint32]error)}
}

// add puts a mail into INBOX and gives its UID. Lines may end in LF.
func (m *imap) add(raw string) uint32 { return m.addTo("INBOX", raw) }

func (m *imap) addTo(name, raw string) uint32 {
	f := m.folders[name]
	uid := uint32(1)
	if n := len(f.mails); n > 0 {
		uid = f.mails[n-1].uid + 1
	}
	f.mails = append(f.mails, stored{uid, start.Add(time.Duration(24+len(f.mails)) * time.Hour), crlf(raw)})
	return uid
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func (m *imap) Select(_ context.Context, name string) (outreach.FolderState, error) {
	f := m.folders[name]
	if f == nil {
		return outreach.FolderState{}, outreach.ErrNotFound
	}
	m.selected = f
	return outreach.FolderState{Name: name, UIDValidity: f.validity}, nil
}

func (m *imap) Headers(_ context.Context, after uint32, since time.Time, limit int) ([]outreach.MailHeader, error) {
	var page []outreach.MailHeader
	for _, mail := range m.selected.mails {
		if mail.uid > after && !mail.at.Before(since) && len(page) < limit {
			head, _, _ := strings.Cut(mail.raw, "\r\n\r\n")
			page = append(page, outreach.MailHeader{UID: mail.uid, InternalDate: mail.at, Size: int64(len(mail.raw)), Raw: []byte(head + "\r\n")})
		}
	}
	slices.SortFunc(page, func(a, b outreach.MailHeader) int { return cmp.Compare(a.UID, b.UID) })
	return page, nil
}

func (m *imap) Body(_ context.Context, uid uint32, limit int64) ([]byte, error) {
	if err := m.fail[uid]; err != nil {
		return nil, err
	}
	m.bodies++
	for _, mail := range m.selected.mails {
		if mail.uid == uid {
			return []byte(mail.raw[:min(int64(len(mail.raw)), limit)]), nil
		}
	}
	return nil, outreach.ErrNotFound
}

func (m *imap) Wait(ctx context.Context, _ time.Duration) error {
	if m.waiting != nil {
		return m.waiting(ctx)
	}
	<-ctx.Done()
	return ctx.Err()
}

func (m *imap) Close() {}

func (m *imap) SentFolder(context.Context) (string, bool, error) {
	_, ok := m.folders["Sent"]
	return "Sent", ok, m.noSent
}

// reply is a mail of a person that answers in the usual way.
func reply(from, inReplyTo, text string) string {
	return "From: " + from + "\nTo: dana@ours.example\nSubject: Re: Acme and churn\nMessage-ID: <r" + fmt.Sprint(len(text)) + from[:3] +
		"@theirs.example>\nDate: Tue, 4 Mar 2031 09:00:00 +0000\nIn-Reply-To: " + inReplyTo + "\n\n" + text + "\n"
}
