package main

import "github.com/spf13/cobra"

func newLeadCommand() *cobra.Command {
	return needSubcommand(&cobra.Command{Use: "lead", Short: "Import, look at and stop leads"},
		newLeadImportCommand(), newLeadListCommand(), newLeadShowCommand(), newLeadPauseCommand(), newLeadResumeCommand(),
		newLeadStopCommand(), newLeadExportCommand(), newLeadEraseCommand())
}
