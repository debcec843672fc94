package outbound_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/outreach"
)

func TestWhoIsNotInTheAudienceStaysOut(t *testing.T) {
	d := &enrolDesk{
		loads: map[outreach.MailboxID]int{"dana": 0}, companies: map[string]int{"globex.example": 1},
		audience: "audience: {icp: growth, min_fit: 70, email_status: [valid, risky], exclude: {lists: [customers], contacted_within: 2w}, max_per_company: 2, exclusive: true}\n",
	}
	good := func(c *outreach.EnrolCandidate) {
		c.Lead.Title, c.Lead.Industry = "Head of Growth", "Software"
		c.Lead.Custom = map[string]string{"email_status": "Accept-All"}
	}
	add := func(id int, email string, change func(*outreach.EnrolCandidate)) {
		d.candidates = append(d.candidates, candidate(id, func(c *outreach.EnrolCandidate) {
			good(c)
			c.Lead.Email = email
			if change != nil {
				change(c)
			}
		}))
	}
	add(1, "a@acme.example", nil)
	add(2, "b@mail.acme.example", nil) // another host of the same company
	add(3, "c@acme.example", nil)      // the third of two
	add(4, "d@globex.example", nil)    // the second: one is under way
	add(5, "e@globex.example", nil)
	add(6, "f@gmail.com", nil)
	add(7, "g@gmail.com", nil)
	add(8, "h@gmail.com", nil) // no company
	add(9, "i@nine.example", func(c *outreach.EnrolCandidate) { c.Excluded = true })
	add(10, "j@ten.example", func(c *outreach.EnrolCandidate) { c.Contacted = true })
	add(11, "k@eleven.example", func(c *outreach.EnrolCandidate) { c.Elsewhere = true })
	add(12, "l@twelve.example", func(c *outreach.EnrolCandidate) { c.Lead.Custom = nil })
	add(13, "m@thirteen.example", func(c *outreach.EnrolCandidate) { c.Lead.Title = "Cook" })
	add(14, "n@fourteen.example", func(c *outreach.EnrolCandidate) { c.Lead.Industry = "" })

	report := d.run(t)
	want := map[outreach.Reason]int{
		"company_has_enough": 2, "on_excluded_list": 1, "contacted_recently": 1, "in_another_sequence": 1, "email_status": 1, "below_min_fit": 1,
	}
	if diff := cmp.Diff(want, report.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if got := d.enrolled[len(d.enrolled)-1].Detail; got != "Begins revision 2 from mailbox dana, in the hours of Europe/Berlin (the country's only zone). Fit 83 of 100 (yes: title; unknown: industry)." {
		t.Errorf("the last one's reason is %q", got)
	}
	since := time.Date(2031, 2, 17, 5, 0, 0, 0, time.UTC)
	if diff := cmp.Diff(outreach.EnrolQuery{ListID: 1, SequenceID: "intro", Limit: 1000, ExcludedLists: []string{"customers"}, ContactedSince: &since}, d.query); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

func TestAnInclusiveSequenceTakesWhoIsElsewhere(t *testing.T) {
	d := &enrolDesk{loads: map[outreach.MailboxID]int{"dana": 0}, candidates: []outreach.EnrolCandidate{
		candidate(1, func(c *outreach.EnrolCandidate) { c.Elsewhere = true }),
	}}
	if report := d.run(t); report.Enrolled != 1 {
		t.Errorf("skipped %v", report.Skipped)
	}
}
