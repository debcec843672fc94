package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
)

func newSendsResolveCommand() *cobra.Command {
	var as string
	command := &cobra.Command{
		Use:   "resolve ID --as sent|not_sent",
		Short: "Say what became of a mail that is in doubt",
		Long: `Say what became of a mail that is in doubt (state unknown or assumed_sent), after a
look into the mailbox's Sent folder or the provider's log. Nothing is sent by it:
its enrolment goes on as it stands.`,
		Example: "  drumbeat sends list --state unknown\n  drumbeat sends resolve 4711 --as sent",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is no number of a mail", args[0])
			}
			if as != "sent" && as != "not_sent" {
				return fmt.Errorf("--as %q: sent or not_sent", as)
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				if err := base.DB.ResolveSend(ctx, outreach.SendID(id), as == "sent", actNow(base, "")); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "mail %d: %s\n", id, as)
				return nil
			})
		},
	}
	command.Flags().StringVar(&as, "as", "", "sent, or not_sent")
	return command
}
