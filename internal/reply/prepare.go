package reply

import (
	"bytes"
	"errors"
)

// The limits a mail is cut to before it is parsed. They are far above what
// people send and far below what hurts: net/mail takes 450 MB for a header of
// 50 MB, and nested parts cost quadratic time.
const (
	maxMail       = 25 << 20
	maxHeader     = 256 << 10
	maxHeaderLine = 64 << 10
	maxBoundaries = 12  // multiparts; enmime takes twice as long for each that is left open
	maxParts      = 500 // boundary lines
)

// ErrEmpty is the one thing that Parse refuses.
var ErrEmpty = errors.New("empty mail")

// prepare brings a mail into the shape that parsers expect: LF line ends, no
// mbox line, a bounded header, a bounded number of parts. It tells whether
// something was cut off.
func prepare(raw []byte) ([]byte, bool) {
	cut := false
	if len(raw) > maxMail {
		raw, cut = raw[:maxMail], true
	}
	raw = dropMboxLine(unifyNewlines(raw))
	head, body := splitHeader(raw)
	bounded := boundHeader(head)
	kept := boundParts(bounded, body)
	cut = cut || len(bounded) < len(head) || len(kept) < len(body)
	out := make([]byte, 0, len(bounded)+1+len(kept))
	out = append(out, bounded...)
	out = append(out, '\n')
	return append(out, kept...), cut
}

// unifyNewlines turns CRLF and the lone CR of old Macs into LF.
func unifyNewlines(raw []byte) []byte {
	if bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i, c := range raw {
		switch {
		case c != '\r':
			out = append(out, c)
		case i+1 < len(raw) && raw[i+1] == '\n': // the LF follows
		case i+2 < len(raw) && raw[i+1] == '\r' && raw[i+2] == '\n': // CR CR LF: a gateway's slip
		default:
			out = append(out, '\n')
		}
	}
	return out
}

// dropMboxLine removes blank lines and the envelope line ("From sender date",
// RFC 4155) that stand before the header.
func dropMboxLine(raw []byte) []byte {
	raw = bytes.TrimLeft(raw, "\n \t\x00")
	raw = bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF"))
	if bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) {
		if end := bytes.IndexByte(raw, '\n'); end >= 0 {
			return raw[end+1:]
		}
	}
	return raw
}

// splitHeader cuts at the first blank line; the header keeps its last LF.
func splitHeader(raw []byte) (head, body []byte) {
	if bytes.HasPrefix(raw, []byte("\n")) {
		return nil, raw[1:]
	}
	if i := bytes.Index(raw, []byte("\n\n")); i >= 0 {
		return raw[:i+1], raw[i+2:]
	}
	return raw, nil
}

// boundHeader keeps the first maxHeader bytes of a header in whole lines, each
// of at most maxHeaderLine bytes.
func boundHeader(head []byte) []byte {
	if len(head) <= maxHeaderLine {
		return head
	}
	out := make([]byte, 0, maxHeader)
	for len(head) > 0 {
		line := nextLine(head)
		head = head[len(line):]
		if len(line) > maxHeaderLine {
			line = append(line[:maxHeaderLine:maxHeaderLine], '\n')
		}
		if len(out)+len(line) > maxHeader {
			break
		}
		out = append(out, line...)
	}
	return out
}

// nextLine is the first line of b with its LF.
func nextLine(b []byte) []byte {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1]
	}
	return b
}

// boundParts cuts the body where it declares or opens more parts than any
// honest mail has, so that the MIME parser's work stays linear.
func boundParts(head, body []byte) []byte {
	boundaries := declaredBoundaries(nil, head)
	parts := 0
	for at := 0; at < len(body); {
		line := nextLine(body[at:])
		switch {
		case bytes.HasPrefix(line, []byte("--")) && opensPart(boundaries, line):
			parts++
		case len(line) < maxHeaderLine:
			boundaries = declaredBoundaries(boundaries, line)
		}
		if parts > maxParts || len(boundaries) > maxBoundaries {
			return body[:at]
		}
		at += len(line)
	}
	return body
}

// declaredBoundaries adds the boundary parameters (RFC 2046, section 5.1.1)
// that a header or a line of one declares.
func declaredBoundaries(known [][]byte, b []byte) [][]byte {
	for {
		i := indexFold(b, "boundary")
		if i < 0 {
			return known
		}
		b = b[i+len("boundary"):]
		value := bytes.TrimLeft(b, " \t*0123456789")
		if len(value) == 0 || value[0] != '=' {
			continue
		}
		value = bytes.TrimLeft(value[1:], " \t\"'")
		end := bytes.IndexAny(value, "\"';\n")
		if end < 0 {
			end = len(value)
		}
		known = append(known, bytes.TrimRight(value[:end], " \t"))
	}
}

// indexFold finds an ASCII word in any case. Lines without its first letter,
// which is nearly all, cost one scan.
func indexFold(b []byte, word string) int {
	for at := 0; at+len(word) <= len(b); {
		i := bytes.IndexAny(b[at:], word[:1]+string(word[0]-'a'+'A'))
		if i < 0 || at+i+len(word) > len(b) {
			return -1
		}
		at += i
		if bytes.EqualFold(b[at:at+len(word)], []byte(word)) {
			return at
		}
		at++
	}
	return -1
}

func opensPart(boundaries [][]byte, line []byte) bool {
	for _, boundary := range boundaries {
		if bytes.HasPrefix(line[2:], boundary) {
			return true
		}
	}
	return false
}
