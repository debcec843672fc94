package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"regexp"
	"strings"
	"time"
)

// useCallback keeps a callback's token from being taken for that of a mail, and
// the other way round.
const useCallback = "drumbeat/token/callback/1\x00"

var callbackPattern = regexp.MustCompile(`^([0-7][0-9a-hjkmnp-tv-z]{25})\.([a-z2-7]{20})$`)

// Event is the id of what a webhook step tells another service: the same for the
// same key and moment, so that every attempt carries it.
func (k Keys) Event(at time.Time, dedupeKey string) string {
	id, _, _ := strings.Cut(k.New(at, dedupeKey), ".")
	return id
}

// Callback is the token by which the receiver of an event says that it has done
// what it was asked to. Only who was sent it can know it.
func (k Keys) Callback(event string) string { return event + "." + signCallback(k.all[0], event) }

// VerifyCallback gives the event of a callback's token; false: it is not ours.
func (k Keys) VerifyCallback(token string) (event string, ok bool) {
	match := callbackPattern.FindStringSubmatch(token)
	if match == nil {
		return "", false
	}
	for _, key := range k.all {
		if hmac.Equal([]byte(signCallback(key, match[1])), []byte(match[2])) {
			return match[1], true
		}
	}
	return "", false
}

func signCallback(key []byte, event string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(useCallback + event))
	return lowerBase32.EncodeToString(mac.Sum(nil))[:signatureChars]
}
