package web

import (
	"net/http"
	"time"

	"drumbeat/internal/outreach"
)

// sendsPage lists rows of the ledger: those of today, or those of one state.
type sendsPage struct {
	Frame
	State  outreach.SendState
	States []outreach.SendState
	Sends  []outreach.SendView
}

// sendsShown bounds the page; the command line lists all.
const sendsShown = 300

func (o *operator) sends(w http.ResponseWriter, r *http.Request) {
	page := sendsPage{
		Frame: o.frame("Sends", "sends"), State: outreach.SendState(word(r.URL.Query(), "state")),
		States: []outreach.SendState{
			outreach.SendSent, outreach.SendPlanned, outreach.SendFailed, outreach.SendUnknown, outreach.SendAssumedSent, outreach.SendCancelled,
		},
	}
	var since time.Time
	if page.State == "" {
		since = o.today(page.Now)
	}
	var err error
	page.Sends, err = o.Board.Sends(r.Context(), outreach.SendFilter{State: page.State, Since: since, Limit: sendsShown})
	o.show(w, r, "sends", page, err)
}
