package qualify

import (
	"strings"

	"drumbeat/internal/classify"
	"drumbeat/internal/outreach"
)

// noEnrolDays after a plain no, the lead is in no sequence again.
const noEnrolDays = 180

// contractNotice is how long before the end of a contract a rep hears of it.
const contractNotice = 60

// byLabel is the table for messages that are understood.
func (d *Decision) byLabel(in Input) {
	switch in.Read.Label {
	case outreach.LabelMeeting, outreach.LabelInterested:
		d.positive(in)
	case outreach.LabelPrice, outreach.LabelStatusQuo, outreach.LabelAuthority:
		d.objection(in)
	case outreach.LabelBrushOff:
		d.brushOff(in)
	case outreach.LabelOutOfOffice:
		d.absence(in)
	case outreach.LabelLeftCompany:
		d.leftCompany(in)
	case outreach.LabelAutoReply:
		d.Move = outreach.MoveForward
		d.decided(string(outreach.LabelAutoReply), "Noted: a machine answered.", "The sequence goes on.")
	default: // a label that a later version knows: nothing is done on a guess
		d.triage(in, RuleAbstained, "there is no rule for this label", in.Read.Label)
	}
}

// answered is what every answer of a person does: the sequence ends.
func (d *Decision) answered(in Input, stage outreach.Stage) {
	d.Move, d.Stop = outreach.MoveStop, outreach.StopReplied
	d.Stage = ruleStage(in.Lead.Stage, stage)
	d.StopCompany = in.stopsCompany(in.Read.Label)
	d.Facts = facts(in)
}

func (d *Decision) positive(in Input) {
	d.answered(in, outreach.StageQualifying)
	d.Alert = true
	d.Draft = draft(in, "")
	d.Candidate = candidate(in, "referral")
	for _, label := range in.Read.Secondary {
		if label.Objection() && d.Objection == "" {
			d.Objection = label
		}
	}
	d.decided(string(in.Read.Label), "The lead wants to talk: stopped, in qualification, the rep was told at once.", "The rep answers."+offered(in.Read.Times))
}

// offered names the times that a lead offers for a meeting, for the digest, the
// alert and the lead's page.
func offered(times []classify.OfferedTime) string {
	if len(times) == 0 {
		return ""
	}
	named := make([]string, len(times))
	for i, o := range times {
		named[i] = o.String()
	}
	return " Offered: " + strings.Join(named, "; ") + "."
}

func (d *Decision) objection(in Input) {
	d.answered(in, outreach.StageQualifying)
	d.Objection = in.Read.Label
	d.Draft = draft(in, "objections/"+string(in.Read.Label)+".md")
	d.Candidate = candidate(in, "referral")
	d.Reminder = followUp(in)
	d.decided(string(in.Read.Label), "An objection: stopped, in qualification, a draft stands ready.", "The rep makes the draft their own and answers.")
}

// brushOff tells "not now", which names a day, from a plain no.
func (d *Decision) brushOff(in Input) {
	stage := outreach.StageLost
	if in.Read.FollowUpOn != nil {
		stage = outreach.StageNurture
	}
	d.answered(in, stage)
	d.Objection = outreach.LabelBrushOff
	d.Draft = draft(in, "objections/brush_off.md")
	if d.Reminder = followUp(in); d.Reminder != nil {
		d.decided("brush_off_later", "Not now: stopped, put off.", "The rep is reminded on "+d.Reminder.On.String()+".")
		return
	}
	d.NoEnrolUntil = in.Now.AddDate(0, 0, noEnrolDays)
	d.decided("brush_off_no", "A plain no: stopped.", "In no sequence before "+outreach.DayOf(d.NoEnrolUntil).String()+".")
}

func (d *Decision) leftCompany(in Input) {
	d.Move, d.Stop = outreach.MoveStop, outreach.StopLeftCompany
	d.Stage = ruleStage(in.Lead.Stage, outreach.StageLost)
	d.Suppress, d.SuppressWhy = addresses(in.Lead.Email), outreach.StopLeftCompany
	d.Candidate = candidate(in, "successor")
	next := "Nothing goes to this address any more."
	if d.Candidate != nil {
		next = "The rep decides about the successor."
	}
	d.decided(string(outreach.LabelLeftCompany), "The lead has left the company: stopped, address suppressed.", next)
}

// draft names the playbook: the sequence's own, else the usual one.
func draft(in Input, usual string) *outreach.Draft {
	if own := in.OnReply[in.Read.Label].Draft; own != "" {
		usual = own
	}
	if usual == "" {
		return nil
	}
	return &outreach.Draft{Playbook: usual}
}

// candidate is the person whom the message names, unless it is the lead.
func candidate(in Input, kind string) *outreach.Candidate {
	c := in.Read.Contact
	if c == nil || c.Empty() || outreach.AddressKey(c.Email) == outreach.AddressKey(in.Lead.Email) && c.Email != "" {
		return nil
	}
	return &outreach.Candidate{Kind: kind, Contact: *c}
}

// followUp reminds on the day that the lead named, or some time before a contract
// ends; a day that has passed means the next one.
func followUp(in Input) *outreach.Reminder {
	var day outreach.Day
	note := "The lead wanted to be asked again."
	switch {
	case in.Read.FollowUpOn != nil:
		day = *in.Read.FollowUpOn
	case in.Read.ContractEnd != nil:
		day = in.Read.ContractEnd.AddDays(-contractNotice)
		note = "The running contract ends on " + in.Read.ContractEnd.String() + "."
	default:
		return nil
	}
	if tomorrow := in.today().AddDays(1); day.Before(tomorrow) {
		day = tomorrow
	}
	return &outreach.Reminder{On: day, Kind: "follow_up", Note: note}
}
