package e2e

import (
	"testing"
	"time"

	"drumbeat/internal/mailworld"
	"drumbeat/internal/outreach"
)

// repliesArrive compares what was stored with what the script let people write.
// How well the words are read is the classifier's own test; here a message must
// have come to the lead it is from, and nothing may have been given up.
func repliesArrive(t *testing.T, r *run) {
	written, right, read := 0, 0, 0
	got := map[outreach.LeadID][]messageRow{}
	for _, m := range r.messages {
		got[m.LeadID] = append(got[m.LeadID], m)
		if m.State != "done" || m.Error != "" {
			t.Errorf("message %d from %s is %s: %s", m.ID, m.From, m.State, m.Error)
		}
	}
	mails := map[outreach.LeadID][]stepMail{}
	for _, m := range r.steps {
		mails[m.LeadID] = append(mails[m.LeadID], m)
	}
	end := demoStart.AddDate(0, 0, demoDays)
	for address, part := range r.script {
		lead := r.byEmail[address]
		for i, reaction := range part.Reactions {
			if reaction.Kind == mailworld.OneClick || reaction.Kind == mailworld.RefuseAtSMTP || reaction.To > len(mails[lead]) {
				continue
			}
			if !mails[lead][reaction.To-1].At.Add(reaction.After + 3*24*time.Hour).Before(end) {
				continue // what is done on a weekend waits for Monday: it may lie behind the end
			}
			written++
			if len(got[lead]) <= i {
				t.Errorf("the %s of %s never came to lead %d", reaction.Kind, address, lead)
				continue
			}
			if reaction.Label != "" {
				read++
				if got[lead][i].Label == reaction.Label {
					right++
				}
			}
		}
	}
	t.Logf("%d messages were written; of %d with a meaning %d were read as meant", written, read, right)
	if written < 60 || right*10 < read*8 {
		t.Errorf("%d messages were written; of %d with a meaning only %d were read as meant", written, read, right)
	}
	tried := map[outreach.LeadID]bool{}
	for _, id := range rowsOf[outreach.LeadID](t, r, `SELECT lead_id FROM sends WHERE purpose = 'step' AND state IN ('sent', 'failed')`) {
		tried[id] = true
	}
	for _, lead := range r.leads { // who clicked, and who is not there, is out
		for _, reaction := range r.script[outreach.AddressKey(lead.Email)].Reactions {
			gone := reaction.Kind == mailworld.OneClick || reaction.Kind == mailworld.MailtoUnsub || reaction.Kind == mailworld.RefuseAtSMTP
			if gone && tried[lead.ID] && lead.Suppressed == 0 {
				t.Errorf("lead %d: after a %s the address is not suppressed", lead.ID, reaction.Kind)
			}
		}
	}
}

// effect is what a label must have left behind, given the only message of a lead.
type effect struct {
	enrolment string // "stopped", "on" (active or finished), "held", "" (anything)
	stages    []outreach.Stage
	suppress  bool
	rows      string // a query with $1 the message and $2 the lead that must count at least one; empty: none
	alert     bool
}

func effects() map[outreach.Label]effect {
	const (
		draft     = `SELECT count(*) FROM drafts WHERE message_id = $1 AND lead_id = $2 AND body <> ''`
		objection = `SELECT count(*) FROM objections o JOIN drafts d ON d.message_id = o.message_id AND d.lead_id = o.lead_id
			JOIN messages m ON m.id = o.message_id AND m.label = o.label WHERE m.id = $1 AND o.lead_id = $2`
		later = `SELECT count(*) FROM objections o JOIN leads l ON l.id = o.lead_id WHERE o.message_id = $1 AND l.id = $2 AND (
			l.no_enrol_until > o.opened_at + interval '179 days'
			OR EXISTS (SELECT FROM reminders r WHERE r.message_id = o.message_id AND r.on_day > o.opened_at))
			AND EXISTS (SELECT FROM drafts d WHERE d.message_id = o.message_id)`
		paused = `SELECT count(*) FROM lead_events WHERE message_id = $1 AND lead_id = $2 AND kind = 'paused'`
		noted  = `SELECT count(*) FROM messages WHERE id = $1 AND lead_id = $2 AND decision->>'rule' <> ''`
		block  = `SELECT count(*) FROM messages m JOIN leads l ON l.id = m.lead_id
			JOIN mailbox_domain_pauses p ON p.mailbox_id = m.mailbox_id AND p.domain = l.domain WHERE m.id = $1 AND l.id = $2`
	)
	qualifying := []outreach.Stage{outreach.StageQualifying}
	gone := []outreach.Stage{outreach.StageDoNotContact}
	return map[outreach.Label]effect{
		outreach.LabelMeeting:     {enrolment: "stopped", stages: qualifying, rows: noted, alert: true},
		outreach.LabelInterested:  {enrolment: "stopped", stages: qualifying, rows: noted, alert: true},
		outreach.LabelPrice:       {enrolment: "stopped", stages: qualifying, rows: objection},
		outreach.LabelStatusQuo:   {enrolment: "stopped", stages: qualifying, rows: objection},
		outreach.LabelAuthority:   {enrolment: "stopped", stages: qualifying, rows: objection},
		outreach.LabelBrushOff:    {enrolment: "stopped", stages: []outreach.Stage{outreach.StageNurture, outreach.StageLost}, rows: later},
		outreach.LabelUnsubscribe: {enrolment: "stopped", stages: gone, suppress: true, rows: noted},
		outreach.LabelOutOfOffice: {rows: paused},
		outreach.LabelLeftCompany: {enrolment: "stopped", stages: []outreach.Stage{outreach.StageLost}, suppress: true, rows: noted},
		outreach.LabelAutoReply:   {enrolment: "on", rows: noted},
		outreach.LabelUnclear:     {enrolment: "held", rows: noted},
		outreach.LabelBounceHard:  {enrolment: "stopped", suppress: true, rows: noted},
		outreach.LabelBounceSoft:  {enrolment: "on", rows: noted},
		outreach.LabelBounceBlock: {enrolment: "on", rows: block, alert: true},
		outreach.LabelComplaint:   {enrolment: "stopped", stages: gone, suppress: true, rows: noted, alert: true},
	}
}

// labelsAct looks at leads with a single message that was understood for sure.
func labelsAct(t *testing.T, r *run) {
	messages := map[outreach.LeadID]int{}
	company := map[string]int{}
	for _, m := range r.messages {
		messages[m.LeadID]++
		company[r.leads[m.LeadID].Domain]++
	}
	seen := map[outreach.Label]int{}
	for _, m := range r.messages {
		lead, known := r.leads[m.LeadID]
		if !known || messages[m.LeadID] > 1 || company[lead.Domain] > 1 {
			continue
		}
		if m.Rule == "abstained" || m.Rule == "match_tentative" || m.Rule == "opt_out_possible" {
			if lead.Enrolment != "held" || lead.Reason != string(outreach.HoldTriage) {
				t.Errorf("lead %d (%s, %s) waits for nobody: %s/%s", lead.ID, m.Label, m.Rule, lead.Enrolment, lead.Reason)
			}
			if m.Label == outreach.LabelUnclear {
				seen[m.Label]++
			}
			continue
		}
		want, ok := effects()[m.Label]
		if !ok {
			t.Errorf("message %d has the label %q", m.ID, m.Label)
			continue
		}
		seen[m.Label]++
		want.check(t, r, m, lead)
	}
	for label := range effects() {
		if seen[label] == 0 {
			t.Errorf("no lead had %s as its only message: nothing shows what it does", label)
		}
	}
	t.Logf("looked at %v", seen)
	if n := count(t, r, `SELECT count(*) FROM candidates c JOIN messages m ON m.id = c.message_id WHERE m.label = 'authority' AND c.kind = 'referral'`); n == 0 {
		t.Error("nobody whom an answer named became a candidate")
	}
	if n := count(t, r, `SELECT count(*) FROM facts WHERE quote <> ''`); n == 0 {
		t.Error("no fact with its evidence")
	}
}

func (want effect) check(t *testing.T, r *run, m messageRow, lead leadRow) {
	t.Helper()
	state := lead.Enrolment
	if state == "active" || state == "finished" {
		state = "on"
	}
	if want.enrolment != "" && state != want.enrolment {
		t.Errorf("lead %d after %s: the enrolment is %s/%s, want %s", lead.ID, m.Label, lead.Enrolment, lead.Reason, want.enrolment)
	}
	fits := len(want.stages) == 0
	for _, stage := range want.stages {
		fits = fits || lead.Stage == stage
	}
	if !fits {
		t.Errorf("lead %d after %s (%s): stage %s, want %v", lead.ID, m.Label, m.Rule, lead.Stage, want.stages)
	}
	if want.suppress != (lead.Suppressed > 0) {
		t.Errorf("lead %d after %s: suppressed %v, want %v", lead.ID, m.Label, lead.Suppressed > 0, want.suppress)
	}
	if n := count(t, r, want.rows, m.ID, lead.ID); n == 0 {
		t.Errorf("lead %d after %s (%s): no row for %s", lead.ID, m.Label, m.Rule, want.rows)
	}
	if want.alert != (m.Alert == "told") {
		t.Errorf("lead %d after %s: alert %q, want one: %v", lead.ID, m.Label, m.Alert, want.alert)
	}
}

func silentAfterAnAnswer(t *testing.T, r *run) {
	answered, companies := map[outreach.LeadID]messageRow{}, map[string]messageRow{}
	for _, m := range r.messages {
		if m.LeadID == 0 || (m.Kind != "human" && m.Kind != "complaint" && m.Label != outreach.LabelBounceHard) {
			continue
		}
		if _, ok := answered[m.LeadID]; !ok {
			answered[m.LeadID] = m
		}
		if lead := r.leads[m.LeadID]; lead.Sequence == "saas-founders" && m.Rule == string(m.Label) && (m.Label.Positive() || m.Label == outreach.LabelUnsubscribe) {
			companies[lead.Domain] = m // stop.whole_company_on
		}
	}
	for _, m := range r.steps {
		if answer, ok := answered[m.LeadID]; ok && m.At.After(answer.At) {
			t.Errorf("mail %d went to lead %d at %s, who had answered (%s, %s) at %s", m.Seq, m.LeadID, m.At, answer.Kind, answer.Label, answer.At)
		}
		answer, ok := companies[r.leads[m.LeadID].Domain]
		if ok && m.SequenceID == "saas-founders" && m.At.After(answer.At) {
			t.Errorf("mail %d went to a company at %s that had said %s at %s", m.Seq, m.At, answer.Label, answer.At)
		}
	}
	if len(answered) < 50 {
		t.Errorf("only %d leads have answered", len(answered))
	}
}

func absencesKept(t *testing.T, r *run) {
	resumed := 0
	for _, m := range r.messages {
		if m.Kind != "automatic" || m.Label != outreach.LabelOutOfOffice {
			continue
		}
		lead := r.leads[m.LeadID]
		zone := zonesOf(t, lead.Zone)[0]
		may := m.At.AddDate(0, 0, 7) // no day was named
		if away := r.script[outreach.AddressKey(lead.Email)].Reactions[0].Return; away > 0 {
			back := m.At.Add(away)
			for back.Weekday() == time.Saturday || back.Weekday() == time.Sunday {
				back = back.AddDate(0, 0, 1) // as the world words it
			}
			s, _ := r.sequences.Sequence(outreach.SequenceID(lead.Sequence))
			day := time.Date(back.Year(), back.Month(), back.Day(), 0, 0, 0, 0, zone)
			may = businessDays(day, 1, s.Send.Window.Days, zone)
		}
		for _, mail := range r.steps {
			if mail.LeadID != m.LeadID || !mail.At.After(m.At) {
				continue
			}
			if mail.At.Before(may) {
				t.Errorf("mail %d went at %s to lead %d, who is away: not before %s", mail.Seq, mail.At, lead.ID, may)
			}
			resumed++
			break
		}
	}
	if resumed < 3 {
		t.Errorf("after an absence only %d sequences went on", resumed)
	}
}
