package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
)

func newReplyCorrectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "correct MESSAGE LABEL",
		Short: "Say what a reply really means; what follows from it happens now",
		Long: `Say what a reply really means. What follows from the label happens now, and what
followed from the wrong one is taken back as far as nobody has acted on it. A
stop and a suppression stay: nothing restarts by itself.

The number of a message stands on its page and in: drumbeat explain LEAD.`,
		Example: "  drumbeat reply correct 214 price",
		Args:    cobra.ExactArgs(2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) != 1 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var labels []string
			for _, label := range outreach.WordLabels() {
				labels = append(labels, string(label))
			}
			return labels, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is no number of a message", args[0])
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				if err := correctReply(ctx, base, outreach.MessageID(id), outreach.Label(args[1])); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "answer %d is %s now; drumbeat explain tells what followed\n", id, args[1])
				return err
			})
		},
	}
}

func correctReply(ctx context.Context, base *app.Base, id outreach.MessageID, label outreach.Label) error {
	team, err := base.LoadTeam()
	if err != nil {
		return err
	}
	digester, err := base.NewDigester(team)
	if err != nil {
		return err
	}
	processor, err := base.NewProcessor(team, digester)
	if err != nil {
		return err
	}
	return processor.Correct(ctx, id, label, actor())
}
