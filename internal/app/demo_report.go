package app

import (
	"context"
	"strings"

	"drumbeat/internal/outreach"
)

// DemoReport is what a demo came to: the object of `drumbeat demo --json`.
type DemoReport struct {
	Days       int                    `json:"days"`
	Leads      int                    `json:"leads"`
	Enrolled   int                    `json:"enrolled"`
	Sent       int                    `json:"sent"` // step mails that the mail world accepted
	Failed     int                    `json:"failed"`
	Duplicates int                    `json:"duplicates"` // surplus accepts in the mail world's own log
	Lost       int                    `json:"lost"`       // rows that say sent and are not in that log
	Unknown    int                    `json:"unknown"`
	Replies    map[outreach.Label]int `json:"replies"`
	Stages     map[outreach.Stage]int `json:"stages"`
	Drafts     int                    `json:"drafts"`
	Candidates int                    `json:"candidates"`
	Suppressed int                    `json:"suppressed"`
	Digests    int                    `json:"digests"`
	Alerts     int                    `json:"alerts"`
}

// Good tells whether the promises held.
func (r DemoReport) Good() bool { return r.Duplicates == 0 && r.Lost == 0 }

// Report compares the ledger with the log of the mail world, which knows
// nothing of the ledger, and counts the rest.
func (d *Demo) Report(ctx context.Context) (DemoReport, error) {
	tally, err := d.DB.Tally(ctx)
	if err != nil {
		return DemoReport{}, err
	}
	ledger, err := d.DB.LedgerRows(ctx)
	if err != nil {
		return DemoReport{}, err
	}
	r := DemoReport{
		Days: d.Day(), Leads: d.Leads, Enrolled: tally.Enrolled, Failed: tally.Failed, Unknown: tally.Unknown,
		Replies: tally.Replies, Stages: tally.Stages, Drafts: tally.Drafts, Candidates: tally.Candidates,
		Suppressed: tally.Suppressed, Digests: tally.Digests, Alerts: tally.Alerts, Duplicates: d.World.Duplicates(),
	}
	accepted := map[string]bool{}
	for _, a := range d.World.Accepted() {
		accepted[strings.TrimSpace(a.MessageID)] = true
	}
	for _, row := range ledger {
		switch {
		case accepted[row.RFCMessageID] && row.Purpose == outreach.PurposeStep:
			r.Sent++
		case !accepted[row.RFCMessageID] && (row.State == outreach.SendSent || row.State == outreach.SendAssumedSent):
			r.Lost++
		}
	}
	return r, nil
}

// Day counts the days of sales time that have passed.
func (d *Demo) Day() int { return int(d.clock.Now().Sub(d.options.Start).Hours() / 24) }
