package qualify_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
	"drumbeat/internal/qualify"
	"drumbeat/internal/schedule"
	"drumbeat/internal/sequence"
)

var (
	monday = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)
	berlin = time.FixedZone("Berlin", 3600)
	friday = outreach.NewDay(2031, 3, 7)
	may    = outreach.NewDay(2031, 5, 2)
	past   = outreach.NewDay(2031, 1, 5)
)

// in is a sure message of a person with this label, from a lead in a sequence.
func in(label outreach.Label, change ...func(*qualify.Input)) qualify.Input {
	input := qualify.Input{
		Now: monday, MessageID: 7, From: "ada@engines.example", Kind: outreach.KindHuman, Match: outreach.MatchReferences,
		Lead:      outreach.Lead{ID: 1, Email: "Ada@engines.example", Stage: outreach.StageConnecting},
		Enrolment: outreach.Enrolment{ID: 2, State: outreach.EnrolmentHeld, StateReason: string(outreach.HoldReply)},
		Calendar:  schedule.Calendar{Window: schedule.DefaultWindow(), Zones: []*time.Location{berlin}},
		Read:      classify.Result{Label: label, Confidence: 0.9, Evidence: []classify.Evidence{{Text: "their  words"}}},
	}
	for _, c := range change {
		c(&input)
	}
	return input
}

func read(change func(*classify.Result)) func(*qualify.Input) {
	return func(i *qualify.Input) { change(&i.Read) }
}

// gist is a decision in the words of the table.
type gist struct {
	Rule       string
	Move       outreach.Move
	Stop       outreach.StopReason
	Stage      outreach.Stage
	Suppress   string
	Objection  outreach.Label
	Draft      string
	Candidate  string
	Remind     string
	Until      string
	NoEnrol    string
	Block      string
	Alert      bool
	Question   string
	StopOthers bool
	Facts      string
}

func gistOf(d qualify.Decision) gist {
	g := gist{
		Rule: d.Decided.Rule, Move: d.Move, Stop: d.Stop, Stage: d.Stage, Objection: d.Objection, Alert: d.Alert,
		Question: d.Question, StopOthers: d.StopCompany,
	}
	for _, address := range d.Suppress {
		g.Suppress += address + ";"
	}
	for _, fact := range d.Facts {
		g.Facts += fact.Name + "=" + string(fact.Status) + ":" + fact.Value + ";"
	}
	if d.Draft != nil {
		g.Draft = d.Draft.Playbook
	}
	if d.Candidate != nil {
		g.Candidate = d.Candidate.Kind + " " + d.Candidate.Name
	}
	if d.Reminder != nil {
		g.Remind = d.Reminder.Kind + " " + d.Reminder.On.String()
	}
	if d.Block != nil {
		g.Block = d.Block.Domain
	}
	if !d.Until.IsZero() {
		g.Until = d.Until.In(berlin).Format("Mon 2006-01-02 15:04")
	}
	if !d.NoEnrolUntil.IsZero() {
		g.NoEnrol = d.NoEnrolUntil.Format(time.DateOnly)
	}
	return g
}

const ada = "ada@engines.example;"

func TestTheDecisionTable(t *testing.T) {
	ana := &outreach.Contact{Name: "Ana Ruiz", Email: "ana@engines.example"}
	oof := outreach.LabelOutOfOffice
	tests := []struct {
		name string
		in   qualify.Input
		want gist
	}{
		{"a meeting", in(outreach.LabelMeeting), gist{Rule: "meeting", Move: "stop", Stop: "replied", Stage: "qualifying", Alert: true, Facts: "interest=known:meeting;"}},
		{"interest", in(outreach.LabelInterested), gist{Rule: "interested", Move: "stop", Stop: "replied", Stage: "qualifying", Alert: true, Facts: "interest=known:interested;"}},
		{"a meeting with a reservation", in(outreach.LabelMeeting, read(func(r *classify.Result) { r.Secondary = []outreach.Label{"price"} })),
			gist{Rule: "meeting", Move: "stop", Stop: "replied", Stage: "qualifying", Objection: "price", Alert: true, Facts: "interest=known:meeting;budget=denied:;"}},
		{"price", in(outreach.LabelPrice), gist{Rule: "price", Move: "stop", Stop: "replied", Stage: "qualifying", Objection: "price", Draft: "objections/price.md", Facts: "budget=denied:;"}},
		{"price with a day", in(outreach.LabelPrice, read(func(r *classify.Result) { r.FollowUpOn = &may })),
			gist{Rule: "price", Move: "stop", Stop: "replied", Stage: "qualifying", Objection: "price", Draft: "objections/price.md",
				Remind: "follow_up 2031-05-02", Facts: "budget=denied:;timeline=known:from 2031-05-02;"}},
		{"happy with a competitor under contract", in(outreach.LabelStatusQuo, read(func(r *classify.Result) { r.Competitor, r.ContractEnd = "Acme", ptr(outreach.NewDay(2031, 12, 31)) })),
			gist{Rule: "status_quo", Move: "stop", Stop: "replied", Stage: "qualifying", Objection: "status_quo", Draft: "objections/status_quo.md",
				Remind: "follow_up 2031-11-01", Facts: "competition=known:Acme;timeline=known:contract until 2031-12-31;"}},
		{"somebody else decides", in(outreach.LabelAuthority, read(func(r *classify.Result) { r.Contact = ana })),
			gist{Rule: "authority", Move: "stop", Stop: "replied", Stage: "qualifying", Objection: "authority", Draft: "objections/authority.md",
				Candidate: "referral Ana Ruiz", Facts: "authority=denied:;economic_buyer=known:Ana Ruiz;"}},
		{"not now", in(outreach.LabelBrushOff, read(func(r *classify.Result) { r.FollowUpOn = &may })),
			gist{Rule: "brush_off_later", Move: "stop", Stop: "replied", Stage: "nurture", Objection: "brush_off", Draft: "objections/brush_off.md",
				Remind: "follow_up 2031-05-02", Facts: "timeline=known:from 2031-05-02;"}},
		{"not now, with a day that has passed", in(outreach.LabelBrushOff, read(func(r *classify.Result) { r.FollowUpOn = &past })),
			gist{Rule: "brush_off_later", Move: "stop", Stop: "replied", Stage: "nurture", Objection: "brush_off", Draft: "objections/brush_off.md",
				Remind: "follow_up 2031-03-04", Facts: "timeline=known:from 2031-01-05;"}},
		{"a plain no", in(outreach.LabelBrushOff), gist{Rule: "brush_off_no", Move: "stop", Stop: "replied", Stage: "lost", Objection: "brush_off", Draft: "objections/brush_off.md", NoEnrol: "2031-08-30"}},
		{"an opt-out", in(outreach.LabelUnsubscribe), gist{Rule: "unsubscribe", Move: "stop", Stop: "unsubscribed", Stage: "do_not_contact", Suppress: ada}},
		{"an opt-out by a rule in a price objection", in(outreach.LabelPrice, read(func(r *classify.Result) { r.OptOut, r.OptOutRule = 1, true })),
			gist{Rule: "opt_out", Move: "stop", Stop: "unsubscribed", Stage: "do_not_contact", Suppress: ada}},
		{"a probable opt-out", in(outreach.LabelBrushOff, read(func(r *classify.Result) { r.OptOut = 0.6 })),
			gist{Rule: "opt_out", Move: "stop", Stop: "unsubscribed", Stage: "do_not_contact", Suppress: ada}},
		{"a possible opt-out", in(outreach.LabelBrushOff, read(func(r *classify.Result) { r.OptOut = 0.59 })),
			gist{Rule: "opt_out_possible", Move: "hold", Question: "Is this unsubscribe or brush_off?"}},
		{"hardly an opt-out", in(outreach.LabelInterested, read(func(r *classify.Result) { r.OptOut = 0.14 })),
			gist{Rule: "interested", Move: "stop", Stop: "replied", Stage: "qualifying", Alert: true, Facts: "interest=known:interested;"}},
		{"an opt-out that is only guessed", in(outreach.LabelUnsubscribe, read(func(r *classify.Result) {
			r.Abstained, r.OptOut = true, 0.3
			r.Scores = map[outreach.Label]float64{"brush_off": .3, "price": .2}
		})),
			gist{Rule: "opt_out_possible", Move: "hold", Question: "Is this unsubscribe or brush_off?"}},
		{"an opt-out from another address, with a lawyer", in(outreach.LabelUnsubscribe, func(i *qualify.Input) { i.From, i.Read.Legal = "Private@home.example", true }),
			gist{Rule: "unsubscribe", Move: "stop", Stop: "unsubscribed", Stage: "do_not_contact", Suppress: ada + "private@home.example;", Alert: true}},
		{"a footer in an absence is no opt-out", in(oof, func(i *qualify.Input) { i.Kind, i.Read.OptOut = outreach.KindAutomatic, 0.9 }),
			gist{Rule: "out_of_office_no_date", Move: "pause", Until: "Mon 2031-03-10 10:00", Remind: "back 2031-03-10"}},
		{"an absence until Friday", in(oof, read(func(r *classify.Result) { r.ReturnOn = &friday })),
			gist{Rule: "out_of_office", Move: "pause", Until: "Mon 2031-03-10 00:00", Remind: "back 2031-03-10"}},
		{"an absence with a delegate", in(oof, read(func(r *classify.Result) { r.ReturnOn, r.Contact = &friday, ana })),
			gist{Rule: "out_of_office", Move: "pause", Until: "Mon 2031-03-10 00:00", Remind: "back 2031-03-10", Candidate: "delegate Ana Ruiz"}},
		{"an absence as the sequence wants it", in(oof, read(func(r *classify.Result) { r.ReturnOn = &friday }), func(i *qualify.Input) {
			i.OnReply = map[outreach.Label]sequence.Reaction{oof: {Resume: &schedule.Wait{BusinessDays: 2}}}
		}), gist{Rule: "out_of_office", Move: "pause", Until: "Tue 2031-03-11 00:00", Remind: "back 2031-03-11"}},
		{"an absence without a day as the sequence wants it", in(oof, func(i *qualify.Input) {
			i.OnReply = map[outreach.Label]sequence.Reaction{oof: {NoDate: &schedule.Wait{Days: 10}}}
		}), gist{Rule: "out_of_office_no_date", Move: "pause", Until: "Thu 2031-03-13 10:00", Remind: "back 2031-03-13"}},
		{"a stale absence", in(oof, read(func(r *classify.Result) { r.ReturnOn = &past })), gist{Rule: "out_of_office_over", Move: "forward"}},
		{"an absence of a lead who waits for triage", in(oof, func(i *qualify.Input) { i.Enrolment.StateReason = string(outreach.HoldTriage) }),
			gist{Rule: "out_of_office_held"}},
		{"an absence of a lead who had replied", in(oof, func(i *qualify.Input) { i.Lead.Stopped = outreach.StopReplied }), gist{Rule: "out_of_office_stopped"}},
		{"a shorter absence within a longer one", in(oof, read(func(r *classify.Result) { r.ReturnOn = &friday }), func(i *qualify.Input) { i.Enrolment.PausedUntil = ptr(monday.AddDate(0, 0, 30)) }),
			gist{Rule: "out_of_office", Move: "pause", Until: "Wed 2031-04-02 10:00", Remind: "back 2031-04-02"}},
		{"gone, with a successor", in(outreach.LabelLeftCompany, read(func(r *classify.Result) { r.Contact = ana })),
			gist{Rule: "left_company", Move: "stop", Stop: "left_company", Stage: "lost", Suppress: ada, Candidate: "successor Ana Ruiz"}},
		{"a machine", in(outreach.LabelAutoReply), gist{Rule: "auto_reply", Move: "forward"}},
		{"unclear", in(outreach.LabelUnclear, read(func(r *classify.Result) { r.Abstained = true })), gist{Rule: "abstained", Move: "hold", Question: "Is this unclear or interested?"}},
		{"a guess", in(outreach.LabelPrice, read(func(r *classify.Result) {
			r.Abstained = true
			r.Scores = map[outreach.Label]float64{"price": .5, "brush_off": .3}
		})),
			gist{Rule: "abstained", Move: "hold", Question: "Is this price or brush_off?"}},
		{"a guess that a person confirmed", in(outreach.LabelPrice, func(i *qualify.Input) { i.By, i.Read.Abstained, i.Read.OptOut = "dana", true, .3 }),
			gist{Rule: "price", Move: "stop", Stop: "replied", Stage: "qualifying", Objection: "price", Draft: "objections/price.md", Facts: "budget=denied:;"}},
		{"a colleague's interest", in(outreach.LabelInterested, func(i *qualify.Input) { i.Match = outreach.MatchColleague }),
			gist{Rule: "match_tentative", Move: "hold", Question: "Is this interested or unclear?"}},
		{"a hard bounce", in(outreach.LabelBounceHard), gist{Rule: "bounce_hard", Move: "stop", Stop: "bounced", Suppress: ada}},
		{"a soft bounce", in(outreach.LabelBounceSoft), gist{Rule: "bounce_soft", Move: "forward"}},
		{"the third soft bounce", in(outreach.LabelBounceSoft, func(i *qualify.Input) { i.SoftBounces = 2 }), gist{Rule: "bounce_soft_third", Move: "stop", Stop: "bounced", Suppress: ada}},
		{"a block", in(outreach.LabelBounceBlock), gist{Rule: "bounce_block", Move: "forward", Block: "engines.example"}},
		{"a complaint", in(outreach.LabelComplaint), gist{Rule: "complaint", Move: "stop", Stop: "complained", Stage: "do_not_contact", Suppress: ada, Alert: true}},
		{"a complaint by its structure", in(outreach.LabelInterested, func(i *qualify.Input) { i.Kind = outreach.KindComplaint }),
			gist{Rule: "complaint", Move: "stop", Stop: "complained", Stage: "do_not_contact", Suppress: ada, Alert: true}},
		{"interest of one who is out", in(outreach.LabelInterested, func(i *qualify.Input) {
			i.Lead.Stage, i.Lead.Stopped = outreach.StageDoNotContact, outreach.StopUnsubscribed
		}),
			gist{Rule: "do_not_contact_stays", Move: "stop", Stop: "unsubscribed", Alert: true}},
		{"a no of one whom a person is closing with", in(outreach.LabelBrushOff, func(i *qualify.Input) { i.Lead.Stage = outreach.StageClosing }),
			gist{Rule: "brush_off_no", Move: "stop", Stop: "replied", Objection: "brush_off", Draft: "objections/brush_off.md", NoEnrol: "2031-08-30"}},
		{"one who was lost comes back", in(outreach.LabelInterested, func(i *qualify.Input) { i.Lead.Stage = outreach.StageLost }),
			gist{Rule: "interested", Move: "stop", Stop: "replied", Stage: "qualifying", Alert: true, Facts: "interest=known:interested;"}},
		{"the sequence's own playbook, and the whole company", in(outreach.LabelInterested, func(i *qualify.Input) {
			i.OnReply = map[outreach.Label]sequence.Reaction{"interested": {Draft: "answers/yes.md"}}
			i.WholeCompanyOn = []outreach.Label{"interested"}
		}), gist{Rule: "interested", Move: "stop", Stop: "replied", Stage: "qualifying", Draft: "answers/yes.md", Alert: true, StopOthers: true, Facts: "interest=known:interested;"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, gistOf(qualify.Decide(test.in))); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestAFactCarriesItsEvidence(t *testing.T) {
	got := qualify.Decide(in(outreach.LabelPrice)).Facts
	want := []outreach.Fact{{Name: "budget", Status: outreach.FactDenied, Quote: "their words", MessageID: 7, Source: "reply", Confidence: 0.9, At: monday}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// anyInput draws messages of all sorts.
func anyInput(t *rapid.T) qualify.Input {
	day := outreach.DayOf(monday.AddDate(0, 0, rapid.IntRange(-30, 400).Draw(t, "day")))
	return in(rapid.SampledFrom(append(outreach.AllLabels(), "later_label")).Draw(t, "label"), func(i *qualify.Input) {
		i.Kind = rapid.SampledFrom([]outreach.Kind{"complaint", "bounce", "automatic", "human"}).Draw(t, "kind")
		i.Lead.Stage = rapid.SampledFrom(outreach.Stages()).Draw(t, "stage")
		i.Lead.Stopped = rapid.SampledFrom([]outreach.StopReason{"", "replied", "unsubscribed", "bounced"}).Draw(t, "stopped")
		i.Enrolment.State = rapid.SampledFrom([]outreach.EnrolmentState{"active", "paused", "held", "stopped", "finished"}).Draw(t, "state")
		i.Match = rapid.SampledFrom([]outreach.MatchMethod{"references", "sender", "colleague", "none"}).Draw(t, "match")
		i.By = rapid.SampledFrom([]string{"", "dana"}).Draw(t, "by")
		i.SoftBounces = rapid.IntRange(0, 4).Draw(t, "soft")
		i.Read.Abstained = rapid.Bool().Draw(t, "abstained")
		i.Read.OptOut = rapid.Float64Range(0, 1).Draw(t, "opt-out")
		i.Read.OptOutRule = rapid.Bool().Draw(t, "rule")
		if rapid.Bool().Draw(t, "dated") {
			i.Read.ReturnOn, i.Read.FollowUpOn = &day, &day
		}
	})
}

func TestNoMessageLoosensAnOptOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := anyInput(t)
		i.Lead.Stage = outreach.StageDoNotContact
		d := qualify.Decide(i)
		if d.Stage != "" || d.Move != outreach.MoveStop || d.Draft != nil {
			t.Errorf("%s: stage %q, move %q, draft %v", d.Decided.Rule, d.Stage, d.Move, d.Draft)
		}
	})
}

func TestAWordOfOptOutOrComplaintAlwaysSuppresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := anyInput(t)
		i.By = ""
		if rapid.Bool().Draw(t, "complains") {
			i.Kind = outreach.KindComplaint
		} else {
			i.Read.OptOutRule = true
		}
		d := qualify.Decide(i)
		if !slices.Contains(d.Suppress, "ada@engines.example") || d.Move != outreach.MoveStop || d.Draft != nil {
			t.Errorf("%s: suppress %v, move %q", d.Decided.Rule, d.Suppress, d.Move)
		}
	})
}

func TestEveryDecisionHasAReasonAndIsAllowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := anyInput(t)
		d := qualify.Decide(i)
		if d.Decided.Rule == "" || d.Decided.Act == "" || d.Decided.Next == "" {
			t.Errorf("%+v has no reason", d.Decided)
		}
		if d.Stage != "" && !qualify.Allowed(i.Lead.Stage, d.Stage) {
			t.Errorf("%s moves %s to %s", d.Decided.Rule, i.Lead.Stage, d.Stage)
		}
		if d.Move == outreach.MovePause && !d.Until.After(i.Now) {
			t.Errorf("a pause until %v, at %v", d.Until, i.Now)
		}
		if d.Move == outreach.MoveHold && d.Question == "" {
			t.Error("held without a question")
		}
		if d.Reminder != nil && d.Reminder.On.Before(outreach.DayOf(monday)) {
			t.Errorf("a reminder on %s", d.Reminder.On)
		}
	})
}

func TestNobodyLeavesDoNotContact(t *testing.T) {
	for _, to := range outreach.Stages() {
		if qualify.Allowed(outreach.StageDoNotContact, to) {
			t.Errorf("do_not_contact to %s is allowed", to)
		}
		if to != outreach.StageDoNotContact && !qualify.Allowed(to, outreach.StageDoNotContact) {
			t.Errorf("%s to do_not_contact is refused", to)
		}
	}
}

func TestTheTimesThatALeadOffersAreWhatIsNext(t *testing.T) {
	got := qualify.Decide(in(outreach.LabelMeeting, read(func(r *classify.Result) {
		r.Times = []classify.OfferedTime{
			{Day: outreach.NewDay(2025, 5, 6), From: "14:00", To: "15:00", Zone: "ET", ZoneFrom: classify.ZoneNamed},
			{Day: outreach.NewDay(2025, 5, 7), From: "09:30", Zone: "+02:00", ZoneFrom: classify.ZoneSender},
			{Day: outreach.NewDay(2025, 5, 8), From: "11:00", ZoneFrom: classify.ZoneRecipient},
		}
	}))).Decided.Next
	want := "The rep answers. Offered: Tue 6 May, 14:00-15:00 ET; Wed 7 May, 09:30 (UTC+02:00, from the mail); Thu 8 May, 11:00 your time."
	if got != want {
		t.Errorf("next %q, want %q", got, want)
	}
}
