package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"regexp"
)

// What the key is used for here, so that a callback's token cannot be taken for
// that of a mail, nor the other way round.
const (
	useEvent    = "drumbeat/token/event/1\x00"
	useCallback = "drumbeat/token/callback/1\x00"
)

// eventChars of the HMAC are an event's id: 130 bits as base32.
const eventChars = 26

var callbackPattern = regexp.MustCompile(`^([a-z2-7]{26})\.([a-z2-7]{20})$`)

// Event is the id of what a webhook step tells another service. It hangs on the
// key alone and on no clock: a database that was restored from a backup tells the
// same event under the same id, and its receiver knows it again.
func (k Keys) Event(key string) string { return signFor(k.all[0], useEvent, key)[:eventChars] }

// Callback is the token by which the receiver of an event says that it has done
// what it was asked to. Only who was sent it can know it.
func (k Keys) Callback(event string) string {
	return event + "." + signFor(k.all[0], useCallback, event)[:signatureChars]
}

// VerifyCallback gives the event of a callback's token; false: it is not ours.
func (k Keys) VerifyCallback(token string) (event string, ok bool) {
	match := callbackPattern.FindStringSubmatch(token)
	if match == nil {
		return "", false
	}
	for _, key := range k.all {
		if hmac.Equal([]byte(signFor(key, useCallback, match[1])[:signatureChars]), []byte(match[2])) {
			return match[1], true
		}
	}
	return "", false
}

func signFor(key []byte, use, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(use + text))
	return lowerBase32.EncodeToString(mac.Sum(nil))
}
