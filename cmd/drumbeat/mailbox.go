package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

func newMailboxCommand() *cobra.Command {
	return needSubcommand(&cobra.Command{Use: "mailbox", Short: "List, pause and resume the mailboxes we send from"},
		newMailboxListCommand(),
		onOne("pause", "MAILBOX", "Take a mailbox out of use", "  drumbeat mailbox pause dana --reason 'on holiday'", "paused",
			func(ctx context.Context, db *postgres.DB, id string, act postgres.Act) error {
				return db.PauseMailbox(ctx, outreach.MailboxID(id), act)
			}),
		onOne("resume", "MAILBOX", "Put a mailbox back into use", "  drumbeat mailbox resume dana", "resumed",
			func(ctx context.Context, db *postgres.DB, id string, act postgres.Act) error {
				return db.ResumeMailbox(ctx, outreach.MailboxID(id), act)
			}))
}

// onOne is a command that pauses or resumes the one thing it names.
func onOne(verb, noun, short, example, said string, do func(context.Context, *postgres.DB, string, postgres.Act) error) *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use: verb + " " + noun, Short: short, Example: example, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				if err := do(ctx, base.DB, args[0], actNow(base, reason)); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), args[0], said)
				return nil
			})
		},
	}
	if verb == "pause" {
		command.Flags().StringVar(&reason, "reason", "by hand", "why, for status")
	}
	return command
}

func newMailboxListCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use: "list", Short: "List the mailboxes with their day", Example: "  drumbeat mailbox list --json", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				views, err := base.DB.MailboxViews(ctx, base.Clock.Now())
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), map[string]any{"mailboxes": mailboxesToJSON(views)})
				}
				return printMailboxes(cmd.OutOrStdout(), views)
			})
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// mailboxJSON is a mailbox as commands print it.
type mailboxJSON struct {
	ID           string `json:"id"`
	Address      string `json:"address"`
	Rep          string `json:"rep"`
	Timezone     string `json:"timezone"`
	Paused       bool   `json:"paused"`
	PausedReason string `json:"paused_reason"`
	SentToday    int    `json:"sent_today"`
	Active       int    `json:"active"`
	NextSendAt   string `json:"next_send_at,omitempty"`
	WaitReason   string `json:"wait_reason,omitempty"`
	ReadAgo      *int   `json:"read_seconds_ago"` // null: never
}

func mailboxesToJSON(views []outreach.MailboxView) []mailboxJSON {
	all := make([]mailboxJSON, len(views))
	for i, m := range views {
		all[i] = mailboxJSON{
			ID: string(m.ID), Address: m.Address, Rep: string(m.RepID), Timezone: m.Timezone, Paused: m.Paused, PausedReason: m.PausedReason,
			SentToday: m.SentToday, Active: m.Active, NextSendAt: rfc3339(m.NextSendAt), WaitReason: string(m.WaitReason),
		}
		if m.Unread != nil {
			seconds := int(m.Unread.Seconds())
			all[i].ReadAgo = &seconds
		}
	}
	return all
}

func printMailboxes(w io.Writer, views []outreach.MailboxView) error {
	t := newTable(w, "MAILBOX", "ADDRESS", "STATE", "SENT TODAY", "LEADS", "NEXT MAIL", "INBOX READ")
	for _, m := range views {
		state, read := "in use", "never"
		if m.Paused {
			state = "paused: " + m.PausedReason
		}
		if m.Unread != nil {
			read = fmt.Sprintf("%.0f s ago", m.Unread.Seconds())
		}
		next := moment(m.NextSendAt)
		if m.WaitReason != "" {
			next += " (" + string(m.WaitReason) + ")"
		}
		t.row(string(m.ID), m.Address, state, fmt.Sprint(m.SentToday), fmt.Sprint(m.Active), next, read)
	}
	return t.flush()
}
