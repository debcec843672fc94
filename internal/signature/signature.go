// Package signature signs requests between programs and checks their signatures,
// in the form of the Standard Webhooks specification (standardwebhooks.com), so
// that a receiver can use a library of its own language instead of reading ours.
// Both directions use it: what a webhook step sends, and what a hook is sent.
//
// A request carries three headers: webhook-id (of the event, the same on every
// attempt), webhook-timestamp (Unix seconds of the attempt) and webhook-signature
// (`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; several, apart by
// spaces, while a secret is being changed). The package is pure: the time comes in.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The names of the headers.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// Tolerance is how far a timestamp may lie from now, either way: what was
// recorded on the wire is worth nothing afterwards.
const Tolerance = 5 * time.Minute

// secretPrefix marks a secret that is written as base64, as the specification
// has it; any other is taken as it stands.
const secretPrefix = "whsec_"

// Why a request is not believed. None of them says how near it was.
var (
	ErrMissing  = errors.New("a signature header is missing or malformed")
	ErrStale    = errors.New("the timestamp is more than five minutes away")
	ErrMismatch = errors.New("no signature fits")
)

// idPattern is what an event's id may be: it becomes part of what is signed, so
// it holds no dot, and it is kept, so it has an end.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{8,128}$`)

// Key reads a secret as it is written in a setting; an error when it begins with
// whsec_ and goes on with something that is no base64, or is empty.
func Key(secret string) ([]byte, error) {
	encoded, marked := strings.CutPrefix(secret, secretPrefix)
	if !marked {
		if secret == "" {
			return nil, errors.New("the secret is empty")
		}
		return []byte(secret), nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) == 0 {
		return nil, fmt.Errorf("behind %s the secret is no base64", secretPrefix)
	}
	return key, nil
}

// Sign gives the value of the signature header.
func Sign(key []byte, id string, at time.Time, body []byte) string {
	return "v1," + base64.StdEncoding.EncodeToString(mac(key, id, strconv.FormatInt(at.Unix(), 10), body))
}

// Signed is a request as it came, before anything in it is believed.
type Signed struct {
	ID        string
	Timestamp string
	Signature string
	Body      []byte
}

// Verify tells whether the request was signed with the key within Tolerance of
// now. That it is no repetition is the caller's to see, by its ID.
func Verify(key []byte, r Signed, now time.Time) error {
	seconds, err := strconv.ParseInt(r.Timestamp, 10, 64)
	if err != nil || !idPattern.MatchString(r.ID) || r.Signature == "" || len(key) == 0 {
		return ErrMissing
	}
	want := mac(key, r.ID, r.Timestamp, r.Body)
	fits := false
	for _, one := range strings.Fields(r.Signature) {
		encoded, found := strings.CutPrefix(one, "v1,")
		got, err := base64.StdEncoding.DecodeString(encoded)
		fits = fits || found && err == nil && hmac.Equal(got, want)
	}
	if !fits {
		return ErrMismatch
	}
	// After the signature: a stranger learns nothing about our clock.
	if apart := now.Sub(time.Unix(seconds, 0)); apart > Tolerance || apart < -Tolerance {
		return ErrStale
	}
	return nil
}

func mac(key []byte, id, timestamp string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + timestamp + "."))
	h.Write(body)
	return h.Sum(nil)
}
