package reply

import (
	"net/textproto"
	"strings"
)

// has tells whether a leaf of this type is there.
func (e envelope) has(mediaType string) bool {
	for _, p := range e.leaves {
		if p.mediaType == mediaType {
			return true
		}
	}
	return false
}

// originalHeaders are the headers of the mails that a report encloses.
func originalHeaders(e envelope) []textproto.MIMEHeader {
	var out []textproto.MIMEHeader
	for _, p := range e.leaves {
		switch p.mediaType {
		case "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers", "message/partial":
			head, _ := splitHeader([]byte(strings.TrimLeft(p.text(), "\n ")))
			out = append(out, plainHeader(boundHeader(head)))
		}
	}
	return out
}

// innerIDs are the Message-IDs of enclosed mails, and the ID that RFC 3464's
// and RFC 8098's fields name.
func innerIDs(e envelope) []string {
	var out []string
	for _, header := range originalHeaders(e) {
		out = append(out, header["Message-Id"]...)
		out = append(out, header["References"]...)
		out = append(out, header["In-Reply-To"]...)
	}
	for _, p := range e.leaves {
		if strings.HasPrefix(p.mediaType, "message/") && strings.Contains(p.mediaType, "notification") || p.mediaType == "message/delivery-status" {
			out = append(out, bodyIDs(p.text())...)
		}
	}
	return out
}
