package web

import (
	"net/http"

	"drumbeat/internal/outreach"
)

// overviewPage is the first page: what happens now, and what needs a person.
type overviewPage struct {
	Frame
	Status     outreach.Status
	Stages     []Count
	Enrolments []Count
	Replies    []Count
	Inbox      []Count
	SentToday  int
	InMotion   int
	GivenUp    int // webhooks that wait for a person
	Open       []outreach.ReplyView
}

const openShown = 6

func (o *operator) overview(w http.ResponseWriter, r *http.Request) {
	page, err := o.overviewPage(r)
	o.show(w, r, "overview", page, err)
}

func (o *operator) overviewPage(r *http.Request) (overviewPage, error) {
	page := overviewPage{Frame: o.frame("Today", "today")}
	page.Refresh = int(o.Refresh.Seconds())
	var err error
	if page.Status, err = o.Board.Status(r.Context(), page.Now, o.today(page.Now)); err != nil {
		return page, err
	}
	if page.Open, err = o.Board.Replies(r.Context(), outreach.ReplyFilter{Open: true, Limit: openShown}); err != nil {
		return page, err
	}
	page.Stages = counts(outreach.Stages(), page.Status.Leads, "/leads?stage=")
	page.Enrolments = counts(enrolmentStates(), page.Status.Enrolments, "")
	page.Replies = counts(outreach.AllLabels(), page.Status.Replies, "/replies?label=")
	page.Inbox = counts(outreach.Endings(), page.Status.Inbox, "")
	page.SentToday = sum(page.Status.Today, outreach.SendSent, outreach.SendAssumedSent)
	page.InMotion = sum(page.Status.Enrolments, outreach.EnrolmentActive, outreach.EnrolmentPaused)
	page.GivenUp = page.Status.Webhooks[outreach.WebhookFailed]
	return page, nil
}
