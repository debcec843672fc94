package outbound

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"drumbeat/internal/outreach"
	"drumbeat/internal/render"
	"drumbeat/internal/sequence"
	"drumbeat/internal/signature"
)

// webhook puts the event of a webhook step into the outbox. It needs the lead and
// the hour, as a task does, for what the service does with it is done to the lead.
func (b *batchOf) webhook(s *script, step sequence.Step, due outreach.DueStep) outreach.ClaimDecision {
	event := outreach.WebhookEvent{
		LeadID: due.Lead.ID, EnrolmentID: due.Enrolment.ID, SequenceID: s.ID, RevisionID: due.Enrolment.RevisionID,
		StepID: step.ID, StepIndex: due.Enrolment.Step,
	}
	if b.Webhook != nil {
		if err := b.Webhook(b.ctx, due, step, b.now, &event); err != nil {
			return cannotRender(err)
		}
	}
	return outreach.ClaimDecision{
		Action: outreach.ClaimWebhook, StepID: step.ID, Webhook: event, Next: progress(s, due, b.now),
	}
}

// webhookPauses are the pauses after each attempt that was not taken, in sales
// time; the last one repeats. The default of eight attempts takes about a day.
func webhookPauses() []time.Duration {
	return []time.Duration{
		30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 12 * time.Hour,
	}
}

// webhookPause is the pause behind an attempt: a little longer or shorter for each
// event, so that a receiver that comes back is not met by all at once, and never
// shorter than the receiver asks for.
func webhookPause(event string, attempts int, asked time.Duration) time.Duration {
	pauses := webhookPauses()
	pause := pauses[min(attempts, len(pauses)-1)]
	sum := sha256.Sum256(fmt.Appendf(nil, "%s:%d", event, attempts))
	spread := int64(binary.BigEndian.Uint32(sum[:4])%300) - 150 // per thousand
	pause += pause * time.Duration(spread) / 1000
	return max(pause, asked).Round(time.Second)
}

// webhookOutcome decides what the end of an attempt means for the delivery and
// its enrolment.
func webhookOutcome(claim outreach.WebhookClaim, s *script, hook *sequence.Webhook, answer outreach.WebhookAnswer, now time.Time) outreach.WebhookSettlement {
	o := outreach.WebhookSettlement{ID: claim.ID, Fence: claim.Fence, At: now, Answer: answer}
	switch {
	case taken(hook, answer) && hook.Blocks():
		o.State, o.Note = outreach.WebhookAccepted, fmt.Sprintf("Taken (%d); the callback is awaited.", answer.Status)
		o.Next = awaitCallback(s, claim, hook, now)
	case taken(hook, answer):
		o.State, o.Note = outreach.WebhookCompleted, fmt.Sprintf("Taken (%d).", answer.Status)
		next := progress(s, stepOf(claim), now)
		o.Next = &next
	case answer.Refused || final(answer.Status) || claim.Attempts+1 >= hook.Attempts:
		o.State, o.Note = outreach.WebhookFailed, fmt.Sprintf("Given up after attempt %d: %s.", claim.Attempts+1, whyNotTaken(answer))
	default:
		at := now.Add(webhookPause(claim.EventID, claim.Attempts, answer.RetryAfter))
		o.State, o.RetryAt = outreach.WebhookPlanned, &at
	}
	return o
}

// awaitCallback keeps the enrolment at its step until the callback comes, or the
// wait for it ends.
func awaitCallback(s *script, claim outreach.WebhookClaim, hook *sequence.Webhook, now time.Time) *outreach.Progress {
	until := now
	if calendar, err := s.Send.Calendar(claim.Enrolment.Timezone, claim.Lead); err == nil {
		if at, ok := calendar.After(now, hook.Callback); ok {
			until = at
		}
	}
	return &outreach.Progress{Step: claim.StepIndex, DueAt: &until, State: outreach.EnrolmentActive}
}

// stepOf is the step of a delivery as what comes next is reckoned from it.
func stepOf(claim outreach.WebhookClaim) outreach.DueStep {
	return outreach.DueStep{Enrolment: claim.Enrolment, Lead: claim.Lead}
}

// taken tells whether an answer means that the receiver has the event.
func taken(hook *sequence.Webhook, answer outreach.WebhookAnswer) bool {
	if len(hook.Expect) > 0 {
		return slices.Contains(hook.Expect, answer.Status)
	}
	return answer.Status >= 200 && answer.Status <= 299
}

// final tells whether a status says that no attempt will ever be taken. Others,
// 404 and 401 among them, may be a receiver that is being set up.
func final(status int) bool {
	return status >= 300 && status <= 399 || status == http.StatusGone
}

func whyNotTaken(answer outreach.WebhookAnswer) string {
	switch {
	case answer.Status >= 300 && answer.Status <= 399:
		return fmt.Sprintf("the receiver answered %d, and redirects are not followed", answer.Status)
	case answer.Status > 0:
		return fmt.Sprintf("the receiver answered %d", answer.Status)
	}
	return strings.TrimSuffix(answer.Error, ".")
}

// environmentReference is a name of the environment in a sequence file.
var environmentReference = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// Environment looks a name up: os.LookupEnv, or what stands for it.
type Environment func(name string) (string, bool)

// fill puts the values in the place of their names. The error names what is not
// set, and never a value.
func (e Environment) fill(text string, as func(string) string) (string, error) {
	var missing []string
	filled := environmentReference.ReplaceAllStringFunc(text, func(reference string) string {
		name := reference[2 : len(reference)-1]
		value, ok := e(name)
		if !ok {
			missing = append(missing, name)
		}
		return as(value)
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("%s is not set in the environment", strings.Join(slices.Compact(missing), ", "))
	}
	return filled, nil
}

func plain(s string) string { return s }

// request is a delivery as it goes over the wire now: signed anew at each
// attempt, with the event's id, which stays.
func (e Environment) request(claim outreach.WebhookClaim, hook *sequence.Webhook, now time.Time) (outreach.WebhookRequest, error) {
	r := outreach.WebhookRequest{Method: hook.Method, Timeout: hook.Timeout, Expect: hook.Expect, Headers: map[string]string{}}
	var err error
	if r.URL, err = e.fill(hook.URL, plain); err != nil {
		return r, err
	}
	for name, value := range hook.Headers {
		if r.Headers[name], err = e.fill(value, strings.TrimSpace); err != nil {
			return r, err
		}
	}
	body, err := e.fill(string(claim.Body), render.JSONText)
	if err != nil {
		return r, err
	}
	r.Body = []byte(body)
	r.Headers[signature.HeaderID] = claim.EventID
	r.Headers[signature.HeaderTimestamp] = fmt.Sprint(now.Unix())
	if hook.Secret == "" {
		return r, nil
	}
	secret, err := e.fill(hook.Secret, plain)
	if err != nil {
		return r, err
	}
	key, err := signature.Key(secret)
	if err != nil {
		return r, fmt.Errorf("%s: %w", hook.Secret, err)
	}
	r.Headers[signature.HeaderSignature] = signature.Sign(key, claim.EventID, now, r.Body)
	return r, nil
}

// Hooks makes the events of webhook steps.
type Hooks struct {
	Scripts *Scripts
	Senders map[outreach.MailboxID]SenderIdentity
	// EventID gives the id of the event with a key, which names the lead, so that no
	// two leads can ever have one event.
	EventID func(key string) string
	// CallbackURL gives the public address at which an event is called back; nil
	// without a public base URL.
	CallbackURL func(event string) string
}

// Fill sets an event's id and body, for a Decider. An error holds the step.
func (h *Hooks) Fill(_ context.Context, due outreach.DueStep, step sequence.Step, now time.Time, event *outreach.WebhookEvent) error {
	known, ok := h.Scripts.known(due.Enrolment.RevisionID)
	if !ok || known.err != nil {
		return fmt.Errorf("revision %d is not at hand", due.Enrolment.RevisionID)
	}
	event.EventID = h.EventID(fmt.Sprintf("%s:%s:%d:%s", outreach.AddressKey(due.Lead.Email), event.SequenceID, due.Enrolment.ID, step.ID))
	fields := render.WebhookFields{EventID: event.EventID, At: now.UTC().Format(time.RFC3339), Sequence: string(event.SequenceID), Step: string(step.ID)}
	if step.Webhook.Blocks() {
		if h.CallbackURL == nil {
			return fmt.Errorf("the step waits for a callback, and DRUMBEAT_BASE_URL does not say where it would come in")
		}
		fields.CallbackURL = h.CallbackURL(event.EventID)
	}
	var err error
	event.Body, err = known.script.webhookBody(step.ID, due, h.Senders[due.Enrolment.MailboxID], fields)
	return err
}
