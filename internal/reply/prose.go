package reply

import (
	"strings"

	"drumbeat/internal/pattern"
)

var (
	// originalBegins marks where a bounce goes on with the mail that failed.
	originalBegins = pattern.New(`(?i)^\W{0,60}(?:(?:this is|below this line is|included is|here is|below is|the following is|what follows is|attached is) (?:a |the )?(?:copy|header)|` +
		`below this line is|(?:begin |start )?(?:original|unsent|returned|undelivered|failed|your) (?:message|mail)(?: (?:follows|headers?|text|body)| ?:|\W*$)|(?:message|original) headers? (?:follow|are)|header of (?:the )?original|` +
		`the (?:header|full) of the original|unsent message|message (?:body|text) follows|copy of (?:the|your) (?:message|mail)|includes? a copy|ursprüngliche nachricht|message d'origine|mensaje original|original-?nachricht|--- original)`)
	// headerOfOriginal is a trace header: no diagnostic begins so.
	headerOfOriginal = pattern.New(`^(?:>?\s{0,4})(?:Received|Return-Path|DKIM-Signature|X-Received|X-Google|Message-I[dD]|MIME-Version|Delivered-To|Authentication-Results|X-Originating-IP|ARC-Seal)\s?:`)
	// addressLine begins with the address that failed.
	addressLine = pattern.New(`^[\s>*<"'(\[-]{0,10}([A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{1,250}[A-Za-z0-9])[>"'):\],;]{0,4}(?:[\s:;(.,\[]|$)`)
	namedLine   = pattern.New(`(?i)(?:recipients?|delivered|deliver(?:y|ing)?|address(?:es)?|mail(?:ed)?|message|failed|reached?|send|to)\b.{0,60}?(?:to|for|:|recipient|address)?\s{0,3}[<"'(]?([a-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[a-z0-9.-]{1,250}[a-z0-9])`)
	ourOwnLine  = pattern.New(`(?i)^\s{0,8}(?:from|sender|mail from|reply-to|in:|>>> mail|return-path)\b`)
)

// maxProse is how much of a bounce's text is read.
const maxProse = 64 << 10

// diagnosticText is the part of a bounce's text that the server wrote itself:
// what stands before the mail that failed.
func diagnosticText(body string) (own, original string) {
	if len(body) > maxProse {
		body = clean(body[:maxProse])
	}
	at := 0
	for line := range strings.Lines(body) {
		trimmed := strings.TrimRight(line, "\n")
		if at > 0 && short(trimmed) && (originalBegins.MatchString(trimmed) || headerOfOriginal.MatchString(trimmed)) {
			return body[:at], body[at:]
		}
		at += len(line)
	}
	return body, ""
}

// proseReports reads what servers write instead of, or beside, RFC 3464: an
// address at the beginning of a line, then what went wrong with it.
func proseReports(own string) []report {
	var out []report
	preface, current := "", -1
	for line := range strings.Lines(own) {
		line = strings.TrimRight(line, "\n")
		m := []string(nil)
		if mayNameRecipient(line) {
			m = addressLine.FindStringSubmatch(line)
		}
		switch {
		case m != nil && (current < 0 || !strings.EqualFold(out[current].address, m[1])) && len(out) < maxReports:
			out = append(out, report{address: m[1], text: line})
			current = len(out) - 1
		case current < 0:
			preface = addLine(preface, line)
		default:
			out[current].text = addLine(out[current].text, line)
		}
	}
	if len(out) == 0 {
		return inlineReport(own)
	}
	for i := range out {
		out[i].limit = diagnosticShare(len(out))
		if needsContext(out[i]) {
			out[i].text += "\n" + preface
			if i+1 < len(out) {
				out[i].text += "\n" + out[len(out)-1].text
			}
		}
	}
	return out
}

// addLine adds a line to a text that will be read up to maxDiagnostic.
func addLine(text, line string) string {
	if len(text) > 2*maxDiagnostic {
		return text
	}
	return text + "\n" + line
}

// needsContext tells whether nothing but the address stands in a report: the
// cause then stands above, or below the last of a list.
func needsContext(r report) bool {
	rest := strings.ReplaceAll(r.text, r.address, "")
	return len(strings.TrimFunc(rest, func(c rune) bool { return strings.ContainsRune(" \n\t<>:\"'()*-", c) })) < 12 || r.judge().Reason == reasonUndefined
}

// inlineReport finds an address inside a sentence: "could not be delivered to
// a@b.example".
func inlineReport(own string) []report {
	for line := range strings.Lines(own) {
		if !mayNameRecipient(line) {
			continue
		}
		if m := namedLine.FindStringSubmatch(line); m != nil {
			return []report{{address: m[1], text: own}}
		}
	}
	return nil
}

// mayNameRecipient is the cheap test before an address is looked for.
func mayNameRecipient(line string) bool {
	return short(line) && strings.Contains(line, "@") && !ourOwnLine.MatchString(line)
}
