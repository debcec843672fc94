package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
	"drumbeat/internal/stepper"
)

// stepping makes a house a source of the stepper: its world, its inboxes and what
// its engines have planned.
type stepping struct{ *house }

func (s stepping) Arrive(ctx context.Context, now time.Time) error {
	for _, e := range s.engines {
		e.Wake()
	}
	return s.world.Advance(ctx, now)
}

func (s stepping) Pending(ctx context.Context, now time.Time) (string, error) {
	if !s.world.Quiet() {
		return "the world is busy", nil
	}
	for _, m := range s.team.Mailboxes {
		for _, folder := range m.IMAP.Folders {
			cursor, err := s.DB.Cursor(ctx, m.ID, folder)
			if next := s.world.UIDNext(m.Address, folder); err != nil || cursor.LastUID+1 < next {
				return "unread mail in " + string(m.ID), err
			}
		}
	}
	n, err := s.DB.InFlight(ctx, now)
	if err != nil || n == (outreach.InFlight{}) {
		return "", err
	}
	return fmt.Sprintf("%+v", n), nil
}

func (s stepping) Next(ctx context.Context, _ time.Time) (time.Time, bool, error) {
	at, planned, err := s.DB.NextPlanned(ctx)
	if event, ok := s.world.NextEvent(); ok && (!planned || event.Before(at)) {
		return event, true, err
	}
	return at, planned, err
}

// threeMails is a sequence of an intro, a bump and a last word.
const threeMails = `send: {window: {days: mon-fri, from: "09:00", to: "17:00"}, gap: 1m-2m, format: html}
steps:
  - {id: intro, email: {template: hello.md}}
  - {id: bump, wait: 2 business days, email: {template: bump.md, thread: reply}}
  - {id: last, wait: 3 business days, email: {template: last.md, thread: new}}
`

// outcome is what became of a lead.
type outcome struct {
	Mails     int    // accepted for the lead
	Enrolment string // state and reason
	Lead      string // stage, and why nothing goes to the lead any more
	Left      string // what the reply left in rows
}

// stories are what must become of a lead that reads an intro and a bump and then
// answers the bump.
func stories() map[outreach.Label]outcome {
	return map[outreach.Label]outcome{
		outreach.LabelMeeting:     {2, "stopped/replied", "qualifying/replied", "alert"},
		outreach.LabelInterested:  {2, "stopped/replied", "qualifying/replied", "alert"},
		outreach.LabelPrice:       {2, "stopped/replied", "qualifying/replied", "objection draft"},
		outreach.LabelStatusQuo:   {2, "stopped/replied", "qualifying/replied", "objection draft"},
		outreach.LabelAuthority:   {2, "stopped/replied", "qualifying/replied", "objection draft candidate"},
		outreach.LabelBrushOff:    {2, "stopped/replied", "nurture/replied", "objection draft reminder"},
		outreach.LabelUnsubscribe: {2, "stopped/unsubscribed", "do_not_contact/unsubscribed", "suppression"},
		outreach.LabelOutOfOffice: {3, "finished/", "connecting/", "candidate reminder"},
		outreach.LabelLeftCompany: {2, "stopped/left_company", "lost/left_company", "candidate suppression"},
		outreach.LabelAutoReply:   {3, "finished/", "connecting/", ""},
		outreach.LabelUnclear:     {2, "held/triage", "connecting/", ""},
		outreach.LabelBounceHard:  {2, "stopped/bounced", "connecting/bounced", "suppression"},
		outreach.LabelBounceSoft:  {3, "finished/", "connecting/", ""},
		outreach.LabelBounceBlock: {3, "finished/", "connecting/", "alert"},
		outreach.LabelComplaint:   {2, "stopped/complained", "do_not_contact/complained", "alert suppression"},
	}
}

// TestALeadOfEachLabelThroughIntroAndBump runs with two engines on one database:
// two workers, two planners and two readers of each mailbox.
func TestALeadOfEachLabelThroughIntroAndBump(t *testing.T) {
	t.Parallel()
	labels := make([]outreach.Label, 0, len(stories()))
	for label := range stories() {
		labels = append(labels, label)
	}
	slices.Sort(labels)
	stepped := clock.NewStepped(time.Date(2031, time.March, 3, 8, 0, 0, 0, time.UTC))
	template := func(subject, text string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\nsubject: \"" + subject + "\"\n---\nHi {{ first_name }},\n\n" + text + "\n")}
	}
	h := newHouse(t, houseOptions{
		clock: stepped, mailboxes: 3, leads: len(labels) + 1, sequence: threeMails, redis: redistest.New(t),
		templates: fstest.MapFS{
			"hello.md": template("{{ company }} and churn", "is this for {{ company }}?"),
			"bump.md":  template("bump", "did you see my mail?"), "last.md": template("a last word", "shall I close the file?"),
		},
		world: mailworld.Options{Script: scriptOfLabels(t, labels)},
	})
	for range 2 {
		h.engine(app.AllRoles())
	}
	s := stepper.Stepper{Clock: stepped, Sources: []stepper.Source{stepping{h}}}
	if _, err := s.Run(t.Context(), stepped.Now().AddDate(0, 0, 60)); err != nil {
		t.Fatal(err)
	}
	if n := h.world.Duplicates(); n != 0 {
		t.Errorf("%d mails went twice", n)
	}
	for n, label := range labels {
		want := stories()[label]
		if diff := cmp.Diff(want, h.outcome(n)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", label, diff)
		}
		if got := h.text(`SELECT m.label FROM messages m JOIN leads l ON l.id = m.lead_id WHERE l.email = $1`, leadAddress(n)); got != string(label) {
			t.Errorf("%s was read as %q", label, got)
		}
	}
	if diff := cmp.Diff(outcome{3, "finished/", "connecting/", ""}, h.outcome(len(labels))); diff != "" {
		t.Errorf("who never answers (-want +got):\n%s", diff)
	}
}

// scriptOfLabels gives the nth lead the nth label, in answer to the second mail.
func scriptOfLabels(t *testing.T, labels []outreach.Label) mailworld.Script {
	t.Helper()
	replies, err := mailworld.Replies()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[outreach.Label]mailworld.Kind{
		outreach.LabelBounceHard: mailworld.HardBounce, outreach.LabelBounceSoft: mailworld.SoftBounce,
		outreach.LabelBounceBlock: mailworld.BlockBounce, outreach.LabelComplaint: mailworld.Complaint,
	}
	script := mailworld.Script{}
	// A text that nobody can take for anything else; the careful reader of the first one in the file would ask.
	plain := map[outreach.Label]string{outreach.LabelPrice: "We simply have no budget for another tool this year. It is too expensive for us."}
	for n, label := range labels {
		reaction := mailworld.Reaction{To: 2, After: 40 * time.Minute, Kind: kinds[label], Label: label, Language: "en"}
		for _, reply := range replies {
			if reply.Label != label || reply.Language != "en" || reaction.Kind != "" || (label == outreach.LabelBrushOff && reply.Days == 0) {
				continue
			}
			reaction.Kind, reaction.Text, reaction.Return = mailworld.Human, reply.Text, time.Duration(reply.Days)*24*time.Hour
			if reply.Auto {
				reaction.Kind = mailworld.AutoReply
			}
		}
		if text, ok := plain[label]; ok {
			reaction.Text = text
		}
		if label == outreach.LabelOutOfOffice {
			reaction.Kind = mailworld.OutOfOffice
		}
		script[leadAddress(n)] = mailworld.ScriptedLead{Name: "Ana Example", Reactions: []mailworld.Reaction{reaction}}
	}
	return script
}

func (h *house) outcome(n int) outcome {
	h.t.Helper()
	var o outcome
	for _, a := range h.world.Accepted() {
		if a.To == leadAddress(n) {
			o.Mails++
		}
	}
	lead := leadAddress(n)
	o.Enrolment = h.text(`SELECT e.state || '/' || e.state_reason FROM enrolments e JOIN leads l ON l.id = e.lead_id WHERE l.email = $1`, lead)
	o.Lead = h.text(`SELECT stage || '/' || stopped FROM leads WHERE email = $1`, lead)
	o.Left = h.text(`
		SELECT what FROM leads l, LATERAL (
			SELECT 1 AS place, 'objection' AS what WHERE EXISTS (SELECT FROM objections WHERE lead_id = l.id AND state = 'open')
			UNION SELECT 2, 'draft' WHERE EXISTS (SELECT FROM drafts WHERE lead_id = l.id AND body <> '')
			UNION SELECT 3, 'candidate' WHERE EXISTS (SELECT FROM candidates WHERE lead_id = l.id)
			UNION SELECT 4, 'reminder' WHERE EXISTS (SELECT FROM reminders WHERE lead_id = l.id)
			UNION SELECT 5, 'alert' WHERE EXISTS (SELECT FROM messages m JOIN sends s ON s.dedupe_key = 'alert:' || m.id AND s.state = 'sent'
				WHERE m.lead_id = l.id)
			UNION SELECT 6, 'suppression' WHERE EXISTS (SELECT FROM suppressions WHERE value = l.email_key)
		) AS found WHERE l.email = $1 ORDER BY place`, lead)
	return o
}
