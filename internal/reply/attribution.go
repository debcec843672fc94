package reply

import (
	"strings"
	"unicode"
)

// maxAttributionLines is how far mail programs wrap "On <date>, <name> wrote:".
const maxAttributionLines = 5

// attribution finds the line that introduces a quote ("On <date> <name>
// wrote:") at line i. It gives the first line that belongs to it and the
// first behind it; ok is false when there is none. The
// caller has tried mayBeginAttribution.
func attribution(lines []string, i int) (from, to int, ok bool) {
	joined := ""
	for n := 0; n < maxAttributionLines && i+n < len(lines); n++ {
		line := strings.TrimSpace(lines[i+n])
		if !short(line) || line == "" && !goesOn(lines, i+n, joined) || n > 0 && quoteDepth(line) > 0 && !closesAttribution(line) {
			return 0, 0, false
		}
		joined = strings.TrimSpace(joined + " " + line)
		if line != "" && isAttribution(joined) {
			if next := i + n + 1; next < len(lines) && closesAttribution(strings.TrimSpace(lines[next])) {
				n++
			}
			return latestStart(lines, i, i+n), i + n + 1, true
		}
	}
	return 0, 0, false
}

// mayBeginAttribution is the cheap test that most lines of prose fail.
func mayBeginAttribution(line string) bool {
	if !short(line) || !strings.ContainsFunc(line, unicode.IsLetter) {
		return false
	}
	return strings.ContainsAny(line, "@<") || leadIn.MatchString(line) ||
		(hasColon(line) || strings.ContainsAny(line, "0123456789")) && wroteVerb.MatchString(line)
}

func hasColon(line string) bool { return strings.Contains(line, ":") || strings.Contains(line, "：") }

// mayBeHeader is the cheap test before headerLine.
func mayBeHeader(line string) bool { return short(line) && hasColon(line) }

// goesOn tells whether a blank line stands inside an attribution that a
// client broke into pieces: the next line holds the bare address.
func goesOn(lines []string, i int, joined string) bool {
	if joined == "" || i+1 >= len(lines) || !leadIn.MatchString(joined) || !dateLike.MatchString(joined) {
		return false
	}
	return strings.HasPrefix(strings.TrimSpace(lines[i+1]), "<")
}

// closesAttribution tells whether a line that begins with '>' is the end of
// "<address> wrote:" rather than a quote.
func closesAttribution(line string) bool {
	return len(line) < 40 && wroteVerb.MatchString(line) && strings.HasSuffix(line, ":")
}

// isAttribution judges joined lines: a verb of writing with a date or an
// address and a colon at the end, or a date and an address in brackets that
// end the line (Gmail in several languages has no verb).
func isAttribution(s string) bool {
	trimmed := strings.TrimRight(s, " \t*_")
	colon := strings.HasSuffix(trimmed, ":") || strings.HasSuffix(trimmed, "：")
	address := mailLike.MatchString(s)
	date := dateLike.MatchString(s)
	if colon && wroteVerb.MatchString(s) && (address || date) {
		return leadIn.MatchString(s) || address || nameFirst(s)
	}
	bracket := strings.HasSuffix(trimmed, ">") || strings.HasSuffix(trimmed, ")")
	return (colon || bracket) && address && date && leadIn.MatchString(s) && len(s) <= 250
}

// nameFirst tells whether "Some One wrote:" stands alone: few words.
func nameFirst(s string) bool { return len(strings.Fields(s)) <= 8 }

// latestStart finds where an attribution that ends at line last really begins:
// prose above it may also have begun with "On".
func latestStart(lines []string, first, last int) int {
	for start := last; start > first; start-- {
		joined := strings.Join(lines[start:last+1], " ")
		if leadIn.MatchString(lines[start]) && dateLike.MatchString(lines[start]) && isAttribution(joined) {
			return start
		}
	}
	return first
}

// headerBlock finds a block of "From: / Sent: / To: / Subject:" lines at line
// i and gives the first line behind it. Two lines are enough when the first
// names the sender, else it takes three.
func headerBlock(lines []string, i int) (to int, ok bool) {
	if !mayBeHeader(lines[i]) || !headerLine.MatchString(lines[i]) {
		return 0, false
	}
	found, end := 0, i
	for n := 0; n < 14 && i+n < len(lines); n++ {
		line := strings.TrimSpace(lines[i+n])
		if line == "" && !blankInBlock(lines, i+n) || quoteDepth(line) > 0 && quoteDepth(lines[i]) == 0 {
			break
		}
		if mayBeHeader(line) && headerLine.MatchString(line) {
			found++
			end = i + n + 1
		}
	}
	need := 3
	if fromLine.MatchString(lines[i]) {
		need = 2
	}
	if found < need {
		return 0, false
	}
	for end < len(lines) && strings.TrimSpace(lines[end]) != "" && quoteDepth(lines[end]) == 0 && end-i < 14 {
		end++ // a folded subject or recipient list
	}
	return end, true
}

// blankInBlock tells whether the header goes on behind a blank line: HTML
// turned to text puts one between the lines.
func blankInBlock(lines []string, i int) bool {
	return i+1 < len(lines) && mayBeHeader(lines[i+1]) && headerLine.MatchString(lines[i+1])
}
