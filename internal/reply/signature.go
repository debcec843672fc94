package reply

import (
	"strings"
	"unicode"

	"drumbeat/internal/outreach"
	"drumbeat/internal/pattern"
)

// contactLine finds what only a signature holds: phones, links, company forms.
var contactLine = pattern.New(`(?i)(?:\b(?:tel|phone|mobile|mob|cell|fax|office|direct|telefon|tél|móvil|mobil|handy|gsm|t|m|p|f|e|w)\s?[.:|/]{0,2}\s?\+?[\d(]|\+\d{2}|\(0\)|\d{3}[ .-]\d{3,4}|\bwww\.|https?://|@[a-z0-9-]+\.|\||·|•|\b(?:ltd|llp|llc|inc|gmbh|ag|kg|s\.?a\.?(?:s|r\.l)?|s\.?r\.?l|s\.?l|b\.?v|n\.?v|ab|a/?s|oy|sp\. z o\.o|lda|plc|pty|co)\b\.?)`)

const (
	maxSignatureLines = 14  // of a signature, blank ones apart
	maxClosings       = 8   // that stand above each other
	maxStrongLines    = 500 // that are looked through for the sender's name
)

// cutSignature parts the new text from the closing formula, the name, contact lines
// and the disclaimer below it. A text is never cut down to nothing.
func cutSignature(lines []string, sender outreach.Address) (text, signature []string) {
	lines = trimBlank(lines)
	body := trimBlank(lines[:disclaimerStart(lines)])
	names := newNameMatcher(sender)
	at := strongStart(body, names)
	for range maxClosings {
		// What stood above a cut may close as well: "Thanks" over "Best regards".
		next := weakStart(body[:at], names)
		if next == 0 || next >= at {
			break
		}
		at = next
	}
	kept := trimBlank(body[:at])
	return kept, trimBlank(lines[len(kept):])
}

// disclaimerStart is the first line of the legal text at the end, or the
// number of lines.
func disclaimerStart(lines []string) int {
	for i := 1; i < len(lines); i++ {
		if len(lines[i]) > 20 && disclaimer.MatchString(lines[i][:min(len(lines[i]), maxMarkLine)]) {
			return i
		}
	}
	return len(lines)
}

// strongStart finds the line from which all is signature, however long what
// follows: the sender's full name on a line of its own, or a closing formula
// right above the sender's name. Without one it is the end.
func strongStart(lines []string, names nameMatcher) int {
	for i := 1; i < min(len(lines), maxStrongLines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" || !short(line) {
			continue
		}
		if names.signsFully(line) || names.closingWithName(line) {
			return i
		}
		if closing(line) && i+1 < len(lines) && names.signs(firstText(lines[i+1:])) {
			return i
		}
	}
	return len(lines)
}

// firstText is the first line that is not blank.
func firstText(lines []string) string {
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// weakStart finds the first line of a signature by walking up from the end
// through lines that look like one; 0 when there is none.
func weakStart(lines []string, names nameMatcher) int {
	lines = trimTail(lines)
	start, seen := 0, 0
	for i := len(lines) - 1; i > 0 && seen < maxSignatureLines; i-- {
		line := strings.TrimSpace(lines[i])
		if line == "" {
			continue
		}
		seen++
		if beginsSignature(lines, i, names) {
			start = i
		}
		if !signatureLike(line) {
			break
		}
	}
	return start
}

func trimTail(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// beginsSignature tells whether line i may be the first of a signature.
func beginsSignature(lines []string, i int, names nameMatcher) bool {
	line := strings.TrimSpace(lines[i])
	if closing(line) {
		return closes(trimBlank(lines[i+1:]), names)
	}
	if names.signs(line) || names.closingWithName(line) || teamName.MatchString(line) {
		return true
	}
	last, apart := i == len(lines)-1, strings.TrimSpace(lines[i-1]) == ""
	return last && apart && parting(line)
}

// parting tells whether a last line that stands apart takes leave in words
// that no list knows: a few of them, with a comma behind ("In solidarity,").
func parting(line string) bool {
	return strings.HasSuffix(line, ",") && len(strings.Fields(line)) <= 5 && unicode.IsUpper([]rune(line)[0])
}

// closes tells whether what stands under a closing formula is a signature: the
// sender's name, contact lines, or nothing. A foreign name without any is left
// with the text: it may be part of what is said.
func closes(below []string, names nameMatcher) bool {
	if len(below) == 0 {
		return true
	}
	for _, line := range below {
		if names.signs(line) || contactLine.MatchString(line) || closing(line) || teamName.MatchString(line) {
			return true
		}
	}
	return len(below) > 2
}

// signatureLike tells whether a line may stand inside a signature: short, no
// question, no sentence.
func signatureLike(line string) bool {
	if runeLen(line) > 100 || strings.HasSuffix(line, "?") {
		return false
	}
	if contactLine.MatchString(line) || closing(line) {
		return true
	}
	words := len(strings.Fields(line))
	return words <= 7 && !(words > 3 && strings.ContainsAny(line[len(line)-1:], ".!"))
}
