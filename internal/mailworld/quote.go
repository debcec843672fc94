package mailworld

import (
	"fmt"
	"html"
	"strings"
	"time"
)

// quoted is the mail of ours that an answer quotes.
type quoted struct {
	name, address string // of the sender
	to            string
	subject       string
	text          string
	at            time.Time
}

// compose puts an answer above what it quotes, as the lead's mail program does.
func compose(words string, style Style, language string, q quoted) (text, page string) {
	l := localeOf(language)
	clock := q.at.Format("15:04")
	own := paragraphs(words)
	switch style {
	case NoQuote:
		return words + "\n", own
	case Outlook:
		head := l.headers
		sent := fmt.Sprintf(l.outlook, l.weekday(q.at), q.at.Day(), l.month(q.at), q.at.Year(), clock)
		lines := []string{
			head[0] + " " + q.name + " <" + q.address + ">", head[1] + " " + sent,
			head[2] + " " + q.to, head[3] + " " + q.subject,
		}
		text = words + "\n\n________________________________\n" + strings.Join(lines, "\n") + "\n\n" + q.text + "\n"
		page = own + `<hr tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">` + breaks(strings.Join(lines, "\n")) + "</div><div>" +
			breaks(q.text) + "</div>"
		return text, page
	case Apple:
		line := fmt.Sprintf(l.apple, q.at.Day(), l.month(q.at), q.at.Year(), clock, q.name, q.address)
		text = words + "\n\n> " + line + "\n> \n" + prefixed(q.text)
		page = own + `<div><br><blockquote type="cite"><div>` + html.EscapeString(line) + "</div><br><div>" + breaks(q.text) +
			"</div></blockquote></div>"
		return text, page
	}
	line := fmt.Sprintf(l.gmail, l.weekday(q.at), q.at.Day(), l.month(q.at), q.at.Year(), clock, q.name, q.address)
	text = words + "\n\n" + line + "\n\n" + prefixed(q.text)
	page = own + `<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">` + html.EscapeString(line) +
		`</div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid">` + breaks(q.text) + "</blockquote></div>"
	return text, page
}

func prefixed(text string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		out.WriteString(strings.TrimRight("> "+line, " ") + "\n")
	}
	return out.String()
}

func paragraphs(text string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(text, "\n\n") {
		out.WriteString(`<div dir="ltr">` + breaks(part) + "</div><div><br></div>")
	}
	return out.String()
}

func breaks(text string) string {
	return strings.ReplaceAll(html.EscapeString(strings.TrimRight(text, "\n")), "\n", "<br>\n")
}
