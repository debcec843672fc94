package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/embedded/redistest"
	"drumbeat/internal/mailworld"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/simulate"
	"drumbeat/internal/stepper"
)

// Which campaigns are drawn: one takes the better part of a minute, so the suite
// draws one.
var (
	simulated     = flag.Int("simulated", 1, "how many drawn campaigns the simulation is held against")
	simulatedFrom = flag.Uint64("simulated-from", 1, "the seed of the first of them")
)

// campaign is a drawn sequence, list and set of mailboxes.
type campaign struct {
	sequence    string
	leads       []outreach.Lead
	mailboxes   int
	zones, caps []string
	days        int
	profile     simulate.Profile
}

const campaignProfile = `version: 1
seed: %d
replies:
  meeting:       {rate: 3%%, mail: [50, 50], after: 7m-2d}
  price:         {rate: 4%%, mail: [50, 50], after: 7m-2d}
  unsubscribe:   {rate: 3%%, mail: [60, 40], after: 7m-1d}
  out_of_office: {rate: 9%%, mail: [60, 40], after: 1m-5m, away: 2d-9d}
  auto_reply:    {rate: 4%%, after: 1m-5m}
  unclear:       {rate: 2%%, after: 7m-2d}
  bounce_hard:   {rate: 3%%, after: 1m-9m}
  bounce_soft:   {rate: 2%%, after: 1m-9m}
`

// draw makes a campaign of 500 leads. Hours lie so that a lead's day is that of UTC:
// the mail world writes days of return in UTC.
func draw(t *testing.T, seed uint64) campaign {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	one := func(from ...string) string { return from[r.IntN(len(from))] }
	c := campaign{mailboxes: 2 + r.IntN(3), days: 32}
	for range c.mailboxes {
		c.zones = append(c.zones, one("Europe/Berlin", "America/New_York", "Europe/London"))
		c.caps = append(c.caps, one("{per_day: 30}", "{per_day: 45}", "{per_day: 60}", "{per_day: 50, ramp: {start: 8, add_per_day: 6}}"))
	}
	c.sequence = fmt.Sprintf(`send:
  window: {days: %s, from: %q, to: %q}
  gap: %s
  daily_new_leads: %d
  holidays: lead_country
steps:
  - {id: intro, email: {template: hello.md}}
  - {id: call, wait: %s, when: 'lead.company != "Company 7"', task: %s}
  - {id: bump, wait: 2 business days, email: {template: bump.md, thread: reply}}
  - {id: last, wait: %s, when: not got("out_of_office"), email: {template: last.md, thread: new}}
stop: {whole_company_on: [meeting]}
`, one("mon-fri", "mon-sat", "tue-fri"), one("09:00", "10:30"), one("15:00", "16:45"), one("1m-3m", "3m-8m", "5m"), 30+r.IntN(60),
		one("1h", "1 business day"), one("{kind: call}", "{kind: call, skip_if_not_done_after: 1d}"), one("3d", "3 business days"))
	places := []outreach.Lead{
		{Timezone: "Europe/Berlin"}, {Country: "DE"}, {Country: "FR"}, {Country: "US", Region: "NY"}, {Country: "US"}, {Timezone: "Asia/Kolkata"},
	}
	for n := range 500 {
		lead := places[r.IntN(len(places))]
		lead.Email, lead.Company, lead.FirstName = leadAddress(n), fmt.Sprintf("Company %d", n), "Ana"
		if n%2 == 1 {
			lead.Email, lead.Company = fmt.Sprintf("bo@company%d.example", n-1), fmt.Sprintf("Company %d", n-1)
		}
		if r.IntN(40) == 0 {
			lead.FirstName = ""
		}
		c.leads = append(c.leads, lead)
	}
	profile, diagnostics := simulate.ParseProfile("profile.yaml", fmt.Appendf(nil, campaignProfile, seed))
	if len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	c.profile = profile
	return c
}

func (c campaign) csv() string {
	var b strings.Builder
	b.WriteString("email,first_name,company,country,region,timezone\n")
	for _, l := range c.leads {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s\n", l.Email, l.FirstName, l.Company, l.Country, l.Region, l.Timezone)
	}
	return b.String()
}

// script lets the leads of the mail world do what the profile draws, in words that
// cannot be taken for anything else.
func (c campaign) script(t *testing.T) mailworld.Script {
	t.Helper()
	words := map[outreach.Label]mailworld.Reaction{
		outreach.LabelMeeting:     {Kind: mailworld.Human, Text: "Happy to have a quick call. Send me a calendar invite for Tuesday morning at 10am.\n\nAna"},
		outreach.LabelPrice:       {Kind: mailworld.Human, Text: "We simply have no budget for another tool this year. It is too expensive for us."},
		outreach.LabelUnsubscribe: {Kind: mailworld.Human, Text: "Please remove me from your list and do not write to me again."},
		outreach.LabelOutOfOffice: {Kind: mailworld.OutOfOffice, Text: "I am out of the office and will be back on {{return_date}}."},
		outreach.LabelAutoReply:   {Kind: mailworld.AutoReply, Text: "Thank you for your message. We have received your request and opened ticket {{ticket}}."},
		outreach.LabelBounceHard:  {Kind: mailworld.HardBounce}, outreach.LabelBounceSoft: {Kind: mailworld.SoftBounce},
	}
	replies, err := mailworld.Replies()
	if err != nil {
		t.Fatal(err)
	}
	for _, reply := range replies {
		if reply.Label == outreach.LabelUnclear && reply.Language == "en" {
			words[reply.Label] = mailworld.Reaction{Kind: mailworld.Human, Text: reply.Text}
		}
	}
	script := mailworld.Script{}
	for _, lead := range c.leads {
		part := c.profile.Part(lead)
		reaction, speaks := words[part.Label]
		if !speaks {
			continue
		}
		reaction.To, reaction.After, reaction.Label, reaction.Language = part.Mail, part.After, part.Label, "en"
		reaction.Return = time.Duration(part.AwayDays) * 24 * time.Hour
		script[outreach.AddressKey(lead.Email)] = mailworld.ScriptedLead{Name: "Ana Example", Reactions: []mailworld.Reaction{reaction}}
	}
	return script
}

// TestTheSimulationIsTheEngine lets the engine carry a campaign out, with Postgres,
// Redis and a world of mail, and holds what went against what the simulation
// says: the same leads, steps, mailboxes and moments.
func TestTheSimulationIsTheEngine(t *testing.T) {
	t.Parallel()
	for n := range *simulated {
		seed := *simulatedFrom + uint64(n)
		t.Run(fmt.Sprint("campaign ", seed), func(t *testing.T) {
			c := draw(t, seed)
			want, report := c.simulated(t, "")
			h, got := c.carriedOut(t)
			t.Logf("%d mails, %d leads, %v unsent", len(got), report.Leads, report.Unsent)
			if len(want) < 700 || report.Unsent["replied"] == 0 || report.Unsent[outreach.ReasonNeedsData] == 0 {
				t.Errorf("the campaign is too tame to prove anything: %d mails, %v", len(want), report.Unsent)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the engine's plan (-simulated +carried out):\n%s", firstLines(diff, 60))
				c.compare(t, h, want, got)
			}
		})
	}
}

// compare tells both stories of the lead whose mail is the first to differ.
func (c campaign) compare(t *testing.T, h *house, want, got []string) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		if want[i] == got[i] {
			continue
		}
		for _, lead := range []string{strings.Fields(want[i])[1], strings.Fields(got[i])[1]} {
			_, report := c.simulated(t, lead)
			for _, event := range report.Transcript {
				t.Logf("simulated   %s %s %s: %s", lead, event.At.Format(time.RFC3339), event.Kind, event.Text)
			}
			t.Logf("carried out %s", strings.ReplaceAll(h.text(`
				SELECT e.at || ' ' || e.kind || ' ' || e.reason || ' ' || e.detail || E'\n' FROM lead_events e JOIN leads l ON l.id = e.lead_id
				WHERE l.email = $1 ORDER BY e.id`, lead), "\n ", "\n    "))
			t.Logf("mails       %s", h.text(`SELECT s.settled_at || ' ' || s.step_id || E'\n' FROM sends s JOIN leads l ON l.id = s.lead_id WHERE l.email = $1 ORDER BY s.id`, lead))
		}
		return
	}
}

func firstLines(text string, n int) string {
	lines := strings.SplitAfterN(text, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "")
}

var campaignStart = time.Date(2031, time.March, 31, 0, 0, 0, 0, time.UTC) // the week before Easter

func campaignTemplates() fstest.MapFS {
	template := func(text string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\nsubject: \"{{ company }} and churn\"\n---\nHi {{ first_name }},\n\n" + text + "\n")}
	}
	return fstest.MapFS{"hello.md": template("is this for {{ company }}?"), "bump.md": template("did you see my mail?"), "last.md": template("shall I close the file?")}
}

// carriedOut runs the engine and gives what the mail world accepted.
func (c campaign) carriedOut(t *testing.T) (*house, []string) {
	stepped := clock.NewStepped(campaignStart)
	h := newHouse(t, houseOptions{
		clock: stepped, mailboxes: c.mailboxes, leads: len(c.leads), csv: c.csv(), zone: c.zones, caps: c.caps,
		sequence: c.sequence, redis: redistest.New(t), templates: campaignTemplates(), world: mailworld.Options{Script: c.script(t)},
	})
	h.engine(app.AllRoles())
	s := stepper.Stepper{Clock: stepped, Sources: []stepper.Source{stepping{h}}}
	if _, err := s.Run(t.Context(), campaignStart.AddDate(0, 0, c.days).Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	steps := map[string]string{}
	rows := []struct {
		MessageID string `db:"message_id"`
		Step      string `db:"step"`
	}{}
	if err := h.DB.SelectContext(t.Context(), &rows, `SELECT message_id, step_id || ' ' || mailbox_id AS step FROM sends WHERE purpose = 'step'`); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		steps[row.MessageID] = row.Step
	}
	var mails []string
	for _, a := range h.world.Accepted() {
		if step, ok := steps[a.MessageID]; ok {
			mails = append(mails, line(a.At, a.To, step))
		}
	}
	return h, sorted(mails)
}

// simulated gives the plan of the same files.
func (c campaign) simulated(t *testing.T, follow string) ([]string, simulate.Report) {
	h := newHouse(t, houseOptions{
		clock: clock.NewStepped(campaignStart), mailboxes: c.mailboxes, leads: len(c.leads), csv: c.csv(), zone: c.zones, caps: c.caps,
		sequence: c.sequence, redis: redistest.New(t), templates: campaignTemplates(),
	})
	desk := app.Desk{Base: h.Base, Team: h.team}
	var err error
	if desk.Checked, err = (outbound.Apply{Files: h.Sequences, Templates: h.Templates}).Check(); err != nil || !desk.Checked.Good() {
		t.Fatal(err, desk.Checked.Diagnostics)
	}
	var plan strings.Builder
	report, err := desk.Simulate(t.Context(), app.Simulation{Leads: c.leads, Start: campaignStart, Days: c.days, Profile: c.profile, Plan: &plan, Follow: follow})
	if err != nil {
		t.Fatal(err)
	}
	return planned(t, plan.String()), report
}

// planned reads the lines of a plan.
func planned(t *testing.T, plan string) []string {
	t.Helper()
	var mails []string
	for text := range strings.Lines(plan) {
		var m simulate.Mail
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		mails = append(mails, line(m.At, m.Lead, string(m.Step)+" "+string(m.Mailbox)))
	}
	return sorted(mails)
}

func line(at time.Time, lead, step string) string {
	return at.UTC().Format(time.RFC3339) + " " + lead + " " + step
}

func sorted(mails []string) []string {
	slices.Sort(mails)
	return mails
}
