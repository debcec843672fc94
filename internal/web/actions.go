package web

import (
	"context"
	"fmt"
	"net/http"

	"drumbeat/internal/outreach"
)

// actOnLead pauses, resumes or stops a lead and shows its page again.
func (o *operator) actOnLead(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		o.fail(w, r, err)
		return
	}
	acts := map[string]func(context.Context, outreach.LeadID) error{
		"pause": o.Desk.PauseLead, "resume": o.Desk.ResumeLead, "stop": o.Desk.StopLead,
	}
	act, known := acts[r.PathValue("act")]
	if !known {
		o.notFound(w, r)
		return
	}
	if err := act(r.Context(), outreach.LeadID(id)); err != nil {
		o.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/leads/"+r.PathValue("id"), http.StatusSeeOther)
}

// handleReply notes that somebody has dealt with a message.
func (o *operator) handleReply(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err == nil {
		err = o.Desk.HandleReply(r.Context(), outreach.MessageID(id))
	}
	if err != nil {
		o.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/replies?open=1", http.StatusSeeOther)
}

// correctReply takes what a person says about a message: it is decided anew.
func (o *operator) correctReply(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err == nil {
		err = o.Desk.CorrectReply(r.Context(), outreach.MessageID(id), outreach.Label(r.FormValue("label")))
	}
	if err != nil {
		o.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/replies?open=1", http.StatusSeeOther)
}

// finishTask notes that a manual step is done and shows its lead.
func (o *operator) finishTask(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		o.fail(w, r, err)
		return
	}
	lead, err := o.Desk.FinishTask(r.Context(), outreach.TaskID(id))
	if err != nil {
		o.fail(w, r, err)
		return
	}
	http.Redirect(w, r, fmt.Sprintf("/leads/%d", lead), http.StatusSeeOther)
}
