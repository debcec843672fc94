package reply

import (
	"net/textproto"
	"strings"
)

// dsnReports reads a message/delivery-status part (RFC 3464, section 2): a
// group of fields for the message, then one for each recipient. Groups that
// name no recipient are skipped, fields in the first group are forgiven. Of a part
// that is longer than any report, the beginning is read.
func dsnReports(content string) []report {
	var out []report
	content = clean(content[:min(len(content), maxProse)])
	for _, fields := range dsnGroups(content) {
		r := report{
			address: dsnAddress(fields),
			action:  strings.ToLower(firstWord(fields.Get("Action"))),
			status:  fields.Get("Status"),
			text:    fields.Get("Diagnostic-Code"),
		}
		if r.address == "" && r.status == "" && r.text == "" {
			continue
		}
		if kind, rest, ok := strings.Cut(r.text, ";"); ok && len(kind) < 30 && !strings.EqualFold(strings.TrimSpace(kind), "x-unix") {
			r.text = strings.TrimSpace(rest)
		}
		if len(out) < maxReports {
			out = append(out, r)
		}
	}
	return out
}

// maxReports bounds the recipients of a mail that reports: each of our mails has one.
const maxReports = 30

// dsnGroups splits at blank lines and reads each group's fields.
func dsnGroups(content string) []textproto.MIMEHeader {
	var groups []textproto.MIMEHeader
	for _, block := range strings.Split(strings.TrimSpace(content), "\n\n") {
		if fields := plainHeader([]byte(block + "\n")); len(fields) > 0 {
			groups = append(groups, fields)
		}
		if len(groups) > maxReports {
			break
		}
	}
	return groups
}

// dsnAddress is the address that we wrote to, where the report keeps it, else
// the one that failed.
func dsnAddress(fields textproto.MIMEHeader) string {
	for _, name := range []string{"Original-Recipient", "Final-Recipient", "X-Actual-Recipient"} {
		if address := addressPattern.FindString(afterType(fields.Get(name))); address != "" {
			return address
		}
	}
	return ""
}

// afterType drops the address type: "rfc822; a@b.example".
func afterType(value string) string {
	if _, rest, ok := strings.Cut(value, ";"); ok {
		return rest
	}
	return value
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return word
}
