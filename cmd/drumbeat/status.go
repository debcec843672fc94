package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
)

func newStatusCommand() *cobra.Command {
	var asJSON, ready bool
	command := &cobra.Command{
		Use: "status", Short: "Show how everything stands", Args: cobra.NoArgs,
		Example: "  drumbeat status\n  drumbeat status --json\n  drumbeat status --ready     # for a container's health check",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				if ready {
					return base.CheckReady(ctx)
				}
				now := base.Clock.Now()
				status, err := base.DB.Status(ctx, now, outreach.DayOf(now).Time(time.UTC))
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), statusToJSON(status))
				}
				return printStatus(cmd.OutOrStdout(), status)
			})
		},
	}
	command.Flags().BoolVar(&ready, "ready", false, "only tell by the exit code whether the servers answer and the schema is current")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// statusJSON is the JSON of status. The day is that of UTC.
type statusJSON struct {
	At         string                          `json:"at"`
	Leads      map[outreach.Stage]int          `json:"leads"`
	Enrolments map[outreach.EnrolmentState]int `json:"enrolments"`
	Today      map[outreach.SendState]int      `json:"today"`
	Sent       int                             `json:"sent"`
	Unknown    int                             `json:"unknown"`
	Doubtful   string                          `json:"unknown_since,omitempty"`
	Assumed    int                             `json:"assumed_sent"`
	Held       string                          `json:"sending_held,omitempty"` // why nothing is sent
	Rehearsal  string                          `json:"rehearsal,omitempty"`    // who gets every mail instead of the leads
	Replies    map[outreach.Label]int          `json:"replies"`
	Webhooks   map[outreach.WebhookState]int   `json:"webhooks"`
	Open       int                             `json:"open_replies"`
	Inbox      map[outreach.Ending]int         `json:"inbox"`
	Strangers  int                             `json:"not_ours_from_companies"`
	Suppressed int                             `json:"suppressed"`
	NextDue    string                          `json:"next_due_at,omitempty"`
	Mailboxes  []mailboxJSON                   `json:"mailboxes"`
	Sequences  []sequenceJSON                  `json:"sequences"`
}

func statusToJSON(s outreach.Status) statusJSON {
	return statusJSON{
		At: rfc3339(&s.At), Leads: s.Leads, Enrolments: s.Enrolments, Today: s.Today, Sent: s.Sent,
		Unknown: s.Unknown, Doubtful: rfc3339(s.Doubtful), Assumed: s.Assumed, Held: s.Hold.Reason, Rehearsal: s.Rehearsal, Replies: s.Replies, Webhooks: s.Webhooks,
		Open: s.Open, Inbox: s.Inbox, Strangers: s.Strangers, Suppressed: s.Suppressed, NextDue: rfc3339(s.NextDue), Mailboxes: mailboxesToJSON(s.Mailboxes),
		Sequences: sequencesToJSON(s.Sequences),
	}
}

// unknownSends says how many mails are in doubt and for how long.
func unknownSends(s outreach.Status) string {
	if s.Doubtful == nil {
		return fmt.Sprint(s.Unknown)
	}
	return fmt.Sprintf("%d, the oldest for %s: drumbeat sends list --state unknown", s.Unknown, s.At.Sub(*s.Doubtful).Round(time.Minute))
}

func printStatus(w io.Writer, s outreach.Status) error {
	if s.Hold.Held() {
		fmt.Fprintf(w, "NOTHING IS SENT since %s. %s\n→ drumbeat sends resume-after-restore\n\n", moment(&s.Hold.Since), printable(s.Hold.Reason))
	}
	if s.Rehearsal != "" {
		fmt.Fprintf(w, "REHEARSAL: every mail goes to %s, none to a lead.\n\n", printable(s.Rehearsal))
	}
	t := newTable(w)
	t.row("now", moment(&s.At))
	t.row("sent", fmt.Sprintf("%d today, %d ever", s.Today[outreach.SendSent]+s.Today[outreach.SendAssumedSent], s.Sent))
	if s.NextDue != nil {
		t.row("next mail", moment(s.NextDue))
	}
	t.row("unknown sends", unknownSends(s))
	if s.Assumed > 0 {
		t.row("assumed sent", fmt.Sprintf("%d of the last two weeks: drumbeat sends list --state assumed_sent", s.Assumed))
	}
	t.row("replies to answer", fmt.Sprint(s.Open))
	t.row("suppressed", fmt.Sprint(s.Suppressed))
	if open := s.Webhooks[outreach.WebhookPlanned] + s.Webhooks[outreach.WebhookClaimed]; open > 0 {
		t.row("webhooks to tell", fmt.Sprint(open))
	}
	if failed := s.Webhooks[outreach.WebhookFailed]; failed > 0 {
		t.row("webhooks given up", fmt.Sprintf("%d (drumbeat webhook list --state failed)", failed))
	}
	t.row("mail that came in", endings(s))
	for _, stage := range outreach.Stages() {
		if s.Leads[stage] > 0 {
			t.row("leads "+string(stage), fmt.Sprint(s.Leads[stage]))
		}
	}
	for _, label := range outreach.AllLabels() {
		if s.Replies[label] > 0 {
			t.row("replies "+string(label), fmt.Sprint(s.Replies[label]))
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := printSequences(w, s.Sequences); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return printMailboxes(w, s.Mailboxes)
}

// endings tells what became of the mail that came in. Mail that is not ours though
// it comes from companies we write to may be an answer that was not recognised.
func endings(s outreach.Status) string {
	var parts []string
	for _, ending := range outreach.Endings() {
		parts = append(parts, fmt.Sprintf("%d %s", s.Inbox[ending], strings.ReplaceAll(string(ending), "_", " ")))
	}
	return fmt.Sprintf("%s (%d of these from companies we write to)", strings.Join(parts, ", "), s.Strangers)
}
