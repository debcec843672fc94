package inbound

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"drumbeat/internal/address"
	"drumbeat/internal/clock"
	"drumbeat/internal/outreach"
	"drumbeat/internal/signature"
)

// LeadStopStore stops leads.
type LeadStopStore interface {
	StopByHook(ctx context.Context, s outreach.HookStop) (outreach.HookStopped, error)
	LeadsByAddress(ctx context.Context, keys []string) (map[string]outreach.LeadID, error)
	PlansOf(ctx context.Context, id outreach.LeadID) ([]string, error)
}

// LeadStops takes in what other programs say about a lead: that it is to be left
// alone, because somebody has booked a meeting by another way.
type LeadStops struct {
	Key   []byte // with which the requests are signed
	Store LeadStopStore
	Clock clock.Clock
	Log   *slog.Logger
}

// leadStop is the body of the hook.
type leadStop struct {
	Email  string `json:"email"`
	Reason string `json:"reason"`
	Note   string `json:"note"`
}

// reasonMeeting is the reason that is also a success.
const reasonMeeting = "meeting_booked"

// StopLead stops the lead with an address, and all mail to it. A request that was
// acted on before changes nothing, whether it is repeated by who sent it or by
// somebody who has recorded it. The errors are those of package signature, and
// outreach.ErrInvalid for a body that says nothing useful.
func (s *LeadStops) StopLead(ctx context.Context, r signature.Signed) (outreach.HookStopped, error) {
	now := s.Clock.Now()
	if err := signature.Verify(s.Key, r, now); err != nil {
		return outreach.HookStopped{}, err
	}
	body, err := readLeadStop(r.Body)
	if err != nil {
		return outreach.HookStopped{}, err
	}
	stop := outreach.HookStop{
		RequestID: r.ID, KeepFor: 2 * signature.Tolerance, Email: body.Email, Reason: outreach.StopElsewhere, At: now,
		Detail: strings.TrimSuffix("Another program said: "+strings.ReplaceAll(body.Reason, "_", " ")+". "+storable(body.Note, maxLine), ". "),
	}
	if body.Reason == reasonMeeting {
		stop.Reason, stop.Stage = outreach.StopMeeting, outreach.StageQualifying
		if stop.Company, err = s.company(ctx, body.Email); err != nil {
			return outreach.HookStopped{}, fmt.Errorf("stop by hook: %w", err)
		}
	}
	stopped, err := s.Store.StopByHook(ctx, stop)
	if err != nil {
		return outreach.HookStopped{}, fmt.Errorf("stop by hook: %w", err)
	}
	s.Log.InfoContext(ctx, "stopped by a hook", "leads", stopped.Leads, "reason", body.Reason, "repeated", stopped.Repeated)
	return stopped, nil
}

// company is the company that a meeting with one of its leads stops as a whole.
func (s *LeadStops) company(ctx context.Context, email string) (string, error) {
	key := outreach.AddressKey(email)
	leads, err := s.Store.LeadsByAddress(ctx, []string{key})
	if err != nil || leads[key] == 0 {
		return "", err
	}
	sources, err := s.Store.PlansOf(ctx, leads[key])
	return companyToStop(outreach.LabelMeeting, email, sources...), err
}

// readLeadStop reads {"email": "...", "reason": "..."}; other keys are ignored, for
// the program that sends it may have more to say than we ask.
func readLeadStop(raw []byte) (leadStop, error) {
	var body leadStop
	if err := json.Unmarshal(raw, &body); err != nil {
		return body, fmt.Errorf(`%w: the body is not JSON like {"email": "ann@acme.example", "reason": "meeting_booked"}`, outreach.ErrInvalid)
	}
	if address.Check(body.Email) != nil {
		return body, fmt.Errorf("%w: email is no address", outreach.ErrInvalid)
	}
	if body.Reason == "" {
		body.Reason = reasonMeeting
	}
	body.Reason = storable(strings.ToLower(body.Reason), maxLine)
	return body, nil
}
