package render

import (
	"fmt"
	"html"
	"net/url"
	"strings"

	"drumbeat/internal/outreach"
)

// Footer is what stands below every mail of a step: who writes, from where, and
// how to stop it.
type Footer struct {
	Signature         *Template // nil: the rep's name
	Language          string    // the lead's, ISO 639-1; English when unknown
	UnsubscribeURL    string    // empty: the line asks for a reply
	UnsubscribeMailto string    // mailto:..., a link in the HTML part when there is no URL
}

// RenderMail renders a step's mail with its footer in both parts. The sender's
// company and postal address come from vars; blank ones are left to validation,
// which asks for them.
func (t *Template) RenderMail(vars Vars, footer Footer) (outreach.Content, error) {
	body, err := t.render(vars)
	if err != nil {
		return outreach.Content{}, err
	}
	signature, err := footer.signature(vars)
	if err != nil {
		return outreach.Content{}, err
	}
	lines := footer.lines(vars)
	content := outreach.Content{
		Subject: body.subject,
		Text:    body.text + "\n\n" + signature.text + "\n\n-- \n" + strings.Join(lines.text, "\n") + "\n",
	}
	if t.format != FormatText {
		small := `<p style="color:#767676;font-size:12px">` + strings.Join(lines.html, "<br>\n") + "</p>\n"
		content.HTML = page(footer.Language, body.html+signature.html+small)
	}
	return content, t.withinBounds(content)
}

// ReplySubject is the subject of a threaded mail: "Re: " and the first one's,
// once.
func ReplySubject(first string) string {
	if len(first) >= 3 && strings.EqualFold(first[:3], "re:") {
		return first
	}
	return "Re: " + first
}

func (f Footer) signature(vars Vars) (parts, error) {
	if f.Signature != nil {
		return f.Signature.render(vars)
	}
	name := vars.text("rep", "name")
	return parts{text: name, html: "<p>" + html.EscapeString(name) + "</p>\n"}, nil
}

// footerLines are the same lines for both parts.
type footerLines struct{ text, html []string }

func (l *footerLines) add(text, html string) {
	l.text, l.html = append(l.text, text), append(l.html, html)
}

func (f Footer) lines(vars Vars) footerLines {
	var l footerLines
	for _, field := range []string{"company", "postal_address"} {
		if value := vars.text("sender", field); value != "" {
			l.add(value, html.EscapeString(value))
		}
	}
	words := optOutIn(f.Language)
	if f.UnsubscribeURL != "" {
		link := fmt.Sprintf(`<a href="%s">%s</a>`, html.EscapeString(f.UnsubscribeURL), html.EscapeString(words.link))
		l.add(words.link+": "+f.UnsubscribeURL, link)
		return l
	}
	ask := fmt.Sprintf(words.ask, words.word)
	shown := html.EscapeString(ask)
	if f.UnsubscribeMailto != "" {
		shown = fmt.Sprintf(`<a href="%s">%s</a>`, html.EscapeString(f.UnsubscribeMailto), shown)
	}
	l.add(ask, shown)
	return l
}

// text is a field as it is shown.
func (v Vars) text(group, field string) string {
	fields, _ := v.fields[group].(map[string]any)
	return cleanValue(plainText(fields[field]))
}

// page makes the inside of an HTML part whole.
func page(language, inside string) string {
	attribute := ""
	if language != "" {
		attribute = ` lang="` + html.EscapeString(strings.ToLower(language)) + `"`
	}
	return "<!DOCTYPE html>\n<html" + attribute + "><head><meta charset=\"utf-8\"></head><body>\n" + inside + "</body></html>\n"
}

// UnsubscribeMailto is the mailto form of List-Unsubscribe (RFC 2369, section
// 3.2) for a mailbox and a token.
func UnsubscribeMailto(mailbox, token string) string {
	return "mailto:" + mailbox + "?subject=" + url.PathEscape("unsubscribe "+token)
}

// optOut is the line that tells how to stop the mails, in one language.
type optOut struct {
	link string // the text of the link
	ask  string // %s is the word to answer with
	word string
}

// UnsubscribeWord is what a mail in this language asks the lead to answer; the
// classifier must know all of them.
func UnsubscribeWord(language string) string { return optOutIn(language).word }

// FooterLanguages lists the languages that have a footer of their own.
func FooterLanguages() []string {
	return []string{"en", "de", "fr", "es", "it", "nl", "pt", "sv", "da", "pl"}
}

// optOutIn falls back to English.
func optOutIn(language string) optOut {
	code, _, _ := strings.Cut(strings.ToLower(language), "-")
	switch code {
	case "de":
		return optOut{"Keine weiteren E-Mails erhalten", `Keine weiteren E-Mails? Antworten Sie einfach mit „%s“.`, "abmelden"}
	case "fr":
		return optOut{"Ne plus recevoir ces e-mails", "Vous ne souhaitez plus recevoir ces e-mails ? Répondez « %s ».", "désabonner"}
	case "es":
		return optOut{"No recibir más correos", "¿No quiere recibir más correos? Responda «%s».", "baja"}
	case "it":
		return optOut{"Non ricevere altre e-mail", "Non vuole ricevere altre e-mail? Risponda «%s».", "cancellami"}
	case "nl":
		return optOut{"Geen e-mails meer ontvangen", "Geen e-mails meer ontvangen? Antwoord met “%s”.", "afmelden"}
	case "pt":
		return optOut{"Não receber mais e-mails", "Não quer receber mais e-mails? Responda “%s”.", "cancelar"}
	case "sv":
		return optOut{"Få inga fler mejl", "Vill du inte få fler mejl? Svara ”%s”.", "avregistrera"}
	case "da":
		return optOut{"Modtag ikke flere mails", "Vil du ikke have flere mails? Svar ”%s”.", "afmeld"}
	case "pl":
		return optOut{"Rezygnacja z kolejnych wiadomości", "Nie chcesz kolejnych wiadomości? Odpisz „%s”.", "wypisz"}
	}
	return optOut{"Unsubscribe", `Not for you? Answer "%s" and I will not write again.`, "unsubscribe"}
}
