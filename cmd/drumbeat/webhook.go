package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outreach"
)

func newWebhookCommand() *cobra.Command {
	return needSubcommand(&cobra.Command{Use: "webhook", Short: "Look at what webhook steps tell other services"},
		newWebhookListCommand(), newWebhookRetryCommand(), newWebhookSkipCommand())
}

func newWebhookListCommand() *cobra.Command {
	var filter outreach.WebhookFilter
	var asJSON bool
	command := &cobra.Command{
		Use:   "list",
		Short: "List deliveries of webhooks, the last moved first",
		Long: `List deliveries of webhooks, the last moved first. One that failed was given up after
all its attempts; its lead waits until somebody drives it again (webhook retry) or
goes on without it (webhook skip).`,
		Example: "  drumbeat webhook list --state failed",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("--state", filter.State, outreach.WebhookStates()); err != nil {
				return err
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				all, err := base.DB.Webhooks(ctx, filter)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), map[string]any{"webhooks": webhooksToJSON(all)})
				}
				t := newTable(cmd.OutOrStdout(), "ID", "WHEN", "STATE", "LEAD", "STEP", "ATTEMPTS", "NEXT", "WHY", "EVENT")
				for _, w := range all {
					at := w.MovedAt()
					t.row(fmt.Sprint(w.ID), moment(&at), string(w.State), w.LeadName, fmt.Sprintf("%s/%s", w.SequenceID, w.StepID),
						fmt.Sprint(w.Attempts), moment(w.DueAt), lastAnswer(w), w.EventID)
				}
				return t.flush()
			})
		},
	}
	command.Flags().StringVar((*string)(&filter.State), "state", "", "only deliveries in this state: planned, claimed, accepted, completed, failed, skipped, cancelled")
	limitFlag(command, &filter.Limit, 100)
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// lastAnswer says what came of the last attempt.
func lastAnswer(w outreach.WebhookView) string {
	switch {
	case w.LastError != "":
		return w.LastError
	case w.LastStatus > 0:
		return fmt.Sprintf("answered %d", w.LastStatus)
	}
	return ""
}

func newWebhookRetryCommand() *cobra.Command {
	var failed bool
	command := &cobra.Command{
		Use:   "retry [ID...]",
		Short: "Drive deliveries again that were given up",
		Long: `Drive deliveries again that were given up: the same events with the same ids, with all
their attempts before them. The running service tries them at once.`,
		Example: "  drumbeat webhook retry 4711\n  drumbeat webhook retry --failed     # all of them, when the receiver is back",
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := webhookIDs(args)
			if err == nil && failed == (len(ids) > 0) {
				err = fmt.Errorf("name deliveries, or all of them by --failed")
			}
			if err != nil {
				return err
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				if failed {
					if ids, err = failedWebhooks(ctx, base); err != nil {
						return err
					}
				}
				for _, id := range ids {
					driven, err := base.DB.RetryWebhook(ctx, id, actNow(base, "Driven again."))
					if err == nil && !driven {
						err = fmt.Errorf("%w: webhook %d was not given up", outreach.ErrInvalid, id)
					}
					if err != nil {
						return err
					}
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d driven again\n", len(ids))
				return nil
			})
		},
	}
	command.Flags().BoolVar(&failed, "failed", false, "all that were given up")
	return command
}

// failedWebhooks are all that were given up, the oldest first: in this order they
// are told.
func failedWebhooks(ctx context.Context, base *app.Base) ([]outreach.WebhookID, error) {
	const all = 1_000_000
	views, err := base.DB.Webhooks(ctx, outreach.WebhookFilter{State: outreach.WebhookFailed, Limit: all})
	ids := make([]outreach.WebhookID, len(views))
	for i, w := range views {
		ids[len(views)-1-i] = w.ID
	}
	return ids, err
}

func newWebhookSkipCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "skip ID...",
		Short: "Let sequences go on without a delivery",
		Long: `Let sequences go on without a delivery that was given up, or that is waited for. What
the receiver knows does not change by it.`,
		Example: "  drumbeat webhook list --state failed\n  drumbeat webhook skip 4711",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := webhookIDs(args)
			if err != nil {
				return err
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				for _, id := range ids {
					if err := base.Callbacks().Skip(ctx, id, actor()); err != nil {
						return err
					}
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d skipped\n", len(ids))
				return nil
			})
		},
	}
}

func webhookIDs(args []string) ([]outreach.WebhookID, error) {
	var ids []outreach.WebhookID
	for _, arg := range args {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil || id <= 0 {
			return nil, fmt.Errorf("%q is no number of a delivery", arg)
		}
		ids = append(ids, outreach.WebhookID(id))
	}
	return ids, nil
}

// webhookJSON is a delivery of the JSON of explain, lead show and webhook list.
type webhookJSON struct {
	ID        int64  `json:"id"`
	Event     string `json:"event"`
	At        string `json:"at"`
	State     string `json:"state"`
	Lead      int64  `json:"lead_id"`
	Sequence  string `json:"sequence"`
	Step      string `json:"step"`
	Attempts  int    `json:"attempts"`
	Status    int    `json:"status"` // of the last answer; 0: none
	Error     string `json:"error"`
	NextAt    string `json:"next_at,omitempty"`
	CreatedAt string `json:"created_at"`
}

func webhooksToJSON(all []outreach.WebhookView) []webhookJSON {
	out := make([]webhookJSON, len(all))
	for i, w := range all {
		at := w.MovedAt()
		out[i] = webhookJSON{
			ID: int64(w.ID), Event: w.EventID, At: rfc3339(&at), State: string(w.State), Lead: int64(w.LeadID), Sequence: string(w.SequenceID),
			Step: string(w.StepID), Attempts: w.Attempts, Status: w.LastStatus, Error: w.LastError, NextAt: rfc3339(w.DueAt), CreatedAt: rfc3339(&w.CreatedAt),
		}
	}
	return out
}
