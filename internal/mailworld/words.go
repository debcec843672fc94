package mailworld

import (
	"strings"
	"time"

	"drumbeat/internal/outreach"
)

// words fills a reply's placeholders in.
func (e event) words() string {
	first, _, _ := strings.Cut(e.name, " ")
	rep, _, _ := strings.Cut(e.sender().Name, " ")
	domain := outreach.Domain(e.lead)
	colleague := colleagueOf(domain)
	back := e.at.Add(e.reaction.Return)
	for back.Weekday() == time.Saturday || back.Weekday() == time.Sunday {
		back = back.AddDate(0, 0, 1)
	}
	l := localeOf(e.reaction.Language)
	return strings.TrimSpace(strings.NewReplacer(
		"{{first_name}}", first, "{{name}}", e.name, "{{rep}}", rep, "{{colleague}}", colleague, "{{colleague_email}}", addressAt(colleague, domain),
		"{{return_date}}", l.date(back), "{{return_weekday}}", l.weekday(back), "{{ticket}}", shortHash(e.mail.MessageID)[:6],
	).Replace(e.reaction.Text))
}

// colleagueOf is who else works at a company; the same for all of its people.
func colleagueOf(domain string) string {
	names := []string{
		"Clara Winter", "Tom Becker", "Nadia Laurent", "Pieter Visser", "Elena Rossi", "Marco Ferri", "Sara Lindgren", "Hugo Martin",
		"Ines Navarro", "Oliver Grant", "Julia Brandt", "Anton Novak",
	}
	return names[int(shortHash(domain)[0])%len(names)]
}

// addressAt is a person's address at a company.
func addressAt(name, domain string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@" + domain
}
