package web

import (
	"net/http"

	"drumbeat/internal/outreach"
)

// mailboxesPage lists the mailboxes with their day and their troubles.
type mailboxesPage struct {
	Frame
	Mailboxes []outreach.MailboxView
}

func (o *operator) mailboxes(w http.ResponseWriter, r *http.Request) {
	page := mailboxesPage{Frame: o.frame("Mailboxes", "mailboxes")}
	var err error
	page.Mailboxes, err = o.Board.MailboxViews(r.Context(), page.Now)
	o.show(w, r, "mailboxes", page, err)
}
