package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
)

func newSendsRestoreCommand() *cobra.Command {
	var confirm, asJSON bool
	command := &cobra.Command{
		Use:   "resume-after-restore",
		Short: "Find what a restored database has forgotten, and send again",
		Long: `A database that was restored from a backup has forgotten the mails that went since,
and would send them again. Drumbeat sees that by a mark that it keeps outside the
database, and sends nothing.

This command looks for the forgotten mails in this machine's spool and in the Sent
folders, and marks what it finds. With --confirm it then lets sending go on. Before
that, bring in what only you can know: addresses to suppress (drumbeat suppress
add), leads and lists imported since the backup. Run it on the machine whose state
directory has the spool.`,
		Example: "  drumbeat sends resume-after-restore\n  drumbeat sends resume-after-restore --confirm",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				report, err := base.AfterRestore(ctx, confirm)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), restoreToJSON(report))
				}
				printRestore(cmd.OutOrStdout(), report)
				return nil
			})
		},
	}
	command.Flags().BoolVar(&confirm, "confirm", false, "let sending go on")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

func restoreToJSON(r app.RestoreReport) map[string]any {
	return map[string]any{
		"held": r.Hold.Held(), "reason": r.Hold.Reason, "from_spool": r.FromSpool, "from_sent_folders": r.FromSent, "enrolments_held": r.Held,
		"strangers": orEmpty(r.Strangers), "unread": orEmpty(r.Unread), "resumed": r.Resumed,
	}
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func printRestore(w io.Writer, r app.RestoreReport) {
	if !r.Hold.Held() {
		fmt.Fprintln(w, "Nothing is held: the database has forgotten no mail that is known of.")
		return
	}
	fmt.Fprintln(w, printable(r.Hold.Reason))
	fmt.Fprintf(w, "Found again: %d in the spool, %d in Sent folders.\n", r.FromSpool, r.FromSent)
	if r.Held > 0 {
		fmt.Fprintf(w, "%s held for a rep, because it is not clear which step went.\n", counted(r.Held, "enrolment"))
	}
	for _, unread := range r.Unread {
		fmt.Fprintln(w, "Sent folder not read:", printable(unread))
	}
	if len(r.Strangers) > 0 {
		fmt.Fprintln(w, "Mails went to these people, whom the database does not know; import them anew only with care:")
		for _, address := range r.Strangers {
			fmt.Fprintln(w, " ", printable(address))
		}
	}
	if r.Resumed {
		fmt.Fprintln(w, "Sending goes on.")
		return
	}
	fmt.Fprintln(w, "Nothing is sent yet. When all is well: drumbeat sends resume-after-restore --confirm")
}
