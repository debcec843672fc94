package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
)

func newSendsCommand() *cobra.Command {
	return needSubcommand(&cobra.Command{Use: "sends", Short: "Look at the ledger of mails"}, newSendsListCommand(), newSendsResolveCommand(), newSendsRestoreCommand())
}

func newSendsListCommand() *cobra.Command {
	var filter outreach.SendFilter
	var asJSON bool
	command := &cobra.Command{
		Use:   "list",
		Short: "List mails of the ledger, the last moved first",
		Long: `List mails of the ledger, the last moved first. A mail is unknown when its final dot
was sent and no answer came: it may or may not have gone, and is never sent again
blindly.`,
		Example: "  drumbeat sends list --state unknown",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("--state", filter.State, outreach.SendStates()); err != nil {
				return err
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				sends, err := base.DB.Sends(ctx, filter)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), map[string]any{"sends": sendsToJSON(sends)})
				}
				t := newTable(cmd.OutOrStdout(), "ID", "WHEN", "STATE", "TO", "MAILBOX", "STEP", "SUBJECT", "WHY")
				for _, s := range sends {
					at, step, why := s.MovedAt(), string(s.Purpose), s.UnknownReason
					if s.SequenceID != "" {
						step = fmt.Sprintf("%s/%s", s.SequenceID, s.StepID)
					}
					if why == "" && s.SMTPCode > 0 {
						why = fmt.Sprintf("%d %s", s.SMTPCode, s.SMTPText)
					}
					t.row(fmt.Sprint(s.ID), moment(&at), string(s.State), s.To, string(s.MailboxID), step, s.Subject, why)
				}
				return t.flush()
			})
		},
	}
	command.Flags().StringVar((*string)(&filter.State), "state", "", "only mails in this state: planned, claimed, committing, sent, failed, cancelled, unknown, assumed_sent")
	limitFlag(command, &filter.Limit, 100)
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}
