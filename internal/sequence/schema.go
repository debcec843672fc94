package sequence

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"drumbeat/internal/holiday"
	"drumbeat/internal/outreach"
	"drumbeat/internal/schedule"
	"drumbeat/internal/strictyaml"
	"drumbeat/internal/zone"
)

// Schema describes a sequence file: Parse checks by it, and editors get it as
// JSON Schema.
func Schema() *strictyaml.Type {
	return strictyaml.Map("A sequence of emails, tasks and webhooks that each lead goes through.",
		strictyaml.Required("version", strictyaml.Int("The version of the file format.", 1, 1)),
		strictyaml.Required("id", strictyaml.ID("The sequence's stable name; statistics and enrolments hang on it.", "saas-founders")),
		strictyaml.Optional("name", strictyaml.Text("The name that people read; by default the id.")),
		strictyaml.Required("owner", strictyaml.ID("The id of the rep who gets the replies.", "dana")),
		strictyaml.Optional("goal", strictyaml.Choice("The reply by which the sequence is judged.", string(GoalPositive), string(GoalMeeting))),
		strictyaml.Optional("audience", audienceSchema()),
		strictyaml.Optional("send", sendSchema()),
		strictyaml.Required("steps", strictyaml.List("What happens, in order.", stepSchema())),
		strictyaml.Optional("stop", stopSchema()),
		strictyaml.Optional("guard", guardSchema()),
		strictyaml.Optional("on_reply", strictyaml.Entries("What a reply does, by its label, where it is not the default.",
			reactionSchema(), labelWords()...)),
		strictyaml.Optional("moved", strictyaml.Entries("Steps of an earlier revision that are gone, each with the step at which its leads go on.",
			strictyaml.ID("A step of this file.", "bump"))),
	)
}

func sendSchema() *strictyaml.Type {
	return strictyaml.Map("From where, when and how fast the sequence goes out.",
		strictyaml.Optional("mailboxes", strictyaml.List("The ids of the mailboxes to send from; by default the owner's.", strictyaml.ID("A mailbox id.", "dana-2"))),
		strictyaml.Optional("rotation", strictyaml.Choice("How a lead's mailbox is chosen.", string(RotationLeastLoaded))),
		strictyaml.Optional("window", strictyaml.Map("The hours in which mail goes out.",
			strictyaml.Optional("days", strictyaml.Scalar("The days of the week.", CodeBadDays, "mon-fri or mon,wed", schedule.ParseDays)),
			strictyaml.Optional("from", timeOfDay("The first minute.")),
			strictyaml.Optional("to", timeOfDay("The end; nothing goes at this minute any more.")))),
		strictyaml.Optional("timezone", strictyaml.Scalar("Whose clock counts: lead, mailbox, or a zone.", CodeBadZone, "lead, mailbox or Europe/Berlin", parseTimezone)),
		strictyaml.Optional("timezone_fallback", strictyaml.Scalar("The zone of leads whose own is not known.", CodeBadZone, "Europe/Berlin", zone.ParseName)),
		strictyaml.Optional("holidays", strictyaml.Scalar("The public holidays on which nothing goes out: lead_country, a country's code, or none.", CodeBadHolidays, "lead_country or DE", parseHolidays)),
		strictyaml.Optional("gap", strictyaml.Scalar("The pause between two mails of a mailbox.", CodeBadGap, "4m-11m", schedule.ParseGap)),
		strictyaml.Optional("daily_new_leads", strictyaml.Int("How many leads get their first mail on a day.", 1, 100_000)),
		strictyaml.Optional("daily_per_domain", strictyaml.Int("How many mails a mailbox sends to one recipient domain on a day.", 1, 10_000)),
		strictyaml.Optional("reply_to", strictyaml.Scalar("Where replies go.", CodeBadAddress, "dana@ours.example", parseAddress)),
		strictyaml.Optional("bcc", strictyaml.Scalar("Who gets a blind copy of each mail.", CodeBadAddress, "crm@ours.example", parseAddress)),
		strictyaml.Optional("format", strictyaml.Choice("html (with a text part) or text.", string(FormatHTML), string(FormatText))),
		strictyaml.Optional("unknown", strictyaml.Choice("What happens to a mail of which nobody can tell whether it went.",
			string(UnknownAssumedSent), string(UnknownHold), string(UnknownResendOnce))),
	)
}

func stepSchema() *strictyaml.Type {
	return strictyaml.Map("One step: an email, a task or a webhook.",
		strictyaml.Optional("id", strictyaml.ID("The step's stable name; by default that of its template.", "intro")),
		strictyaml.Optional("wait", wait("How long after the step before.")),
		strictyaml.Optional("when", strictyaml.Text("A condition; the step is skipped when it is false.")),
		strictyaml.Optional("email", strictyaml.Map("A mail to the lead.",
			strictyaml.Required("template", templatePath("The template, a path below the templates.")),
			strictyaml.Optional("thread", strictyaml.Choice("new begins a conversation, reply goes on with it.", string(ThreadNew), string(ThreadReply))),
			strictyaml.Optional("subject", liquid("The subject, in place of the template's.")),
			strictyaml.Optional("require", strictyaml.List("Fields without which the lead waits instead.", field())),
			strictyaml.Optional("variants", strictyaml.List("Several ways to write the mail, to be compared.", variantSchema())),
			strictyaml.Optional("case_study", strictyaml.Choice("match takes the case study that fits the lead best, as {{ case_study.title }} and so on.", string(CaseStudyMatch))),
			strictyaml.Refused("attachments", CodeAttachments, "a file in a cold mail lands it in spam", "put a link in the text"),
		).OrJust("template")),
		strictyaml.Optional("task", strictyaml.Map("Something that a rep does by hand.",
			strictyaml.Required("kind", strictyaml.ID("linkedin, call, or what you call it.", "linkedin")),
			strictyaml.Optional("title", liquid("What to do, in a few words.")),
			strictyaml.Optional("due", wait("How much time the rep has.")),
			strictyaml.Optional("skip_if_not_done_after", wait("The sequence waits for the task, but no longer than this.")),
		).OrJust("kind")),
		strictyaml.Optional("webhook", webhookSchema()),
	)
}

func reactionSchema() *strictyaml.Type {
	return strictyaml.Map("What the reply does.",
		strictyaml.Optional("draft", templatePath("The playbook from which the answer is drafted.")),
		strictyaml.Optional("resume", strictyaml.Scalar("When an absence ends.", CodeBadWait, "return + 2 business days", parseResume)),
		strictyaml.Optional("no_date", wait("How long an absence lasts that names no day.")),
	)
}

func labelSchema() *strictyaml.Type {
	return strictyaml.Choice("A reply's label.", labelWords()...)
}

func labelWords() []string {
	var words []string
	for _, label := range outreach.AllLabels() {
		words = append(words, string(label))
	}
	return words
}

func wait(doc string) *strictyaml.Type {
	return strictyaml.Scalar(doc, CodeBadWait, `30m, 4h, 3d, 2w or 3 business days`, schedule.ParseWait)
}

func timeOfDay(doc string) *strictyaml.Type {
	return strictyaml.Scalar(doc, CodeBadTime, `"08:30"`, schedule.ParseTimeOfDay)
}

func templatePath(doc string) *strictyaml.Type {
	return strictyaml.Scalar(doc, CodeBadTemplatePath, "intro.md", parseTemplatePath)
}

func liquid(doc string) *strictyaml.Type {
	return strictyaml.Scalar(doc, strictyaml.CodeBadValue, `"{{ company }} and churn"`, parseLiquid)
}

func field() *strictyaml.Type {
	return strictyaml.Scalar("A field of the lead.", CodeBadField, "first_name or custom.trigger", parseField)
}

func parseTimezone(text string) (string, error) {
	if text == TimezoneLead || text == TimezoneMailbox {
		return text, nil
	}
	return zone.ParseName(text)
}

func parseHolidays(text string) (string, error) {
	if text == string(HolidaysNone) || text == string(HolidaysLeadCountry) {
		return text, nil
	}
	code, ok := zone.Country(text)
	if !ok {
		return "", fmt.Errorf("%q is not lead_country, none or a country's code", text)
	}
	if !holiday.Known(code) {
		return "", fmt.Errorf("the holidays of %s are not known; there are: %s", text, strings.Join(holiday.Countries(), " "))
	}
	return code, nil
}

func parseTemplatePath(text string) (string, error) {
	if !fs.ValidPath(text) || !strings.HasSuffix(text, ".md") || strings.Contains(text, `\`) {
		return "", fmt.Errorf("%q is not the path of a .md file below the templates", text)
	}
	return text, nil
}

func parseLiquid(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", errors.New("a blank text")
	}
	return text, nil
}

// parseResume reads "return + 2 business days", and "return" alone.
func parseResume(text string) (schedule.Wait, error) {
	rest, found := strings.CutPrefix(strings.TrimSpace(text), "return")
	if !found {
		return schedule.Wait{}, fmt.Errorf(`%q does not begin with "return"`, text)
	}
	if strings.TrimSpace(rest) == "" {
		return schedule.Wait{}, nil
	}
	rest, found = strings.CutPrefix(strings.TrimSpace(rest), "+")
	if !found {
		return schedule.Wait{}, fmt.Errorf(`%q lacks a + behind "return"`, text)
	}
	return schedule.ParseWait(rest)
}
