package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
)

func newEnrolCommand() *cobra.Command {
	var list string
	var asJSON bool
	command := &cobra.Command{
		Use:   "enrol SEQUENCE --list NAME",
		Short: "Put the leads of a list into a sequence",
		Long: `Put the leads of a list into a sequence. Each gets a mailbox (the one that wrote to
the lead before, else the least loaded) and a time zone; both stay. Leads who must
not be written to are skipped, each reason with its count. Nothing is sent by this
command: drumbeat serve sends, in business hours, under the caps.

A lead may be in several sequences; two mails are never under way to one lead.`,
		Example: "  drumbeat enrol saas-founders --list march",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(list) == "" {
				return errors.New("--list names the list whose leads begin the sequence")
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				team, err := base.LoadTeam()
				if err != nil {
					return bad(err)
				}
				progress := newProgress(cmd.ErrOrStderr(), "leads looked at")
				id := outreach.SequenceID(args[0])
				report, err := outbound.Enrol(ctx, base.DB, team.Roster, id, list, base.Clock.Now(), progress.show)
				progress.done()
				if errors.Is(err, outreach.ErrNotFound) {
					return notToEnrol(ctx, base, err, list)
				}
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), enrolToJSON(args[0], list, report))
				}
				printEnrolled(cmd.OutOrStdout(), args[0], report)
				return nil
			})
		},
	}
	command.Flags().StringVar(&list, "list", "", "list whose leads begin the sequence")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// notToEnrol says which lists there are, or where sequences come from, when one was
// not found.
func notToEnrol(ctx context.Context, base *app.Base, err error, list string) error {
	names, listErr := base.DB.ListNames(ctx)
	if listErr != nil {
		return listErr
	}
	fix := "drumbeat sequence list shows the sequences; drumbeat sequence apply takes files in"
	if !slices.Contains(names, list) {
		fix = waysToList(list, names)
	}
	return bad(&outreach.Problem{Code: "NOT_FOUND", Detail: err.Error(), Fix: fix})
}

// enrolJSON is the JSON of enrol.
type enrolJSON struct {
	Sequence string                  `json:"sequence"`
	Revision int                     `json:"revision"`
	List     string                  `json:"list"`
	Enrolled int                     `json:"enrolled"`
	Skipped  map[outreach.Reason]int `json:"skipped"`
	Zones    map[string]int          `json:"zones"`
	First    string                  `json:"first_due_at,omitempty"`
}

func enrolToJSON(sequence, list string, r outbound.EnrolReport) enrolJSON {
	j := enrolJSON{
		Sequence: sequence, Revision: r.Revision, List: list, Enrolled: r.Enrolled, Skipped: r.Skipped,
		Zones: make(map[string]int), First: rfc3339(r.First),
	}
	for source, n := range r.Zones {
		j.Zones[string(source)] = n
	}
	return j
}

func printEnrolled(w io.Writer, sequence string, r outbound.EnrolReport) {
	fmt.Fprintf(w, "%s enrolled in %s, revision %d\n", counted(r.Enrolled, "lead"), sequence, r.Revision)
	for _, reason := range r.SkipReasons() {
		fmt.Fprintf(w, "  %6d  skipped: %s\n", r.Skipped[reason], reason)
	}
	if r.First != nil && r.Enrolled > 0 {
		fmt.Fprintf(w, "first mail due: %s\n", moment(r.First))
	}
}
