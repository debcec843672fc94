package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/qualify"
)

// Operator configures the team's pages.
type Operator struct {
	Board   Board
	Desk    Desk // nil: the pages have no buttons
	Clock   Clock
	Zone    *time.Location // in which the pages count days; nil: UTC
	Logger  *slog.Logger
	Hosts   []string      // names under which the pages may be asked for, beside the loopback ones
	Refresh time.Duration // the first page loads itself again; 0: never
	// Framework is the view over a lead's facts; nil: they are shown as a plain list.
	Framework *qualify.Framework
}

// operator answers the team's requests.
type operator struct {
	Operator
	pages *pages
}

// Handler is the team's pages. A broken template is a panic: the tests open all.
func (o Operator) Handler() http.Handler {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	op := &operator{Operator: o, pages: newPages(o.Zone)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", op.overview)
	mux.HandleFunc("GET /leads", op.leads)
	mux.HandleFunc("GET /leads/{id}", op.lead)
	mux.HandleFunc("GET /replies", op.replies)
	mux.HandleFunc("GET /sends", op.sends)
	mux.HandleFunc("GET /mailboxes", op.mailboxes)
	mux.HandleFunc("GET /style.css", serveStyle)
	if o.Desk != nil {
		mux.HandleFunc("POST /leads/{id}/{act}", op.actOnLead)
		mux.HandleFunc("POST /replies/{id}/handled", op.handleReply)
		mux.HandleFunc("POST /replies/{id}/label", op.correctReply)
		mux.HandleFunc("POST /tasks/{id}/done", op.finishTask)
	}
	mux.HandleFunc("/", op.notFound)
	// Sec-Fetch-Site or Origin must say that a form of ours was sent.
	return guard(o.Logger, onlyHosts(o.Hosts, http.NewCrossOriginProtection().Handler(mux)))
}

// today is when the day began in the pages' zone.
func (o *operator) today(now time.Time) time.Time {
	return outreach.DayOf(now.In(o.Zone)).Time(o.Zone)
}

// show renders a page, or tells what went wrong.
func (o *operator) show(w http.ResponseWriter, r *http.Request, name string, page any, err error) {
	if err != nil {
		o.fail(w, r, err)
		return
	}
	o.pages.write(w, http.StatusOK, name, page)
}

func (o *operator) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, outreach.ErrNotFound) {
		o.notFound(w, r)
		return
	}
	if errors.Is(err, outreach.ErrInvalid) {
		o.pages.write(w, http.StatusBadRequest, "message", messagePage{
			Frame: o.frame("Not possible", ""), Text: "That cannot be done: " + err.Error() + ".",
		})
		return
	}
	o.Logger.ErrorContext(r.Context(), "page failed", "path", r.URL.Path, "error", err)
	o.pages.write(w, http.StatusInternalServerError, "message", messagePage{
		Frame: o.frame("Error", ""), Text: "The page could not be made. The log says why; the service goes on.",
	})
}

func (o *operator) notFound(w http.ResponseWriter, _ *http.Request) {
	o.pages.write(w, http.StatusNotFound, "message", messagePage{
		Frame: o.frame("Not found", ""), Text: "There is no such page, or the lead has been erased.",
	})
}

// messagePage is a page that only says something.
type messagePage struct {
	Frame
	Text string
}

// pathID reads a number out of the path.
func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, outreach.ErrNotFound
	}
	return id, nil
}
