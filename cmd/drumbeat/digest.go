package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/digest"
	"drumbeat/internal/outreach"
)

func newDigestCommand() *cobra.Command {
	return needSubcommand(
		&cobra.Command{
			Use:   "digest",
			Short: "The mail that tells a rep whom to answer",
			Long: `A rep gets one mail a day at the hour that mailboxes.yaml gives, if there is
anything to tell: whom to answer first, objections with a draft, what to decide,
tasks, who is back.`,
		},
		newDigestPreviewCommand(), newDigestSendCommand(),
	)
}

func newDigestPreviewCommand() *cobra.Command {
	var html string
	cmd := &cobra.Command{
		Use:   "preview REP",
		Short: "Print the digest as it would go out now; nothing is sent or noted",
		Example: `  drumbeat digest preview dana
  drumbeat digest preview dana --html digest.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withDigester(cmd, func(ctx context.Context, d *digest.Digester) error {
				content, any, err := d.Preview(ctx, outreach.RepID(args[0]))
				if err != nil {
					return err
				}
				if !any {
					fmt.Fprintln(cmd.OutOrStdout(), "Nothing to tell: no mail would go.")
					return nil
				}
				fmt.Fprintf(cmd.OutOrStdout(), "Subject: %s\n\n%s", content.Subject, content.Text)
				if html == "" {
					return nil
				}
				return os.WriteFile(html, []byte(content.HTML), 0o600)
			})
		},
	}
	cmd.Flags().StringVar(&html, "html", "", "also write the HTML part to this file")
	return cmd
}

func newDigestSendCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "send REP",
		Short: "Put today's digest into the ledger now, whatever the hour; a running serve sends it",
		Long: `Puts today's digest into the ledger now, whatever the hour. A running serve or
worker sends it. It counts as today's: there is one a rep and day.`,
		Example: "  drumbeat digest send dana",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withDigester(cmd, func(ctx context.Context, d *digest.Digester) error {
				made, err := d.SendNow(ctx, outreach.RepID(args[0]))
				if err != nil {
					return err
				}
				if !made {
					fmt.Fprintln(cmd.OutOrStdout(), "No digest: there is nothing to tell, or today's has been made already.")
					return nil
				}
				fmt.Fprintln(cmd.OutOrStdout(), "The digest is in the ledger and leaves with the next bell.")
				return nil
			})
		},
	}
}

func withDigester(cmd *cobra.Command, do func(context.Context, *digest.Digester) error) error {
	return withBase(cmd, func(ctx context.Context, base *app.Base) error {
		team, err := base.LoadTeam()
		if err != nil {
			return err
		}
		d, err := base.NewDigester(team)
		if err != nil {
			return err
		}
		return do(ctx, d)
	})
}
