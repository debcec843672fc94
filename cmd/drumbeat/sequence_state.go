package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

func newSequenceListCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use: "list", Short: "List the sequences with what became of their leads", Example: "  drumbeat sequence list", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				views, err := base.DB.SequenceViews(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), map[string]any{"sequences": sequencesToJSON(views)})
				}
				return printSequences(cmd.OutOrStdout(), views)
			})
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// sequenceJSON is a sequence as commands print it.
type sequenceJSON struct {
	ID           string                          `json:"id"`
	Name         string                          `json:"name"`
	Owner        string                          `json:"owner"`
	Revision     int                             `json:"revision"`
	Paused       bool                            `json:"paused"`
	PausedReason string                          `json:"paused_reason"`
	Enrolments   map[outreach.EnrolmentState]int `json:"enrolments"`
	Sent         int                             `json:"sent"`
}

func sequencesToJSON(views []outreach.SequenceView) []sequenceJSON {
	all := make([]sequenceJSON, len(views))
	for i, s := range views {
		all[i] = sequenceJSON{string(s.ID), s.Name, string(s.Owner), s.Revision, s.Paused, s.PausedReason, s.Enrolments, s.Sent}
	}
	return all
}

func printSequences(w io.Writer, views []outreach.SequenceView) error {
	t := newTable(w, "SEQUENCE", "REVISION", "OWNER", "STATE", "ACTIVE", "PAUSED", "HELD", "STOPPED", "FINISHED", "MAILS")
	for _, s := range views {
		state := "on"
		if s.Paused {
			state = "paused: " + s.PausedReason
		}
		n := s.Enrolments
		t.row(string(s.ID), fmt.Sprint(s.Revision), string(s.Owner), state, fmt.Sprint(n[outreach.EnrolmentActive]),
			fmt.Sprint(n[outreach.EnrolmentPaused]), fmt.Sprint(n[outreach.EnrolmentHeld]), fmt.Sprint(n[outreach.EnrolmentStopped]),
			fmt.Sprint(n[outreach.EnrolmentFinished]), fmt.Sprint(s.Sent))
	}
	return t.flush()
}

func newSequencePauseCommand() *cobra.Command {
	return onOne("pause", "SEQUENCE", "Stop a sequence from sending", "  drumbeat sequence pause saas-founders --reason 'new price list'", "paused",
		func(ctx context.Context, db *postgres.DB, id string, act postgres.Act) error {
			return db.PauseSequence(ctx, outreach.SequenceID(id), act)
		})
}

func newSequenceResumeCommand() *cobra.Command {
	return onOne("resume", "SEQUENCE", "Let a sequence send again; caps and gaps hold, so there is no flood",
		"  drumbeat sequence resume saas-founders", "resumed",
		func(ctx context.Context, db *postgres.DB, id string, act postgres.Act) error {
			return db.ResumeSequence(ctx, outreach.SequenceID(id), act)
		})
}
