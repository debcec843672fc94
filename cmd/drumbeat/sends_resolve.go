package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

func newSendsResolveCommand() *cobra.Command {
	var as string
	command := &cobra.Command{
		Use:   "resolve ID --as sent|not_sent|resend",
		Short: "Say what became of a mail that is in doubt",
		Long: `Say what became of a mail that is in doubt (state unknown or assumed_sent), after a
look into the mailbox's Sent folder or the provider's log:

  sent      it went; the sequence goes on behind it
  not_sent  it did not; the sequence goes on without it
  resend    send it once more, the same bytes under the same Message-ID (unknown mails
            of sequences with send: {unknown: hold} or resend_once, and digests)

A sequence that waited for the answer goes on. A lead who was stopped meanwhile gets
nothing.`,
		Example: "  drumbeat sends list --state unknown\n  drumbeat sends resolve 4711 --as sent",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is no number of a mail", args[0])
			}
			resolution := postgres.Resolution(as)
			if !slices.Contains([]postgres.Resolution{postgres.ResolvedSent, postgres.ResolvedNotSent, postgres.ResolvedResend}, resolution) {
				return fmt.Errorf("--as %q: sent, not_sent or resend", as)
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				if err := base.DB.ResolveSend(ctx, outreach.SendID(id), resolution, actNow(base, "")); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "mail %d: %s\n", id, as)
				return nil
			})
		},
	}
	command.Flags().StringVar(&as, "as", "", "sent, not_sent or resend")
	return command
}
