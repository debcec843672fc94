package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode"

	"drumbeat/internal/outreach"
)

const (
	// maxHook bounds what another program may send us.
	maxHook = 64 << 10
	// maxNote bounds, in runes, what of it is kept.
	maxNote = 200
)

// CallbackURL is the address at which the receiver of an event calls back; base is
// the public one, without a slash at its end.
func CallbackURL(base, token string) string { return base + "/c/" + token }

// callBack completes the step that waits for an event. The token is the proof:
// only who was told of the event knows it. A second time changes nothing and is
// answered like the first, but for completed.
func (p *public) callBack(w http.ResponseWriter, r *http.Request) {
	note, err := noteOf(w, r)
	if err != nil {
		answerJSON(w, http.StatusRequestEntityTooLarge, map[string]any{"error": "the body is longer than 64 KiB"})
		return
	}
	ctx, cancel := doneAnyway(r)
	defer cancel()
	completed, err := p.Callbacks.CallBack(ctx, r.PathValue("token"), note)
	switch {
	case errors.Is(err, outreach.ErrNotFound):
		answerJSON(w, http.StatusNotFound, map[string]any{"error": "there is no such callback"})
	case err != nil:
		p.Logger.ErrorContext(r.Context(), "callback failed", "error", err)
		answerJSON(w, http.StatusServiceUnavailable, map[string]any{"error": "this did not work just now; please call again"})
	default:
		answerJSON(w, http.StatusOK, map[string]any{"completed": completed})
	}
}

// noteOf reads the few words that a caller may leave: {"note": "invite accepted"}.
// A body that says nothing of the kind is none: calling back is what counts.
func noteOf(w http.ResponseWriter, r *http.Request) (string, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHook))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return "", err
	}
	var body struct {
		Note string `json:"note"`
	}
	_ = json.Unmarshal(raw, &body) // no JSON, no note
	return short(body.Note), nil
}

// short is a text of another program as it may stand in an event: one line of
// printable characters.
func short(text string) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), maxNote)])
}

// onlyPost refuses to act on a GET: scanners and previews follow every link.
func onlyPost(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	answerJSON(w, http.StatusMethodNotAllowed, map[string]any{"error": "only POST does something here"})
}

// answerJSON answers a program.
func answerJSON(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the caller has gone: nothing to be done
}
