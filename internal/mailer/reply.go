package mailer

import (
	"regexp"
	"strings"
	"unicode"

	"drumbeat/internal/outreach"
)

// reply is a server's answer with a code.
type reply struct {
	code int
	text string
}

func (r reply) positive() bool { return r.code/100 == 2 }

// goAhead is the answer to DATA that asks for the body (RFC 5321, section 4.2.5).
func (r reply) goAhead() bool { return r.code == 354 }

// result says what the answer means for the mail at a phase.
func (r reply) result(phase string) outreach.DeliveryResult {
	result := outreach.DeliveryResult{Code: r.code, Phase: phase}
	result.Enhanced, result.Text = tidy(r.text)
	switch {
	case r.code/100 == 4:
		result.Delivery = outreach.DeliveryDeferred
	case r.code/100 == 5:
		result.Delivery = outreach.DeliveryRefused
	case phase != PhaseDot:
		result.Delivery = outreach.DeliveryNotSent
	case r.positive():
		result.Delivery = outreach.DeliveryAccepted
	default:
		result.Delivery = outreach.DeliveryUncertain
	}
	return result
}

// failure is the result of a network error.
func failure(delivery outreach.Delivery, phase string, err error) outreach.DeliveryResult {
	_, text := tidy(err.Error())
	return outreach.DeliveryResult{Delivery: delivery, Phase: phase, Text: text}
}

var (
	enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`) // RFC 2034
	addressLike  = regexp.MustCompile(`[^\s<>()\[\]",;:=]+@[^\s<>()\[\]",;:]+`)
)

// maxText bounds what is stored of a server's words, in bytes.
const maxText = 500

// tidy makes one line of a server's answer, without addresses and control
// characters, and takes the enhanced status from its front (RFC 2034 puts it
// on every line of a long answer).
func tidy(text string) (enhanced, line string) {
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		part = strings.TrimSpace(part)
		if code := enhancedCode.FindString(part); code != "" {
			enhanced = code
			part = strings.TrimSpace(part[len(code):])
		}
		lines = append(lines, part)
	}
	line = strings.Map(printable, strings.ToValidUTF8(strings.Join(lines, " "), "?"))
	line = addressLike.ReplaceAllString(line, "[address]")
	line = strings.Join(strings.Fields(line), " ")
	if len(line) > maxText {
		line = strings.ToValidUTF8(line[:maxText], "")
	}
	return enhanced, line
}

func printable(r rune) rune {
	if unicode.IsSpace(r) {
		return ' '
	}
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}
