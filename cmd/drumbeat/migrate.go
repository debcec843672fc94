package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
)

func newMigrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Bring the database's schema up to date. Every other command does so when it starts;
this one is for a step of its own before a rollout. Several at once are safe: one
works, the others wait.`,
		Example: "  DATABASE_URL=postgres://... drumbeat migrate",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				behind, err := base.DB.SchemaBehind(ctx)
				if err != nil {
					return err
				}
				if behind {
					return bad(fmt.Errorf("the schema is still behind: another version of drumbeat is migrating"))
				}
				fmt.Fprintln(cmd.OutOrStdout(), "the schema is up to date")
				return nil
			})
		},
	}
}
