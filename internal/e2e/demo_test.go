package e2e

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"drumbeat/internal/app"
	"drumbeat/internal/config"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres/pgtest"
	"drumbeat/internal/sequence"
)

const (
	demoDays = 40
	demoSeed = 1
)

// demoStart is a Monday far from the real year.
var demoStart = time.Date(2031, time.March, 3, 0, 0, 0, 0, time.UTC)

// TestFortyDaysOfTheDemo runs the whole loop once and looks at what it left from
// every side: it is the most expensive test there is, so all of them share it.
func TestFortyDaysOfTheDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("forty days take a while")
	}
	ctx := t.Context()
	cfg := config.Config{DatabaseURL: pgtest.Admin(t), Listen: "127.0.0.1:0"}
	d, err := app.StartDemo(ctx, cfg, slog.New(slog.DiscardHandler), app.DemoOptions{
		Start: demoStart, Days: demoDays, Seed: demoSeed, Listen: cfg.Listen,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the demo: %v", err)
		}
	})
	if err := d.Run(ctx); err != nil {
		t.Fatal(err)
	}
	r := look(t, d)
	for _, view := range []struct {
		name string
		look func(*testing.T, *run)
	}{
		{"nothing goes twice, nothing is lost", nothingTwiceNothingLost},
		{"every mail is inside its lead's window", insideTheWindow},
		{"no mailbox goes over its cap", underTheCaps},
		{"no sequence begins with more leads than it may", underTheNewLeadCaps},
		{"a mailbox keeps its gap", gapsKept},
		{"a follow-up never comes early", waitsKept},
		{"threads name what went before", threadsRight},
		{"headers are as the standards want them", headersRight},
		{"bodies are whole", bodiesRight},
		{"every answer of a script reaches its lead", repliesArrive},
		{"every label does to its lead what it should", labelsAct},
		{"whoever answers gets no further step", silentAfterAnAnswer},
		{"whoever is away is left alone until a day after the return", absencesKept},
		{"a digest a rep and day, at their hour", digestsInTime},
		{"alerts for whom to answer at once", alertsAtOnce},
		{"no mail shows the real year", mailsWithoutTheRealYear},
		{"no row shows the real year", rowsWithoutTheRealYear},
		{"no page shows the real year", pagesWithoutTheRealYear},
	} {
		t.Run(view.name, func(t *testing.T) { view.look(t, r) })
	}
}

// run is what a demo has left, read once.
type run struct {
	*app.Demo
	team      *app.Team
	sequences *sequence.Set
	script    mailworld.Script
	accepts   []mailworld.Accept
	steps     []stepMail // step mails in the order of their acceptance
	leads     map[outreach.LeadID]leadRow
	byEmail   map[string]outreach.LeadID
	messages  []messageRow
}

// stepMail is an accepted mail with its row in the ledger.
type stepMail struct {
	sendRow
	mailworld.Accept
}

type sendRow struct {
	ID          int64               `db:"id"`
	RFCID       string              `db:"message_id"`
	LeadID      outreach.LeadID     `db:"lead_id"`
	EnrolmentID int64               `db:"enrolment_id"`
	MailboxID   outreach.MailboxID  `db:"mailbox_id"`
	SequenceID  outreach.SequenceID `db:"sequence_id"`
	StepID      outreach.StepID     `db:"step_id"`
	StepIndex   int                 `db:"step_index"`
	State       outreach.SendState  `db:"state"`
	Zone        string              `db:"timezone"` // the enrolment's
	Enrolled    time.Time           `db:"created_at"`
}

type leadRow struct {
	ID         outreach.LeadID `db:"id"`
	Email      string          `db:"email"`
	Domain     string          `db:"domain"`
	Stage      outreach.Stage  `db:"stage"`
	Stopped    string          `db:"stopped"`
	Enrolment  string          `db:"state"`
	Reason     string          `db:"state_reason"`
	Sequence   string          `db:"sequence_id"`
	Zone       string          `db:"timezone"`
	Until      *time.Time      `db:"no_enrol_until"`
	Suppressed int             `db:"suppressed"` // its address or domain is suppressed
}

type messageRow struct {
	ID        int64           `db:"id"`
	LeadID    outreach.LeadID `db:"lead_id"`
	At        time.Time       `db:"received_at"`
	From      string          `db:"from_address"`
	State     string          `db:"state"`
	Method    string          `db:"match_method"`
	Kind      string          `db:"kind"`
	Label     outreach.Label  `db:"label"`
	Abstained bool            `db:"abstained"`
	Error     string          `db:"error"`
	Rule      string          `db:"rule"`
	Alert     string          `db:"alert"`
	Folder    string          `db:"folder"`
	Processed *time.Time      `db:"processed_at"`
}

// look reads a finished demo.
func look(t *testing.T, d *app.Demo) *run {
	t.Helper()
	ctx := t.Context()
	r := &run{Demo: d, accepts: d.World.Accepted(), leads: map[outreach.LeadID]leadRow{}, byEmail: map[string]outreach.LeadID{}}
	var err error
	if r.team, err = d.LoadTeam(); err != nil {
		t.Fatal(err)
	}
	set, diagnostics, err := sequence.Load(d.Sequences)
	if err != nil || len(diagnostics) > 0 {
		t.Fatalf("shipped sequences: %v %v", diagnostics, err)
	}
	r.sequences = set
	r.script = scriptOf(ctx, t, d)
	sends := map[string]sendRow{}
	for _, row := range rowsOf[sendRow](t, r, `SELECT s.id, s.message_id, s.lead_id, s.enrolment_id, s.mailbox_id, s.sequence_id, s.step_id,
			s.step_index, s.state, e.timezone, e.created_at
		FROM sends s JOIN enrolments e ON e.id = s.enrolment_id WHERE s.purpose = 'step'`) {
		sends[row.RFCID] = row
	}
	for _, a := range r.accepts {
		if row, ok := sends[a.MessageID]; ok {
			r.steps = append(r.steps, stepMail{row, a})
		}
	}
	for _, row := range rowsOf[leadRow](t, r, `SELECT l.id, l.email, l.domain, l.stage, l.stopped, e.state, e.state_reason, e.sequence_id,
			e.timezone, l.no_enrol_until,
			(SELECT count(*) FROM suppressions s WHERE s.value IN (l.email_key, l.domain)) AS suppressed
		FROM leads l JOIN enrolments e ON e.lead_id = l.id`) {
		r.leads[row.ID], r.byEmail[outreach.AddressKey(row.Email)] = row, row.ID
	}
	r.messages = rowsOf[messageRow](t, r, `SELECT id, COALESCE(lead_id, 0) AS lead_id, received_at, from_address, state, match_method, kind, label,
			abstained, error, COALESCE(decision->>'rule', '') AS rule, alert, folder, processed_at FROM messages ORDER BY received_at, id`)
	return r
}

func scriptOf(ctx context.Context, t *testing.T, d *app.Demo) mailworld.Script {
	t.Helper()
	var leads []outreach.Lead
	for lead, err := range d.DB.EachLead(ctx, "founders") {
		if err != nil {
			t.Fatal(err)
		}
		leads = append(leads, lead)
	}
	for lead, err := range d.DB.EachLead(ctx, "agencies") {
		if err != nil {
			t.Fatal(err)
		}
		leads = append(leads, lead)
	}
	script, err := mailworld.ScriptFor(leads, demoSeed)
	if err != nil {
		t.Fatal(err)
	}
	return script
}

func rowsOf[T any](t *testing.T, r *run, query string, args ...any) []T {
	t.Helper()
	var rows []T
	if err := r.DB.SelectContext(context.Background(), &rows, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return rows
}

func count(t *testing.T, r *run, query string, args ...any) int {
	t.Helper()
	return rowsOf[int](t, r, query, args...)[0]
}

// sequenceOf gives the file that a step mail came from.
func (r *run) sequenceOf(t *testing.T, m stepMail) *sequence.Sequence {
	t.Helper()
	s, ok := r.sequences.Sequence(m.SequenceID)
	if !ok {
		t.Fatalf("mail %d is of the unknown sequence %q", m.Seq, m.SequenceID)
	}
	return s
}

func nothingTwiceNothingLost(t *testing.T, r *run) {
	report, err := r.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Duplicates != 0 || report.Lost != 0 || report.Unknown != 0 {
		t.Errorf("duplicates %d, lost %d, unknown %d; want none", report.Duplicates, report.Lost, report.Unknown)
	}
	if report.Days != demoDays || report.Enrolled != 200 || len(r.steps) != report.Sent || report.Sent < 400 {
		t.Errorf("days %d, enrolled %d, sent %d and %d in the log", report.Days, report.Enrolled, report.Sent, len(r.steps))
	}
	ledger := map[string]bool{}
	for _, id := range rowsOf[string](t, r, `SELECT message_id FROM sends WHERE state = 'sent'`) {
		ledger[id] = true
	}
	seen := map[string]bool{}
	for _, a := range r.accepts {
		if seen[a.MessageID] || !ledger[a.MessageID] {
			t.Errorf("mail %d to %s, %s: twice %v, in the ledger %v", a.Seq, a.To, a.MessageID, seen[a.MessageID], ledger[a.MessageID])
		}
		seen[a.MessageID] = true
	}
	if n := count(t, r, `SELECT count(*) FROM sends WHERE state IN ('claimed', 'committing', 'unknown')`); n != 0 {
		t.Errorf("%d sends are neither done nor planned", n)
	}
	for _, label := range []outreach.Label{outreach.LabelPrice, outreach.LabelAuthority, outreach.LabelStatusQuo, outreach.LabelBrushOff} {
		if report.Replies[label] < 3 {
			t.Errorf("%d replies are %s, want at least 3", report.Replies[label], label)
		}
	}
}
