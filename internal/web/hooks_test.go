package web_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/signature"
	"drumbeat/internal/web"
)

// hooks remembers what it was told, and answers as it is told to.
type hooks struct {
	told    []string
	err     error
	stopped outreach.HookStopped
}

func (h *hooks) CallBack(_ context.Context, token, note string) (bool, error) {
	h.told = append(h.told, token+" "+note)
	return h.err == nil && len(h.told) == 1, h.err
}

func (h *hooks) StopLead(_ context.Context, r signature.Signed) (outreach.HookStopped, error) {
	h.told = append(h.told, strings.Join([]string{r.ID, r.Timestamp, r.Signature, string(r.Body)}, " "))
	return h.stopped, h.err
}

func hooked(h *hooks) http.Handler {
	return web.Public{Callbacks: h, LeadStops: h, Clock: clock.NewStepped(monday), Logger: slog.New(slog.DiscardHandler)}.Handler()
}

func ask(handler http.Handler, method, path, body string, headers map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestACallbackIsPostedAndMayBeRepeated(t *testing.T) {
	h := &hooks{}
	handler := hooked(h)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if w := ask(handler, method, "/c/abc.def", "", nil); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" || len(h.told) > 0 {
			t.Errorf("%s: %d, told %v", method, w.Code, h.told)
		}
	}
	first := ask(handler, http.MethodPost, "/c/abc.def", `{"note":"invite\u0000 accepted\n`+strings.Repeat("x", 300)+`"}`, nil)
	second := ask(handler, http.MethodPost, "/c/abc.def", `no JSON`, nil)
	if first.Code != http.StatusOK || second.Code != http.StatusOK || first.Body.String() != "{\"completed\":true}\n" || second.Body.String() != "{\"completed\":false}\n" {
		t.Errorf("%d %s, then %d %s", first.Code, first.Body, second.Code, second.Body)
	}
	if diff := cmp.Diff([]string{"abc.def invite accepted " + strings.Repeat("x", 184), "abc.def "}, h.told); diff != "" {
		t.Errorf("told (-want +got)\n%s", diff)
	}
	for err, want := range map[error]int{outreach.ErrNotFound: http.StatusNotFound, errors.New("the database is at 10.0.0.7"): http.StatusServiceUnavailable} {
		if w := ask(hooked(&hooks{err: err}), http.MethodPost, "/c/abc.def", "", nil); w.Code != want || strings.Contains(w.Body.String(), "10.0.0.7") {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
	}
	if w := ask(hooked(&hooks{}), http.MethodPost, "/c/abc.def", strings.Repeat("x", 65<<10), nil); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge body: %d", w.Code)
	}
}

// Mail programs and services do not always wait for the answer.
func TestWhatSomebodyHasAskedForIsDoneWhenTheyHangUp(t *testing.T) {
	var ended []error
	h := &hooks{}
	note := hangup{func(ctx context.Context) { ended = append(ended, ctx.Err()) }, h}
	handler := web.Public{OptOuts: note, Callbacks: note, LeadStops: note, Clock: clock.NewStepped(monday), Logger: slog.New(slog.DiscardHandler)}.Handler()
	for path, body := range map[string]string{"/u/abc.def": "List-Unsubscribe=One-Click", "/c/abc.def": "", "/hooks/lead-stop": "{}"} {
		gone, hangUp := context.WithCancel(t.Context())
		hangUp()
		r := httptest.NewRequestWithContext(gone, http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	if len(ended) != 3 || errors.Join(ended...) != nil {
		t.Errorf("what was asked for ended with whoever asked: %v", ended)
	}
}

// hangup looks at the context of everything that is asked for.
type hangup struct {
	look func(context.Context)
	*hooks
}

func (h hangup) Unsubscribe(ctx context.Context, _ string) error { h.look(ctx); return nil }

func (h hangup) CallBack(ctx context.Context, token, note string) (bool, error) {
	h.look(ctx)
	return h.hooks.CallBack(ctx, token, note)
}

func (h hangup) StopLead(ctx context.Context, r signature.Signed) (outreach.HookStopped, error) {
	h.look(ctx)
	return h.hooks.StopLead(ctx, r)
}

func TestMetricsAreNotForTheWorld(t *testing.T) {
	handler := web.Public{
		Clock: clock.NewStepped(monday), Logger: slog.New(slog.DiscardHandler), Name: "mail.ours.example",
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("drumbeat_leads 7")) }),
	}.Handler()
	for name, c := range map[string]struct {
		host    string
		headers map[string]string
		want    int
	}{
		"our scraper":            {"127.0.0.1:8081", nil, http.StatusOK},
		"another container":      {"drumbeat:8081", nil, http.StatusOK},
		"by the proxy":           {"127.0.0.1:8081", map[string]string{"X-Forwarded-For": "203.0.113.9"}, http.StatusNotFound},
		"under the public name":  {"mail.ours.example", nil, http.StatusNotFound},
		"in capitals, by a port": {"MAIL.ours.example:443", nil, http.StatusNotFound},
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Host = c.host
		for header, value := range c.headers {
			r.Header.Set(header, value)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
}

func TestALeadStopSaysWhatBecameOfIt(t *testing.T) {
	headers := map[string]string{"webhook-id": "req-12345678", "webhook-timestamp": "1930294800", "webhook-signature": "v1,abc="}
	h := &hooks{stopped: outreach.HookStopped{Leads: 1}}
	w := ask(hooked(h), http.MethodPost, "/hooks/lead-stop", `{"email":"ann@acme.example"}`, headers)
	if w.Code != http.StatusOK || w.Body.String() != "{\"leads\":1,\"repeated\":false}\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff([]string{`req-12345678 1930294800 v1,abc= {"email":"ann@acme.example"}`}, h.told); diff != "" {
		t.Errorf("told (-want +got)\n%s", diff)
	}
	for err, want := range map[error]int{
		signature.ErrMissing: http.StatusUnauthorized, signature.ErrStale: http.StatusUnauthorized, signature.ErrMismatch: http.StatusUnauthorized,
		outreach.ErrInvalid: http.StatusBadRequest, errors.New("away"): http.StatusServiceUnavailable,
	} {
		if w := ask(hooked(&hooks{err: err}), http.MethodPost, "/hooks/lead-stop", `{}`, headers); w.Code != want {
			t.Errorf("%v: %d, want %d", err, w.Code, want)
		}
	}
	h = &hooks{}
	if w := ask(hooked(h), http.MethodGet, "/hooks/lead-stop", "", headers); w.Code != http.StatusMethodNotAllowed || len(h.told) > 0 {
		t.Errorf("GET: %d", w.Code)
	}
	if w := ask(hooked(h), http.MethodPost, "/hooks/lead-stop", strings.Repeat("x", 65<<10), headers); w.Code != http.StatusRequestEntityTooLarge || len(h.told) > 0 {
		t.Errorf("a huge body: %d", w.Code)
	}
	off := web.Public{Clock: clock.NewStepped(monday), Logger: slog.New(slog.DiscardHandler)}.Handler()
	if w := ask(off, http.MethodPost, "/hooks/lead-stop", `{}`, headers); w.Code != http.StatusNotFound {
		t.Errorf("without a secret: %d", w.Code)
	}
}
