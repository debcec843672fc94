package web

import (
	"net/http"
	"net/url"
)

// unsubscribePage asks, and afterwards confirms. It names nobody: a forwarded
// mail must not tell whose it was.
type unsubscribePage struct {
	Frame
	Done bool
}

// askToUnsubscribe shows a page and changes nothing: link scanners follow every
// link of a mail with GET. The page is the same for every token.
func (p *public) askToUnsubscribe(w http.ResponseWriter, _ *http.Request) {
	p.pages.write(w, http.StatusOK, "unsubscribe", unsubscribePage{Frame: p.frame("Unsubscribe")})
}

// unsubscribe acts, for the page's button as for a mail program's one click
// (RFC 8058, section 3.2: a POST whose body says List-Unsubscribe=One-Click). No
// cookie, no login, no redirect, and the same answer whether the token is ours.
func (p *public) unsubscribe(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !meant(r) {
		p.pages.write(w, http.StatusBadRequest, "unsubscribe", unsubscribePage{Frame: p.frame("Unsubscribe")})
		return
	}
	ctx, cancel := doneAnyway(r)
	defer cancel()
	if err := p.OptOuts.Unsubscribe(ctx, r.PathValue("token")); err != nil {
		p.Logger.ErrorContext(r.Context(), "unsubscribe failed", "error", err)
		// The sender of a one-click POST may try again later.
		http.Error(w, "This did not work just now. Please try again in a minute.", http.StatusServiceUnavailable)
		return
	}
	p.pages.write(w, http.StatusOK, "unsubscribe", unsubscribePage{Frame: p.frame("Unsubscribed"), Done: true})
}

// meant tells whether the POST says what it is for, urlencoded or multipart as
// RFC 8058 allows: a scanner that posts to every address says nothing.
func meant(r *http.Request) bool {
	return r.PostFormValue("List-Unsubscribe") == "One-Click" || r.PostFormValue("stop") == "yes"
}

// maxForm is more than any of our forms has.
const maxForm = 4 << 10

func (p *public) frame(title string) Frame {
	return Frame{Title: title, Now: p.Clock.Now(), Bare: true}
}

// UnsubscribeURL is the address that a mail carries for a token; base is the
// public one, without a slash at its end.
func UnsubscribeURL(base, token string) string { return base + "/u/" + url.PathEscape(token) }
