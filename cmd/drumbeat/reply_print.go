package main

import (
	"fmt"
	"io"
	"strings"

	"drumbeat/internal/outreach"
)

// print writes an answer for people.
func (a replyAnswer) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, a.File)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-11s %s\n", name, value)
		}
	}
	line("kind", fmt.Sprintf("%s (%s)", a.Kind, strings.Join(a.rules, "; ")))
	line("label", a.labelText())
	line("back on", dayText(a.ReturnOn))
	line("ask again", dayText(a.FollowUpOn))
	line("contact", a.contactText())
	line("competitor", known(a.Competitor))
	line("budget", known(a.Budget))
	line("contract to", dayText(a.Contract))
	for _, t := range a.Times {
		line("time", t.said)
	}
	line("language", known(a.Language))
	for _, r := range a.Recipients {
		line("recipient", r.text())
	}
	for _, e := range a.Evidence {
		line("because", fmt.Sprintf("%q (%s)", e.Text, e.Rule))
	}
	line("model", a.Model)
	line("new text", strings.ReplaceAll(a.ReplyText, "\n", "\n"+strings.Repeat(" ", 14)))
	_, err := io.WriteString(w, b.String())
	return err
}

func (a replyAnswer) labelText() string {
	text := fmt.Sprintf("%s, confidence %.2f", a.Label, a.Confidence)
	if a.Abstained {
		text += ", a person decides"
	}
	for _, label := range a.Secondary {
		text += ", also " + string(label)
	}
	return text
}

func (a replyAnswer) contactText() string {
	if a.Contact == nil {
		return ""
	}
	var parts []string
	for _, part := range []*string{a.Contact.Name, a.Contact.Title, a.Contact.Email, a.Contact.Phone} {
		if part != nil {
			parts = append(parts, *part)
		}
	}
	return strings.Join(parts, ", ")
}

func (r failedAnswer) text() string {
	text := fmt.Sprintf("%s: %s, %s", known(r.Address), r.Kind, r.Reason)
	if r.Status != nil {
		text += " " + *r.Status
	}
	if r.Code != nil {
		text += fmt.Sprintf(" (%d)", *r.Code)
	}
	return text
}

func dayText(day *outreach.Day) string {
	if day == nil {
		return ""
	}
	return day.Weekday().String()[:3] + " " + day.String()
}

func known(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
