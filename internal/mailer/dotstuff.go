package mailer

import (
	"bytes"
	"errors"
	"fmt"
)

// maxLine is the longest line of a mail without its CRLF, in octets (RFC 5321,
// section 4.5.3.1.6).
const maxLine = 998

// errLines says that a mail's lines would mean something else on the wire.
var errLines = errors.New("a bare CR or LF in the mail")

// dotStuff prepares a mail for the wire: lines that start with a dot get
// another (RFC 5321, section 4.5.2) and the end is a CRLF, so that ".\r\n" alone
// ends it. A bare CR or LF is refused, since servers disagree on what it ends.
func dotStuff(raw []byte) ([]byte, error) {
	if err := checkLines(raw); err != nil {
		return nil, err
	}
	extra := bytes.Count(raw, []byte("\r\n."))
	first := bytes.HasPrefix(raw, []byte("."))
	terminated := bytes.HasSuffix(raw, []byte("\r\n"))
	if extra == 0 && !first && terminated {
		return raw, nil
	}
	out := make([]byte, 0, len(raw)+extra+3)
	if first {
		out = append(out, '.')
	}
	out = append(out, bytes.ReplaceAll(raw, []byte("\r\n."), []byte("\r\n.."))...)
	if !terminated {
		out = append(out, "\r\n"...)
	}
	return out, nil
}

func checkLines(raw []byte) error {
	for len(raw) > 0 {
		end := bytes.IndexByte(raw, '\n')
		line := raw
		if end >= 0 {
			if end == 0 || raw[end-1] != '\r' {
				return errLines
			}
			line, raw = raw[:end-1], raw[end+1:]
		} else {
			raw = nil
		}
		if bytes.IndexByte(line, '\r') >= 0 {
			return errLines
		}
		if len(line) > maxLine {
			return fmt.Errorf("a line of %d octets in the mail; %d are allowed", len(line), maxLine)
		}
	}
	return nil
}
