package web_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/qualify"
	"drumbeat/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

// board shows one lead, Ann, who has answered.
type board struct{ story outreach.Story }

func (b board) Status(_ context.Context, now, _ time.Time) (outreach.Status, error) {
	due, age := now.Add(40*time.Minute), 12*time.Second
	return outreach.Status{
		At: now, NextDue: &due, Today: map[outreach.SendState]int{"sent": 23, "planned": 1, "failed": 1}, Sent: 412,
		Doubts: outreach.Doubts{Unknown: 1},
		Census: outreach.Census{
			Leads:      map[outreach.Stage]int{"new": 120, "connecting": 64, "qualifying": 9, "won": 2, "do_not_contact": 5},
			Enrolments: map[outreach.EnrolmentState]int{"active": 61, "paused": 3, "held": 4, "stopped": 30, "finished": 12},
			Replies:    map[outreach.Label]int{"meeting": 3, "price": 5, "out_of_office": 4, "unsubscribe": 2}, Open: 2, Suppressed: 7,
			Webhooks: map[outreach.WebhookState]int{"completed": 40, "failed": 2},
		},
		Mailboxes: []outreach.MailboxView{
			{ID: "dana", Address: "dana@ours.example", RepID: "dana", Timezone: "Europe/Berlin", NextSendAt: &due, WaitReason: outreach.ReasonGap, SentToday: 23, Active: 40, Unread: &age},
			{ID: "mary", Address: "mary@ours.example", RepID: "mary", Timezone: "America/New_York", Paused: true, PausedReason: "535 the login was refused",
				Blocks: []outreach.DomainPause{{Domain: "acme.example", Until: due, Reason: "550 5.7.1 blocked by policy"}}},
		},
		Sequences: []outreach.SequenceView{{ID: "saas-founders", Name: "SaaS founders", Owner: "dana", Revision: 2, Enrolments: map[outreach.EnrolmentState]int{"active": 61, "held": 4}, Sent: 412}},
	}, nil
}

func (b board) MailboxViews(ctx context.Context, now time.Time) ([]outreach.MailboxView, error) {
	status, err := b.Status(ctx, now, now)
	return status.Mailboxes, err
}

func (b board) Leads(context.Context, outreach.LeadFilter) ([]outreach.LeadView, error) {
	due := monday.Add(time.Hour)
	return []outreach.LeadView{{Lead: b.story.Lead, SequenceID: "saas-founders", State: "active", DueAt: &due, LastLabel: "price"}}, nil
}

func (b board) ListNames(context.Context) ([]string, error) { return []string{"march"}, nil }

func (b board) Story(_ context.Context, id outreach.LeadID) (outreach.Story, error) {
	if id != b.story.Lead.ID {
		return outreach.Story{}, outreach.ErrNotFound
	}
	return b.story, nil
}

func (b board) Replies(context.Context, outreach.ReplyFilter) ([]outreach.ReplyView, error) {
	return b.story.Replies, nil
}

func (b board) Sends(context.Context, outreach.SendFilter) ([]outreach.SendView, error) {
	return b.story.Sends, nil
}

var monday = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

// ann has objected to the price; words are hers.
func ann(words string) board {
	due, sent := monday.Add(72*time.Hour), monday.Add(-48*time.Hour)
	return board{outreach.Story{
		Lead: outreach.Lead{
			ID: 7, Email: "ann@acme.example", FirstName: "Ann", LastName: "Lee", Company: "Acme " + words, Title: "COO", Country: "DE",
			Source: "hunter", Stage: outreach.StageQualifying, Custom: map[string]string{"seats": "40"},
		},
		CreatedAt: sent.Add(-time.Hour), Lists: []string{"march"},
		Enrolments: []outreach.EnrolmentView{{
			Enrolment:    outreach.Enrolment{SequenceID: "saas-founders", MailboxID: "dana", Timezone: "Europe/Berlin", State: outreach.EnrolmentStopped, StateReason: "replied", Step: 1, DueAt: &due},
			SequenceName: "SaaS founders", Revision: 2,
		}},
		Decisions: []outreach.Decision{
			{At: monday, Kind: "stopped", Reason: "replied", Rule: "price", Actor: "drumbeat", Detail: "A price objection: " + words},
			{At: sent, Kind: "enrolled", Reason: "saas-founders", Actor: "drumbeat", Detail: "Writes from dana."},
		},
		Facts:      []outreach.Fact{{Name: "budget", Status: outreach.FactDenied, Value: "none this year", Quote: words, At: monday}},
		Objections: []outreach.Objection{{Label: outreach.LabelPrice, State: "open", OpenedAt: monday}},
		Replies: []outreach.ReplyView{{
			ID: 3, LeadID: 7, LeadName: "Ann Lee", Company: "Acme", From: outreach.Address{Name: "Ann Lee", Email: "ann@acme.example"},
			Subject: "Re: Acme and churn", ReceivedAt: monday, Kind: outreach.KindHuman, Label: outreach.LabelPrice, Confidence: 0.91,
			Text: words, RepID: "dana", Draft: "Hi Ann,\n\ncompared with what?",
		}},
		Sends: []outreach.SendView{{
			Send:       outreach.Send{ID: 1, Purpose: outreach.PurposeStep, LeadID: 7, MailboxID: "dana", StepID: "intro", To: "ann@acme.example", State: outreach.SendSent},
			SequenceID: "saas-founders", LeadName: "Ann Lee", Subject: "Acme and churn", CreatedAt: sent, SettledAt: &sent, SMTPCode: 250, SMTPText: "queued",
		}},
		Webhooks: []outreach.WebhookView{
			{ID: 12, EventID: "e12", LeadID: 7, SequenceID: "saas-founders", StepID: "crm", State: outreach.WebhookFailed, Attempts: 8, LastStatus: 500, CreatedAt: sent, SettledAt: &monday},
			{ID: 11, EventID: "e11", LeadID: 7, SequenceID: "saas-founders", StepID: "expandi", State: outreach.WebhookAccepted, Attempts: 1, LastStatus: 202, DueAt: &due, CreatedAt: sent},
			{ID: 10, EventID: "e10", LeadID: 7, SequenceID: "saas-founders", StepID: "sheet", State: outreach.WebhookPlanned, Attempts: 2, LastError: "no answer in time", DueAt: &due, CreatedAt: sent},
		},
		Candidates: []outreach.Candidate{{Kind: "referral", State: "suggested", Contact: outreach.Contact{Name: "Bo Ek", Email: "bo@acme.example", Title: "CFO"}}},
	}}
}

// desk remembers what it was asked for.
type desk struct{ asked []string }

func (d *desk) PauseLead(context.Context, outreach.LeadID) error {
	d.asked = append(d.asked, "pause")
	return nil
}

func (d *desk) ResumeLead(context.Context, outreach.LeadID) error {
	d.asked = append(d.asked, "resume")
	return nil
}

func (d *desk) StopLead(context.Context, outreach.LeadID) error {
	d.asked = append(d.asked, "stop")
	return nil
}

func (d *desk) HandleReply(context.Context, outreach.MessageID) error {
	d.asked = append(d.asked, "handled")
	return nil
}

func (d *desk) CorrectReply(_ context.Context, _ outreach.MessageID, label outreach.Label) error {
	if label == "nonsense" {
		return fmt.Errorf("%w: %q is no label", outreach.ErrInvalid, label)
	}
	d.asked = append(d.asked, "correct "+string(label))
	return nil
}

func (d *desk) FinishTask(context.Context, outreach.TaskID) (outreach.LeadID, error) {
	d.asked = append(d.asked, "task done")
	return 7, nil
}

func TestButtonsDoWhatTheySay(t *testing.T) {
	for path, c := range map[string]struct{ form, asked, next string }{
		"/replies/3/handled": {"", "handled", "/replies?open=1"},
		"/replies/3/label":   {"label=price", "correct price", "/replies?open=1"},
		"/tasks/5/done":      {"", "task done", "/leads/7"},
		"/leads/7/stop":      {"", "stop", "/leads/7"},
	} {
		d := &desk{}
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(c.form))
		r.Host = "127.0.0.1:8080"
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		operator(ann(""), d).ServeHTTP(w, r)
		if diff := cmp.Diff([]string{c.asked}, d.asked); diff != "" || w.Header().Get("Location") != c.next {
			t.Errorf("%s leads to %q: %s", path, w.Header().Get("Location"), diff)
		}
	}
}

func operator(b board, d web.Desk) http.Handler {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	bant := &qualify.Framework{ID: "bant", Name: "BANT", Pass: 3, Criteria: []qualify.Criterion{
		{ID: "budget", Name: "Budget", Facts: []string{"budget"}, Weight: 1, Question: "What is set aside for this?"},
		{ID: "timeline", Name: "Timeline", Facts: []string{"timeline"}, Weight: 1, Question: "By when should it run?"},
	}}
	return web.Operator{
		Board: b, Desk: d, Clock: clock.NewStepped(monday), Zone: berlin, Logger: slog.New(slog.DiscardHandler), Framework: bant,
	}.Handler()
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "127.0.0.1:8080"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEveryPageReadsAsItsGoldenFile(t *testing.T) {
	h := operator(ann("too expensive for us"), &desk{})
	for name, path := range map[string]string{
		"overview": "/", "leads": "/leads?stage=new", "lead": "/leads/7", "replies": "/replies?open=1", "sends": "/sends",
		"unknown": "/sends?state=unknown", "mailboxes": "/mailboxes",
	} {
		t.Run(name, func(t *testing.T) {
			w := get(h, path)
			if w.Code != http.StatusOK {
				t.Fatalf("status %d", w.Code)
			}
			golden(t, name+".html", w.Body.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestNoPageHasATraceOfTheRealYear(t *testing.T) {
	year := clock.Machine{}.Now().Format("2006")
	h := operator(ann("hello"), &desk{})
	for _, path := range []string{"/", "/leads", "/leads/7", "/replies", "/sends", "/mailboxes"} {
		w := get(h, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, w.Code)
		}
		if strings.Contains(w.Body.String(), year) || w.Header().Get("Last-Modified") != "" {
			t.Errorf("%s shows %s", path, year)
		}
	}
}

func TestWhatALeadWroteDoesNothingInABrowser(t *testing.T) {
	evil := `<script>alert(1)</script><img src=x onerror=alert(2)>" onmouseover="x`
	h := operator(ann(evil), &desk{})
	for _, path := range []string{"/", "/leads", "/leads/7", "/replies", "/sends"} {
		w := get(h, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, w.Code)
		}
		if body := w.Body.String(); strings.Contains(body, "<script") || strings.Contains(body, "<img") || strings.Contains(body, `" onmouseover="`) {
			t.Errorf("%s lets markup through", path)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: Content-Security-Policy = %q", path, csp)
		}
	}
}

func TestButtonsObeyOnlyFormsOfOurOwn(t *testing.T) {
	for name, c := range map[string]struct {
		header, value string
		want          int
		asked         []string
	}{
		"our own form":         {"Sec-Fetch-Site", "same-origin", http.StatusSeeOther, []string{"pause"}},
		"another site":         {"Sec-Fetch-Site", "cross-site", http.StatusForbidden, nil},
		"an old browser":       {"Origin", "https://evil.example", http.StatusForbidden, nil},
		"an old browser, ours": {"Origin", "http://127.0.0.1:8080", http.StatusSeeOther, []string{"pause"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := &desk{}
			r := httptest.NewRequest(http.MethodPost, "/leads/7/pause", nil)
			r.Host = "127.0.0.1:8080"
			r.Header.Set(c.header, c.value)
			w := httptest.NewRecorder()
			operator(ann(""), d).ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("status = %d, want %d", w.Code, c.want)
			}
			if diff := cmp.Diff(c.asked, d.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

func TestThePagesAnswerOnlyUnderLoopbackNames(t *testing.T) {
	for host, want := range map[string]int{
		"127.0.0.1:8080": http.StatusOK, "localhost": http.StatusOK, "[::1]:8080": http.StatusOK,
		"rebound.example:8080": http.StatusMisdirectedRequest, "192.0.2.1": http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		operator(ann(""), nil).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", host, w.Code, want)
		}
	}
}

func TestAnUnknownLeadAndAnUnknownPageAreNotFound(t *testing.T) {
	for _, path := range []string{"/leads/8", "/leads/x", "/leads/-1", "/nothing"} {
		if w := get(operator(ann(""), nil), path); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, w.Code)
		}
	}
}

// optOuts remembers tokens.
type optOuts struct {
	tokens []string
	err    error
}

func (o *optOuts) Unsubscribe(_ context.Context, token string) error {
	o.tokens = append(o.tokens, token)
	return o.err
}

func public(o *optOuts, ready error) http.Handler {
	return web.Public{
		OptOuts: o, Clock: clock.NewStepped(monday), Logger: slog.New(slog.DiscardHandler),
		Ready: func(context.Context) error { return ready },
	}.Handler()
}

func TestLookingAtAnUnsubscribeLinkChangesNothing(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		o := &optOuts{}
		w := httptest.NewRecorder()
		public(o, nil).ServeHTTP(w, httptest.NewRequest(method, "/u/abc.def", nil))
		if w.Code != http.StatusOK || len(o.tokens) > 0 || len(w.Header()["Set-Cookie"]) > 0 {
			t.Errorf("%s: status %d, tokens %v", method, w.Code, o.tokens)
		}
		if method == http.MethodGet {
			golden(t, "unsubscribe.html", w.Body.String())
		}
	}
}

func TestOneClickAndTheButtonUnsubscribe(t *testing.T) {
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	if err := errors.Join(parts.WriteField("List-Unsubscribe", "One-Click"), parts.Close()); err != nil {
		t.Fatal(err)
	}
	urlencoded := "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		kind, body string
		err        error
		want       int
		tokens     []string
	}{
		"one click":           {urlencoded, "List-Unsubscribe=One-Click", nil, http.StatusOK, []string{"abc.def"}},
		"one click multipart": {parts.FormDataContentType(), form.String(), nil, http.StatusOK, []string{"abc.def"}},
		"the button":          {urlencoded, "stop=yes", nil, http.StatusOK, []string{"abc.def"}},
		"a blind POST":        {urlencoded, "", nil, http.StatusBadRequest, nil},
		"a huge one":          {urlencoded, "x=" + strings.Repeat("y", 1<<20), nil, http.StatusBadRequest, nil},
		"a database away":     {urlencoded, "stop=yes", errors.New("away"), http.StatusServiceUnavailable, []string{"abc.def"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &optOuts{err: c.err}
			r := httptest.NewRequest(http.MethodPost, "/u/abc.def", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.kind)
			r.Header.Set("Sec-Fetch-Site", "cross-site") // mail programs post from anywhere
			w := httptest.NewRecorder()
			public(o, nil).ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("status = %d, want %d", w.Code, c.want)
			}
			if diff := cmp.Diff(c.tokens, o.tokens); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHealthIsNotReadiness(t *testing.T) {
	h := public(&optOuts{}, errors.New("no database"))
	if w := get(h, "/healthz"); w.Code != http.StatusOK {
		t.Errorf("healthz = %d", w.Code)
	}
	if w := get(h, "/readyz"); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "database") {
		t.Errorf("readyz = %d %q; want 503 without the reason", w.Code, w.Body)
	}
	if w := get(public(&optOuts{}, nil), "/readyz"); w.Code != http.StatusOK {
		t.Errorf("readyz = %d", w.Code)
	}
}

func TestWhatCannotBeDoneIsSaidAndNoFault(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/replies/3/label", strings.NewReader("label=nonsense"))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	operator(ann(""), &desk{}).ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "is no label") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := get(operator(ann(""), nil), "/leads?q=%00%ff&list=%00&stage=%00"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "\x00") {
		t.Errorf("a NUL in the query: %d", w.Code)
	}
}
