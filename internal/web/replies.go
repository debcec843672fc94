package web

import (
	"net/http"

	"drumbeat/internal/outreach"
)

// repliesPage lists what leads have written, with what it was understood to say.
type repliesPage struct {
	Frame
	Filter  outreach.ReplyFilter
	Labels  []outreach.Label
	Words   []outreach.Label // what a person can say that a message says
	Replies []outreach.ReplyView
	Older   string
	Buttons bool
}

func (o *operator) replies(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	page := repliesPage{
		Frame: o.frame("Replies", "replies"), Labels: outreach.AllLabels(), Words: outreach.WordLabels(), Buttons: o.Desk != nil,
		Filter: outreach.ReplyFilter{
			Label: outreach.Label(word(query, "label")), Open: query.Get("open") != "",
			Before: outreach.MessageID(number(query, "before")), Limit: perPage + 1,
		},
	}
	var err error
	page.Replies, err = o.Board.Replies(r.Context(), page.Filter)
	if len(page.Replies) > perPage {
		page.Replies = page.Replies[:perPage]
		page.Older = olderThan(r.URL, int64(page.Replies[perPage-1].ID))
	}
	o.show(w, r, "replies", page, err)
}
