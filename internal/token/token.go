// Package token makes the Message-IDs of our mails and recognises them again.
//
// The left side of a Message-ID is the token of that one mail: a ULID and an HMAC
// over it. It stands in the header, in the unsubscribe URL, and comes
// back in References, bounces and quotes; nobody can make one up. The package is
// pure: the same send gives the same token in a simulation, a retry and reality.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// signatureChars of the HMAC stand in a token: 100 bits as base32.
const signatureChars = 20

// What the key is used for, so that one use cannot be passed off as the other.
const (
	useIdentity  = "drumbeat/token/identity/1\x00"
	useSignature = "drumbeat/token/signature/1\x00"
)

var (
	lowerBase32  = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	tokenPattern = regexp.MustCompile(`(?i)\b([0-7][0-9a-hjkmnp-tv-z]{25})\.([a-z2-7]{20})`)
)

// Keys sign and check tokens. The zero value signs nothing that is worth
// checking; use NewKeys.
type Keys struct {
	all [][]byte // the first signs, all check
}

// NewKeys takes the secret that signs and those that were used before it and
// are still honoured, while mails signed with them may be answered.
func NewKeys(signing []byte, older ...[]byte) Keys {
	return Keys{all: append([][]byte{signing}, older...)}
}

// MessageID is the Message-ID of a send, with angle brackets. at is the sales
// time at which the row was written, the key its dedupe key, the domain that of
// the mailbox.
func (k Keys) MessageID(at time.Time, dedupeKey, domain string) string {
	return "<" + k.New(at, dedupeKey) + "@" + domain + ">"
}

// New is the token alone.
func (k Keys) New(at time.Time, dedupeKey string) string {
	mac := hmac.New(sha256.New, k.all[0])
	mac.Write([]byte(useIdentity))
	_ = binary.Write(mac, binary.BigEndian, at.UnixMilli()) // a hash takes everything
	mac.Write([]byte(dedupeKey))
	var id ulid.ULID
	copy(id[6:], mac.Sum(nil))
	ms := max(at.UnixMilli(), 0)
	_ = id.SetTime(min(uint64(ms), ulid.MaxTime())) // cannot fail: it is at most MaxTime
	text := strings.ToLower(id.String())
	return text + "." + sign(k.all[0], text)
}

// Verify tells whether a token, or the Message-ID that holds one, is ours, and
// gives its ULID. Letter case does not matter: some servers change it.
func (k Keys) Verify(messageID string) (id string, ok bool) {
	token := Of(messageID)
	match := tokenPattern.FindStringSubmatch(token)
	if match == nil || len(match[0]) != len(token) {
		return "", false
	}
	for _, key := range k.all {
		if hmac.Equal([]byte(sign(key, match[1])), []byte(match[2])) {
			return match[1], true
		}
	}
	return "", false
}

// Find gives the tokens in a text that are ours, each once, in the order in
// which they first stand there.
func (k Keys) Find(text string) []string {
	var found []string
	for _, candidate := range tokenPattern.FindAllString(text, -1) {
		candidate = strings.ToLower(candidate)
		if slices.Contains(found, candidate) {
			continue
		}
		if _, ok := k.Verify(candidate); ok {
			found = append(found, candidate)
		}
	}
	return found
}

// Of is what could be the token of a Message-ID: its left side, in lower case,
// without the bracket. It is not checked.
func Of(messageID string) string {
	left, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(messageID), "<>"), "@")
	return strings.ToLower(left)
}

func sign(key []byte, id string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(useSignature + id))
	return lowerBase32.EncodeToString(mac.Sum(nil))[:signatureChars]
}
