package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
)

func newExplainCommand() *cobra.Command {
	return storyCommand(&cobra.Command{
		Use:   "explain LEAD",
		Short: "Tell why a lead was or was not written to, and what comes next",
		Long: `Tell why a lead was or was not written to, and what comes next: every stored
decision, newest first, with the rule or the person that took it. LEAD is an
address or a number.`,
		Example: "  drumbeat explain ann@acme.example",
	}, explain)
}

func newLeadShowCommand() *cobra.Command {
	return storyCommand(&cobra.Command{
		Use: "show LEAD", Short: "Show a lead: profile, sequences, facts, mails, answers",
		Example: "  drumbeat lead show ann@acme.example --json",
	}, show)
}

// storyCommand is a command that prints what is known about a lead.
func storyCommand(command *cobra.Command, print func(io.Writer, outreach.Story)) *cobra.Command {
	var asJSON bool
	command.Args = cobra.ExactArgs(1)
	command.RunE = func(cmd *cobra.Command, args []string) error {
		return withBase(cmd, func(ctx context.Context, base *app.Base) error {
			lead, err := base.DB.FindLead(ctx, args[0])
			if err != nil {
				return err
			}
			story, err := base.DB.Story(ctx, lead.ID)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), storyToJSON(story))
			}
			print(cmd.OutOrStdout(), story)
			return nil
		})
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

func explain(w io.Writer, s outreach.Story) {
	head(w, s)
	fmt.Fprintln(w, "\nWhat comes next")
	if len(s.Enrolments) == 0 {
		fmt.Fprintln(w, "  nothing: the lead is in no sequence\n"+
			"    enrol counts whom it skips by the reason; for one lead: drumbeat simulate SEQUENCE.yaml --leads FILE.csv --lead", s.Lead.Email)
	}
	for _, e := range s.Enrolments {
		fmt.Fprintf(w, "  %s\n", printable(nextStep(s, e)))
		if change := whatWouldChange(s, e); change != "" {
			fmt.Fprintf(w, "    %s\n", printable(change))
		}
	}
	printMails(w, s)
	printWebhooks(w, s)
	fmt.Fprintln(w, "\nWhat was decided, newest first")
	for _, d := range s.Decisions {
		fmt.Fprintf(w, "  %s  %s\n", moment(&d.At), printable(decision(d)))
	}
	if len(s.Decisions) == 0 {
		fmt.Fprintln(w, "  nothing yet")
	}
}

// head is who the lead is and where it stands.
func head(w io.Writer, s outreach.Story) {
	who := s.Lead.Name()
	if who != s.Lead.Email {
		who += " <" + s.Lead.Email + ">"
	}
	if s.Lead.Company != "" {
		who += ", " + s.Lead.Company
	}
	fmt.Fprintln(w, printable(who))
	stands := []string{"stage " + string(s.Lead.Stage)}
	if s.Lead.Stopped != "" {
		stands = append(stands, "stopped: "+string(s.Lead.Stopped))
	}
	if s.Lead.PausedTill != nil {
		stands = append(stands, "paused until "+moment(s.Lead.PausedTill))
	}
	if s.Suppressed != "" {
		stands = append(stands, "suppressed: "+s.Suppressed)
	}
	if s.NoEnrolUntil != nil {
		stands = append(stands, "no new sequence before "+moment(s.NoEnrolUntil))
	}
	fmt.Fprintln(w, printable(strings.Join(stands, "; ")))
}

// nextStep says how an enrolment goes on, and when.
func nextStep(s outreach.Story, e outreach.EnrolmentView) string {
	text := fmt.Sprintf("%s: %s", e.SequenceID, e.State)
	if e.StateReason != "" {
		text += " (" + e.StateReason + ")"
	}
	switch e.State {
	case outreach.EnrolmentActive:
		text += fmt.Sprintf("; step %d of revision %d from mailbox %s", e.Step+1, e.Revision, e.MailboxID)
		if e.DueAt != nil {
			text += ", not before " + localMoment(*e.DueAt, e.Timezone)
		}
		if e.WaitReason != "" {
			text += ", because " + waitWords(e)
		}
		if s.Lead.PausedTill != nil {
			text += ", and not while the lead is paused"
		}
	case outreach.EnrolmentPaused:
		text += "; goes on " + moment(e.PausedUntil)
	case outreach.EnrolmentHeld:
		text += "; goes on when a person decides"
	}
	return text
}

// localMoment shows a time in the lead's zone; several zones at once show as UTC.
func localMoment(t time.Time, zone string) string {
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC
	}
	return t.In(location).Format("2006-01-02 15:04 MST")
}

func decision(d outreach.Decision) string {
	text := d.Kind
	if d.Reason != "" {
		text += " (" + d.Reason + ")"
	}
	if d.SequenceID != "" && string(d.SequenceID) != d.Reason {
		text += " in " + string(d.SequenceID)
	}
	if d.Rule != "" {
		text += " by rule " + d.Rule
	} else {
		text += " by " + d.Actor
	}
	if d.Detail != "" {
		text += ": " + d.Detail
	}
	return text
}

func show(w io.Writer, s outreach.Story) {
	head(w, s)
	t := newTable(w)
	for _, field := range []struct{ name, value string }{
		{"title", s.Lead.Title}, {"country", s.Lead.Country}, {"region", s.Lead.Region}, {"timezone", s.Lead.Timezone},
		{"language", s.Lead.Language}, {"linkedin", s.Lead.LinkedInURL}, {"phone", s.Lead.Phone}, {"industry", s.Lead.Industry},
		{"employees", s.Lead.Employees}, {"source", s.Lead.Source}, {"lists", strings.Join(s.Lists, ", ")}, {"since", moment(&s.CreatedAt)},
	} {
		if field.value != "" {
			t.row("  "+field.name, field.value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Lead.Custom)) {
		t.row("  custom."+name, s.Lead.Custom[name])
	}
	for _, e := range s.Enrolments {
		t.row("  sequence", nextStep(s, e))
	}
	for _, f := range s.Facts {
		t.row("  fact", fmt.Sprintf("%s %s: %s", f.Name, f.Status, f.Value))
	}
	for _, send := range s.Sends {
		at := send.MovedAt()
		t.row("  mail", fmt.Sprintf("%s  %s  %s", moment(&at), send.State, send.Subject))
	}
	for _, r := range s.Replies {
		t.row("  answer", fmt.Sprintf("%s  %s  %.90s", moment(&r.ReceivedAt), r.Label, strings.Join(strings.Fields(r.Text), " ")))
	}
	_ = t.flush() // a closed pipe is the reader's wish
}
