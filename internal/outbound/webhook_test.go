package outbound_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drumbeat/internal/clock"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/signature"
)

// hooking is a sequence whose first step after the mail is a webhook.
const hooking = `version: 1
id: founders
owner: dana
steps:
  - email: intro.md
  - id: expandi
    wait: 1h
    webhook:
      url: "https://hooks.example/${PATH_KEY}"
      headers: {Authorization: "Bearer ${TOKEN}"}
      secret: ${SIGNING_KEY}
      body: {profile: "{{ linkedin_url }}", name: "{{ first_name }}", key: "${TOKEN}"}
      attempts: 3
%s  - id: bump
    wait: 3d
    email: bump.md
`

func withKeys(keys string) string { return fmt.Sprintf(hooking, keys) }

// fill gives events without a key of an installation.
func fill(d *outbound.Decider, callback bool) {
	h := &outbound.Hooks{Scripts: d.Scripts, EventID: func(key string) string { return "event-of-" + strings.ReplaceAll(key, ":", "-") }}
	if callback {
		h.CallbackURL = func(event string) string { return "https://out.ours.example/c/" + event }
	}
	d.Webhook = h.Fill
}

func linked(d *outreach.DueStep) { d.Lead.LinkedInURL = "https://linkedin.example/in/ana" }

func decideOne(d *outbound.Decider, now time.Time, step outreach.DueStep) outreach.ClaimDecision {
	return d.Decide(context.Background(), now)(mailbox(), []outreach.DueStep{step}).Decisions[0]
}

func TestAWebhookIsToldInTheLeadsHoursAndNeedsNoRoomInAMailbox(t *testing.T) {
	d := decider(withKeys(""))
	fill(d, false)
	full := mailbox()
	full.Reserved = 3
	plan := d.Decide(t.Context(), tuesday)(full, []outreach.DueStep{due(1, 1, linked)})
	got := plan.Decisions[0]
	after := tuesday.Add(72 * time.Hour)
	want := outreach.ClaimDecision{
		Action: outreach.ClaimWebhook, StepID: "expandi", Next: outreach.Progress{Step: 2, DueAt: &after, State: outreach.EnrolmentActive},
		Webhook: outreach.WebhookEvent{
			EventID: "event-of-lead1@acme.example-founders-1-expandi", LeadID: 1, EnrolmentID: 1, SequenceID: "founders", RevisionID: 1, StepID: "expandi", StepIndex: 1,
			Body: []byte(`{"profile":"https://linkedin.example/in/ana","name":"Ana","key":"${TOKEN}"}`),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(plan.Waits) > 0 {
		t.Errorf("(-want +got)\n%s, waits %v", diff, plan.Waits)
	}
	if night := decideOne(d, tuesday.Add(12*time.Hour), due(1, 1, linked)); night.Action != outreach.ClaimWait || night.Reason != outreach.ReasonOutsideWindow {
		t.Errorf("at night: %+v", night)
	}
	if paused := decideOne(d, tuesday, due(1, 1, linked, func(s *outreach.DueStep) { s.Suppressed = true })); paused.Action != outreach.ClaimCancel {
		t.Errorf("suppressed: %+v", paused)
	}
}

func TestAWebhookWithAHoleHoldsItsLead(t *testing.T) {
	d := decider(withKeys(""))
	fill(d, false)
	got := decideOne(d, tuesday, due(1, 1))
	if got.Action != outreach.ClaimHold || got.Hold != outreach.HoldNeedsData || !strings.Contains(got.Note, "linkedin_url") {
		t.Errorf("got %+v", got)
	}
	d = decider(withKeys("      callback: 5d\n"))
	fill(d, false)
	got = decideOne(d, tuesday, due(1, 1, linked))
	if got.Action != outreach.ClaimHold || got.Hold != outreach.HoldRep || !strings.Contains(got.Note, "DRUMBEAT_BASE_URL") {
		t.Errorf("a callback without an address for it: %+v", got)
	}
}

func TestWithoutABodyTheEventIsTheBody(t *testing.T) {
	d := decider(`version: 1
id: founders
owner: dana
steps: [{email: intro.md}, {id: crm, wait: 1h, webhook: {url: "https://hooks.example", callback: 2d}}]
`)
	fill(d, true)
	got := decideOne(d, tuesday, due(1, 1, func(s *outreach.DueStep) {
		s.Lead.Company, s.Lead.Custom = `"Acme" ${TOKEN}`, map[string]string{"seats": "40"}
	}))
	var body map[string]any
	if err := json.Unmarshal(got.Webhook.Body, &body); err != nil {
		t.Fatalf("%s: %v", got.Webhook.Body, err)
	}
	lead, _ := body["lead"].(map[string]any)
	want := map[string]any{"id": "event-of-lead1@acme.example-founders-1-crm", "type": "step", "at": "2031-03-04T09:00:00Z", "sequence": "founders", "step": "crm",
		"callback_url": "https://out.ours.example/c/event-of-lead1@acme.example-founders-1-crm", "lead": lead}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if lead["company"] != `"Acme" ${TOKEN}` || lead["email"] != "lead1@acme.example" || lead["custom"].(map[string]any)["seats"] != "40" {
		t.Errorf("lead %v", lead)
	}
	if strings.Contains(string(got.Webhook.Body), "${") {
		t.Errorf("a lead's data would be looked up in the environment: %s", got.Webhook.Body)
	}
}

// box is an outbox of one delivery and a receiver that answers as it is told to.
type box struct {
	mu       sync.Mutex
	claims   []outreach.WebhookClaim
	answers  []outreach.WebhookAnswer
	requests []outreach.WebhookRequest
	settled  []outreach.WebhookSettlement
	fail     int // settlements that the database does not take
	done     chan struct{}
}

func (b *box) ClaimWebhooks(_ context.Context, q outreach.WebhookQuery) ([]outreach.WebhookClaim, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var claims, rest []outreach.WebhookClaim
	for _, claim := range b.claims {
		if len(claims) < q.Limit && !slices.Contains(q.Busy, outreach.WebhookTarget{SequenceID: claim.SequenceID, StepID: claim.StepID}) {
			claims = append(claims, claim)
		} else {
			rest = append(rest, claim)
		}
	}
	b.claims = rest
	return claims, nil
}

func (b *box) SettleWebhook(_ context.Context, s outreach.WebhookSettlement) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail > 0 {
		b.fail--
		return false, errors.New("the database is away")
	}
	b.settled = append(b.settled, s)
	b.done <- struct{}{}
	return true, nil
}

func (b *box) Post(_ context.Context, r outreach.WebhookRequest) outreach.WebhookAnswer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = append(b.requests, r)
	answer := b.answers[0]
	b.answers = b.answers[1:]
	return answer
}

// deliver lets one attempt be made and gives what was settled.
func deliver(t *testing.T, source string, environment map[string]string, b *box, attempts int) outreach.WebhookSettlement {
	t.Helper()
	b.done = make(chan struct{}, 1)
	b.claims = append(b.claims, outreach.WebhookClaim{
		ID: 7, Attempts: attempts, Fence: 3,
		WebhookEvent: outreach.WebhookEvent{
			EventID: "event-7", LeadID: 1, EnrolmentID: 1, RevisionID: 1, StepID: "expandi", StepIndex: 1,
			Body: []byte(`{"name":"A \u0022${TOKEN} $\u007bTOKEN}","key":"${TOKEN}"}`),
		},
		Lead:      outreach.Lead{ID: 1, Email: "lead1@acme.example"},
		Enrolment: outreach.Enrolment{ID: 1, LeadID: 1, RevisionID: 1, Timezone: "Europe/Berlin", Step: 1},
	})
	d := &outbound.Deliverer{
		Process: "p1", Clock: clock.NewStepped(tuesday), Deliveries: b, Poster: b, Decider: decider(source),
		Environment: func(name string) (string, bool) { value, ok := environment[name]; return value, ok },
		Logger:      slog.New(slog.DiscardHandler),
	}
	if err := d.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-b.done
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.settled[len(b.settled)-1]
}

var keys = map[string]string{"PATH_KEY": "a1/b2", "TOKEN": `t"1`, "SIGNING_KEY": "a signing key of ours"}

func TestARequestIsFilledFromTheEnvironmentAndSigned(t *testing.T) {
	b := &box{answers: []outreach.WebhookAnswer{{Status: 204}}}
	deliver(t, withKeys(""), keys, b, 0)
	r := b.requests[0]
	want := outreach.WebhookRequest{
		Method: "POST", URL: "https://hooks.example/a1/b2", Timeout: 10 * time.Second,
		// The file's reference is filled; what a lead brings and looks like one is not.
		Body: []byte(`{"name":"A \u0022t\"1 $\u007bTOKEN}","key":"t\"1"}`),
		Headers: map[string]string{
			"Authorization": `Bearer t"1`, "webhook-id": "event-7", "webhook-timestamp": fmt.Sprint(tuesday.Unix()),
			"webhook-signature": signature.Sign([]byte("a signing key of ours"), "event-7", tuesday, r.Body),
		},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWhatIsNotSetIsNamedAndTriedAgain(t *testing.T) {
	b := &box{}
	got := deliver(t, withKeys(""), map[string]string{"PATH_KEY": "x", "SIGNING_KEY": "y"}, b, 0)
	if got.State != outreach.WebhookPlanned || got.Answer.Error != "TOKEN is not set in the environment" || len(b.requests) != 0 {
		t.Errorf("got %+v", got)
	}
	bad := map[string]string{"PATH_KEY": "x", "TOKEN": "t", "SIGNING_KEY": "whsec_***"}
	if got := deliver(t, withKeys(""), bad, b, 0); !strings.Contains(got.Answer.Error, "${SIGNING_KEY}") || len(b.requests) != 0 {
		t.Errorf("a key that is none: %+v", got)
	}
}

func TestWhatBecomesOfAnAttempt(t *testing.T) {
	next, callback := tuesday.Add(72*time.Hour), tuesday.Add(5*24*time.Hour)
	onward := &outreach.Progress{Step: 2, DueAt: &next, State: outreach.EnrolmentActive}
	for name, c := range map[string]struct {
		keys     string
		answer   outreach.WebhookAnswer
		attempts int
		state    outreach.WebhookState
		next     *outreach.Progress
		note     string
	}{
		"taken":                     {"", outreach.WebhookAnswer{Status: 200}, 0, outreach.WebhookCompleted, onward, "Taken (200)."},
		"taken with another status": {"", outreach.WebhookAnswer{Status: 299}, 2, outreach.WebhookCompleted, onward, "Taken (299)."},
		"taken, a callback is awaited": {"      callback: 5d\n", outreach.WebhookAnswer{Status: 202}, 0, outreach.WebhookAccepted,
			&outreach.Progress{Step: 1, DueAt: &callback, State: outreach.EnrolmentActive}, "Taken (202); the callback is awaited."},
		"not the status that was expected": {"      expect: [201]\n", outreach.WebhookAnswer{Status: 200}, 0, outreach.WebhookPlanned, nil, ""},
		"the status that was expected":     {"      expect: [201, 409]\n", outreach.WebhookAnswer{Status: 409}, 0, outreach.WebhookCompleted, onward, "Taken (409)."},
		"a server's fault":                 {"", outreach.WebhookAnswer{Status: 500}, 1, outreach.WebhookPlanned, nil, ""},
		"a fault of ours, perhaps":         {"", outreach.WebhookAnswer{Status: 401}, 0, outreach.WebhookPlanned, nil, ""},
		"no answer":                        {"", outreach.WebhookAnswer{Error: "no answer in time"}, 0, outreach.WebhookPlanned, nil, ""},
		"the last attempt":                 {"", outreach.WebhookAnswer{Status: 503}, 2, outreach.WebhookFailed, nil, "Given up after attempt 3: the receiver answered 503."},
		"the last without an answer":       {"", outreach.WebhookAnswer{Error: "no connection"}, 2, outreach.WebhookFailed, nil, "Given up after attempt 3: no connection."},
		"gone":                             {"", outreach.WebhookAnswer{Status: 410}, 0, outreach.WebhookFailed, nil, "Given up after attempt 1: the receiver answered 410."},
		"a redirect":                       {"", outreach.WebhookAnswer{Status: 302}, 0, outreach.WebhookFailed, nil, "Given up after attempt 1: the receiver answered 302, and redirects are not followed."},
		"refused by us":                    {"", outreach.WebhookAnswer{Refused: true, Error: "10.0.0.1 is no public address."}, 0, outreach.WebhookFailed, nil, "Given up after attempt 1: 10.0.0.1 is no public address."},
	} {
		t.Run(name, func(t *testing.T) {
			got := deliver(t, withKeys(c.keys), keys, &box{answers: []outreach.WebhookAnswer{c.answer}}, c.attempts)
			if c.state == outreach.WebhookPlanned && (got.RetryAt == nil || !got.RetryAt.After(tuesday)) {
				t.Errorf("tried again at %v", got.RetryAt)
			}
			got.RetryAt = nil
			want := outreach.WebhookSettlement{ID: 7, Fence: 3, Process: "p1", At: tuesday, State: c.state, Answer: c.answer, Next: c.next, Note: c.note}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestThePausesGrowAndRespectWhatTheReceiverAsks(t *testing.T) {
	pause := func(answer outreach.WebhookAnswer, attempts int) time.Duration {
		answer.Status = 429
		got := deliver(t, withKeys("")+"", keys, &box{answers: []outreach.WebhookAnswer{answer}}, attempts)
		return got.RetryAt.Sub(tuesday)
	}
	first, second := pause(outreach.WebhookAnswer{}, 0), pause(outreach.WebhookAnswer{}, 1)
	if first < 25*time.Second || first > 35*time.Second || second < 100*time.Second || second > 140*time.Second {
		t.Errorf("pauses %s, %s", first, second)
	}
	if again := pause(outreach.WebhookAnswer{}, 0); again != first {
		t.Errorf("the same attempt pauses %s and %s", first, again)
	}
	if asked := pause(outreach.WebhookAnswer{RetryAfter: 20 * time.Minute}, 0); asked != 20*time.Minute {
		t.Errorf("asked for 20 minutes: %s", asked)
	}
}

// silent is a receiver that never answers, beside one that does.
type silent struct {
	began  chan string
	answer chan struct{}
}

func (s silent) Post(_ context.Context, r outreach.WebhookRequest) outreach.WebhookAnswer {
	id := r.Headers[signature.HeaderID]
	s.began <- id
	if strings.HasPrefix(id, "silent") {
		<-s.answer
	}
	return outreach.WebhookAnswer{Status: 200}
}

func TestAReceiverThatIsSilentHoldsUpNoOther(t *testing.T) {
	b := &box{done: make(chan struct{}, 100)}
	for n := range 30 {
		b.claims = append(b.claims, outreach.WebhookClaim{WebhookEvent: outreach.WebhookEvent{
			EventID: fmt.Sprintf("silent-%d", n), SequenceID: "other", RevisionID: 1, StepID: "expandi", StepIndex: 1,
		}})
	}
	b.claims = append(b.claims, outreach.WebhookClaim{WebhookEvent: outreach.WebhookEvent{
		EventID: "prompt", SequenceID: "founders", RevisionID: 1, StepID: "expandi", StepIndex: 1,
	}})
	s := silent{began: make(chan string, 100), answer: make(chan struct{})}
	d := &outbound.Deliverer{
		Clock: clock.NewStepped(tuesday), Deliveries: b, Poster: s, Decider: decider(withKeys("")),
		Environment: func(name string) (string, bool) { return keys[name], true }, Logger: slog.New(slog.DiscardHandler),
	}
	if err := d.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-b.done // only the prompt one can have been settled
	b.mu.Lock()
	if len(b.claims) != 22 {
		t.Errorf("%d of 30 events of the silent one wait, want 22", len(b.claims))
	}
	b.mu.Unlock()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Run(ctx)
	}()
	close(s.answer)
	for range 30 {
		<-b.done
	}
	stop()
	<-ended
}

func TestAnOutcomeWaitsForADatabaseThatIsAway(t *testing.T) {
	b := &box{answers: []outreach.WebhookAnswer{{Status: 200}}, fail: 2}
	if got := deliver(t, withKeys(""), keys, b, 0); got.State != outreach.WebhookCompleted || len(b.requests) != 1 {
		t.Errorf("%+v after %d requests", got, len(b.requests))
	}
}

// answers is an outbox that is called back.
type answers struct {
	claim outreach.WebhookClaim
	ended []string
	moved bool
}

func (a *answers) WebhookByEvent(_ context.Context, event string) (outreach.WebhookClaim, error) {
	if event != a.claim.EventID {
		return outreach.WebhookClaim{}, outreach.ErrNotFound
	}
	return a.claim, nil
}

func (a *answers) Webhook(context.Context, outreach.WebhookID) (outreach.WebhookClaim, error) {
	return a.claim, nil
}

func (a *answers) CompleteWebhook(_ context.Context, event string, next outreach.Progress, at time.Time, note string) (bool, error) {
	a.ended = append(a.ended, fmt.Sprintf("%s goes on at step %d %s later: %s", event, next.Step, next.DueAt.Sub(at), note))
	return a.moved, nil
}

func (a *answers) SkipWebhook(_ context.Context, id outreach.WebhookID, next outreach.Progress, _ time.Time, who string) (bool, error) {
	a.ended = append(a.ended, fmt.Sprintf("%d skipped to %d by %s", id, next.Step, who))
	return a.moved, nil
}

func TestACallbackIsBelievedByItsTokenAlone(t *testing.T) {
	a := &answers{moved: true, claim: outreach.WebhookClaim{
		ID: 7, WebhookEvent: outreach.WebhookEvent{EventID: "event-7", RevisionID: 1, StepIndex: 1},
		Enrolment: outreach.Enrolment{ID: 1, RevisionID: 1, Timezone: "Europe/Berlin", Step: 1},
	}}
	c := outbound.Callbacks{
		Clock: clock.NewStepped(tuesday), Decider: decider(withKeys("")), Answers: a, Logger: slog.New(slog.DiscardHandler),
		Verify: func(token string) (string, bool) { return strings.CutSuffix(token, ".good") },
	}
	if done, err := c.CallBack(t.Context(), "event-7.good", "accepted"); !done || err != nil {
		t.Errorf("%v %v", done, err)
	}
	for _, token := range []string{"event-7.bad", "event-8.good"} {
		if done, err := c.CallBack(t.Context(), token, ""); done || !errors.Is(err, outreach.ErrNotFound) {
			t.Errorf("%s: %v %v", token, done, err)
		}
	}
	if err := c.Skip(t.Context(), 7, "dana"); err != nil {
		t.Error(err)
	}
	if want := []string{"event-7 goes on at step 2 72h0m0s later: accepted", "7 skipped to 2 by dana"}; !slices.Equal(a.ended, want) {
		t.Errorf("ended %v", a.ended)
	}
	a.moved = false
	if err := c.Skip(t.Context(), 7, "dana"); !errors.Is(err, outreach.ErrInvalid) {
		t.Errorf("what is done is skipped: %v", err)
	}
}
