package web

import (
	"errors"
	"io"
	"net/http"

	"drumbeat/internal/outreach"
	"drumbeat/internal/signature"
)

// stopLead takes in that a lead is to be left alone: a meeting was booked
// elsewhere, a deal was closed. The request is signed with DRUMBEAT_HOOK_SECRET; who
// cannot sign learns nothing, not even whether the address is a lead's.
func (p *public) stopLead(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHook))
	if err != nil {
		answerJSON(w, http.StatusRequestEntityTooLarge, map[string]any{"error": "the body is longer than 64 KiB, or ended early"})
		return
	}
	ctx, cancel := doneAnyway(r)
	defer cancel()
	stopped, err := p.LeadStops.StopLead(ctx, signature.Signed{
		ID: r.Header.Get(signature.HeaderID), Timestamp: r.Header.Get(signature.HeaderTimestamp),
		Signature: r.Header.Get(signature.HeaderSignature), Body: body,
	})
	switch {
	case errors.Is(err, signature.ErrMissing), errors.Is(err, signature.ErrStale), errors.Is(err, signature.ErrMismatch):
		p.Logger.WarnContext(r.Context(), "hook refused", "hook", "lead-stop", "reason", err)
		answerJSON(w, http.StatusUnauthorized, map[string]any{"error": err.Error()})
	case errors.Is(err, outreach.ErrInvalid):
		answerJSON(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
	case err != nil:
		p.Logger.ErrorContext(r.Context(), "hook failed", "hook", "lead-stop", "error", err)
		answerJSON(w, http.StatusServiceUnavailable, map[string]any{"error": "this did not work just now; please send it again"})
	default:
		answerJSON(w, http.StatusOK, map[string]any{"leads": stopped.Leads, "repeated": stopped.Repeated})
	}
}
