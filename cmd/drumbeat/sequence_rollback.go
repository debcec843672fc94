package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

func newSequenceRollbackCommand() *cobra.Command {
	var to int
	var asJSON bool
	command := &cobra.Command{
		Use:   "rollback SEQUENCE",
		Short: "Make an earlier revision current again",
		Long: `Make the content of an earlier revision current again: as a new revision, since
numbers only go up. New leads begin under it; leads under way finish on the revision
under which they began. Your files stay as they are: mend them too, or the next
sequence apply brings the change back.`,
		Example: "  drumbeat sequence rollback saas-founders\n  drumbeat sequence rollback saas-founders --to 3",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				done, err := outbound.Rollback(ctx, base.DB, outreach.SequenceID(args[0]), to, base.Clock.Now())
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), map[string]any{
						"sequence": args[0], "from": done.From, "to": done.To, "revision": done.Number, "new": done.Made,
					})
				}
				if !done.Made {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: revision %d is the same as %d; nothing changed\n", args[0], done.From, done.To)
					return nil
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: revision %d, with the content of %d\n", args[0], done.Number, done.To)
				return nil
			})
		},
	}
	command.Flags().IntVar(&to, "to", 0, "the revision whose content comes back (default: the one before the current)")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}
