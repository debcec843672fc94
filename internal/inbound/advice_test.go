package inbound_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// counsel is an adviser that says one thing and keeps what it was asked about.
type counsel struct {
	says  outreach.Advice
	fails error
	asked []string
}

func (c *counsel) Advise(_ context.Context, in classify.Input) (outreach.Advice, error) {
	c.asked = append(c.asked, in.Text)
	return c.says, c.fails
}

func TestASecondOpinionDecidesOnlyWhatWasUnsure(t *testing.T) {
	sure := func(label outreach.Label, quote string) counsel {
		return counsel{says: outreach.Advice{Label: label, Confidence: 0.97, Quote: quote, Model: "small"}}
	}
	doubtful := sure(outreach.LabelPrice, "Hm")
	doubtful.says.Confidence = 0.6
	human := func(text string) string { return reply("ana@acme.example", "INTRO", text) }
	machine := strings.Replace(human("Hm."), "Subject:", "Auto-Submitted: auto-replied\nSubject:", 1)
	cases := []struct {
		name, mail string
		adviser    counsel
		asked      int
		message    string // label, rule, who decided
		enrolment  string
	}{
		{"an unsure label", human("Hm."), sure(outreach.LabelPrice, "Hm"), 1, "price price + small", stoppedBump},
		{"an unsure label that is an opt-out", human("Hm."), sure(outreach.LabelUnsubscribe, "Hm"), 1, "unsubscribe unsubscribe + small", "stopped/unsubscribed bump cancelled"},
		{"an adviser in doubt", human("Hm."), doubtful, 1, "unclear? abstained ", "held/triage bump planned"},
		{"an adviser without an opinion", human("Hm."), sure(outreach.LabelUnclear, ""), 1, "unclear? abstained ", "held/triage bump planned"},
		{"no answer in time", human("Hm."), counsel{fails: errors.New("no answer in time")}, 1, "unclear? abstained ", "held/triage bump planned"},
		{"a person's absence lets nothing go on", human("Hm."), sure(outreach.LabelOutOfOffice, "Hm"), 1, "unclear? abstained ", "held/triage bump planned"},
		{"a machine's receipt", machine, sure(outreach.LabelAutoReply, "Hm"), 1, "auto_reply auto_reply + small", "active/ bump planned"},
		{"a sure label", human("Sorry, this is too expensive for us."), sure(outreach.LabelMeeting, "Sorry"), 0, "price price ", stoppedBump},
		{"an opt-out by rule", human("Please remove me from your list."), sure(outreach.LabelMeeting, "Please"), 0, "unsubscribe opt_out ", "stopped/unsubscribed bump cancelled"},
		{"what may be an opt-out", human("Better maybe stop this."), sure(outreach.LabelMeeting, "Better"), 0, "brush_off? opt_out_possible ", "held/triage bump planned"},
		{"a complaint", complaint("INTRO"), sure(outreach.LabelMeeting, "An"), 0, "complaint complaint structure", "stopped/complained bump cancelled"},
		{"a colleague's mail", "From: bob@acme.example\nSubject: Re: Acme and churn\n\nHm.\n", sure(outreach.LabelMeeting, "Hm"), 0, "unclear? abstained ", "held/triage bump planned"},
	}
	w := newWorld(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.begin(t)
			ana, p := w.write("ana@acme.example"), w.processor()
			p.Adviser = &c.adviser
			w.receive(p, strings.ReplaceAll(c.mail, "INTRO", ana.introID))
			got := w.text(`SELECT label || CASE WHEN abstained THEN '?' ELSE '' END || ' ' || (decision->>'rule') || ' ' || trim(understanding->>'model') FROM messages`)
			if diff := cmp.Diff(c.message, strings.ReplaceAll(got, "  ", " ")); diff != "" {
				t.Error(diff)
			}
			if got := w.state(ana); got != c.enrolment || len(c.adviser.asked) != c.asked {
				t.Errorf("the enrolment is %q, want %q; asked about %q", got, c.enrolment, c.adviser.asked)
			}
		})
	}
}

func TestWhatAnAdviserSaidIsKeptWithTheMessageAndNoWordIsLogged(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	var log bytes.Buffer
	p.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	advice := outreach.Advice{Label: outreach.LabelPrice, Confidence: 0.97, Quote: "zebra ünits", Model: "small"}
	p.Adviser = &counsel{says: advice}
	w.receive(p, reply("ana@acme.example", ana.introID, "Ünsure, zebra ünits."))
	if got := w.text(`SELECT (understanding->'advice'->>'label') || ' ' || (understanding->'advice'->>'model') || ' ' || confidence FROM messages`); got != "price small 0.9" {
		t.Errorf("kept %q", got)
	}
	if got := w.text(`SELECT e->>'Text' || ' ' || (e->>'Start') || '-' || (e->>'End') || ' ' || (e->>'Rule') FROM messages, jsonb_array_elements(understanding->'evidence') e`); got != "zebra ünits 8-19 advice" {
		t.Errorf("evidence %q", got)
	}
	p.Adviser = &counsel{fails: errors.New("llm: no answer in time")}
	w.receive(p, reply("ana@acme.example", ana.introID, "Still zebra."))
	if got := w.text(`SELECT understanding->'advice'->>'failed' FROM messages ORDER BY id DESC LIMIT 1`); got != "llm: no answer in time" {
		t.Errorf("a failure is kept as %q", got)
	}
	if strings.Contains(log.String(), "zebra") || !strings.Contains(log.String(), "no answer in time") {
		t.Errorf("logged %s", log.String())
	}
}

func TestACorrectionAsksNobody(t *testing.T) {
	w := newWorld(t)
	ana, p := w.write("ana@acme.example"), w.processor()
	w.receive(p, reply("ana@acme.example", ana.introID, "Hm."))
	adviser := &counsel{}
	p.Adviser = adviser
	if err := p.Correct(context.Background(), 1, outreach.LabelBrushOff, "dana"); err != nil || len(adviser.asked) != 0 {
		t.Errorf("%v; asked about %q", err, adviser.asked)
	}
}
