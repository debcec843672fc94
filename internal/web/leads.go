package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"drumbeat/internal/outreach"
)

// leadsPage is a page of the list of leads.
type leadsPage struct {
	Frame
	Filter outreach.LeadFilter
	Stages []outreach.Stage
	Lists  []string
	Leads  []outreach.LeadView
	Older  string // address of the next page; empty: this is the last
}

// perPage is how many rows a page shows.
const perPage = 50

func (o *operator) leads(w http.ResponseWriter, r *http.Request) {
	page, err := o.leadsPage(r)
	o.show(w, r, "leads", page, err)
}

func (o *operator) leadsPage(r *http.Request) (leadsPage, error) {
	query := r.URL.Query()
	page := leadsPage{
		Frame: o.frame("Leads", "leads"), Stages: outreach.Stages(),
		Filter: outreach.LeadFilter{
			Stage: outreach.Stage(word(query, "stage")), List: word(query, "list"), Search: word(query, "q"),
			Before: outreach.LeadID(number(query, "before")), Limit: perPage + 1,
		},
	}
	var err error
	if page.Lists, err = o.Board.ListNames(r.Context()); err != nil {
		return page, err
	}
	if page.Leads, err = o.Board.Leads(r.Context(), page.Filter); err != nil {
		return page, err
	}
	if len(page.Leads) > perPage {
		page.Leads = page.Leads[:perPage]
		page.Older = olderThan(r.URL, int64(page.Leads[perPage-1].ID))
	}
	return page, nil
}

// olderThan is the address of the same list behind a row.
func olderThan(u *url.URL, id int64) string {
	query := u.Query()
	query.Set("before", strconv.FormatInt(id, 10))
	return u.Path + "?" + query.Encode()
}

// word reads a text of the query, without what no database takes as text: a NUL,
// or octets that are no UTF-8.
func word(query url.Values, name string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(query.Get(name), ""), "\x00", "")
}

// number reads a number of the query; what is none counts as absent.
func number(query url.Values, name string) int64 {
	n, err := strconv.ParseInt(query.Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
