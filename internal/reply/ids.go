package reply

import (
	"strings"

	"drumbeat/internal/pattern"
)

var (
	// messageIDPattern is a msg-id (RFC 5322, section 3.6.4) as servers mangle it.
	messageIDPattern = pattern.New(`<[^<>@\s]{1,250}@[^<>@\s]{1,250}>`)
	addressPattern   = pattern.New(`[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?`)
)

// maxIDs bounds how many Message-IDs of one mail are kept: threads of hundreds
// exist, threads of thousands are attacks.
const maxIDs = 200

// messageIDs are the IDs in a header value, in order, once each. IDs may be
// separated by commas (Exchange, iOS) and folded anywhere.
func messageIDs(values ...string) []string {
	var ids []string
	seen := map[string]bool{}
	for _, value := range values {
		for _, id := range messageIDPattern.FindAllString(value, maxIDs) {
			if !seen[id] && len(ids) < maxIDs {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// threadIDs are the IDs of References and In-Reply-To. The latter is the
// nearest ancestor and comes last, where it is not already there.
func threadIDs(h Header) []string {
	return messageIDs(append(h.Values("References"), h.Values("In-Reply-To")...)...)
}

// firstID is the first Message-ID of a header by name.
func firstID(h Header, name string) string {
	if ids := messageIDs(h.Values(name)...); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// bodyIDs are the IDs that a text speaks of: lines that name them (Message-ID,
// References) and any other msg-id in angle brackets.
func bodyIDs(text string) []string {
	var ids []string
	for _, id := range messageIDPattern.FindAllString(text, maxIDs) {
		if !strings.HasPrefix(strings.ToLower(id), "<mailto:") {
			ids = append(ids, id)
		}
	}
	return ids
}
