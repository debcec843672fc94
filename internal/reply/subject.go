package reply

import (
	"strings"

	"drumbeat/internal/pattern"
)

// subjectPrefix are the marks of answers, forwards and gateways before a
// subject, in any order and number.
var subjectPrefix = pattern.New(`(?i)^\s*(?:(?:re|aw|sv|antw|antwort|odp|ynt|ilt|vs|vl|rv|rif|ref|r|res|enc|tr|fw|fwd|wg|vb|pd|fs|i|továbbítás|vá|doorst|отв|пересл|回复|答复|转发|回覆|轉寄|返信|転送)\s?(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s?[:：]|\[(?:ext|external|extern|externe|externo|esterno|ekstern|extern mail|external (?:e-?mail|sender)|caution|spam\??|bulk|suspicious|possible spam)\]|\{(?:ext|external|spam\??)\}|(?:external|extern)\s?:|\*{2,}\s?(?:spam|external|ext)\s?\*{2,})\s*`)

// maxPrefixes bounds a hostile "Re: Re: Re: ...".
const maxPrefixes = 50

// BareSubject strips the prefixes, so that "[External] Re: Automatic reply: x"
// is seen for what it is.
func BareSubject(subject string) string {
	for range maxPrefixes {
		at := subjectPrefix.FindStringIndex(subject)
		if at == nil || at[1] == 0 {
			break
		}
		subject = subject[at[1]:]
	}
	return strings.TrimSpace(subject)
}
