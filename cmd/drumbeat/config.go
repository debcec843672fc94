package main

import (
	"os"

	"github.com/spf13/cobra"

	"drumbeat/internal/config"
)

func newConfigCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use: "config", Short: "Print the settings as they hold, secrets masked", Example: "  drumbeat config", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(os.Environ())
			if err != nil {
				return bad(err)
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), map[string]any{"settings": cfg.Effective()})
			}
			t := newTable(cmd.OutOrStdout(), "SETTING", "VALUE", "FROM")
			for _, setting := range cfg.Effective() {
				t.row(setting.Name, setting.Value, string(setting.Source))
			}
			return t.flush()
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}
