package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/config"
	"drumbeat/internal/outreach"
)

func newServeCommand() *cobra.Command {
	var own bool
	o := app.ServiceOptions{Roles: app.AllRoles(), Pages: true, Public: true}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Send, read and show: everything in one process",
		Long: `Runs the planner, the inbox, a worker and the pages until it is told to stop. On
SIGTERM or Ctrl-C it takes no new mail, waits for the answers to mails that are
under way (45 s at most) and leaves nothing claimed.

Without DATABASE_URL and REDIS_URL it starts a Postgres and a Redis of its own.
More workers may run beside it: drumbeat worker.

--redirect-all-to makes a rehearsal of it: everything happens as it would, but every
mail goes to that address and no webhook is called. A rehearsal needs a database of
its own, and that database can never send for real: its ledger says sent of mails
that no lead has had.`,
		Example: `  drumbeat serve
  DRUMBEAT_STATE_DIR=/tmp/rehearsal drumbeat serve --redirect-all-to me@yourcompany.example
  drumbeat serve --embedded     # its own servers, whatever DATABASE_URL and REDIS_URL say`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runService(cmd, own, o)
		},
	}
	cmd.Flags().BoolVar(&own, "embedded", false, "start Postgres and Redis of its own even where URLs are set")
	cmd.Flags().StringVar(&o.RedirectAllTo, "redirect-all-to", "", "rehearse: every mail goes to this address instead of the leads")
	return cmd
}

func newWorkerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "worker",
		Short: "Only send and understand replies: more hands beside serve",
		Long: `Hears bells: sends from mailboxes and understands replies. Any number of workers
may run on any number of machines; a mailbox is sent from by one at a time.`,
		Example: "  DATABASE_URL=... REDIS_URL=... drumbeat worker",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runService(cmd, false, app.ServiceOptions{Roles: app.Roles{Worker: true}})
		},
	}
}

func newWebCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "web",
		Short:   "Only the pages and the unsubscribe links",
		Example: "  DATABASE_URL=... REDIS_URL=... drumbeat web",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runService(cmd, false, app.ServiceOptions{Pages: true, Public: true})
		},
	}
}

// runService runs until the context ends. Being told to stop is a good end.
func runService(cmd *cobra.Command, own bool, o app.ServiceOptions) error {
	cfg, err := config.Load(os.Environ())
	if err != nil {
		return err
	}
	if own {
		cfg.DatabaseURL, cfg.RedisURL = "", ""
	}
	log := cfg.Logger(cmd.ErrOrStderr())
	for _, warning := range cfg.Warnings() {
		log.Warn(warning)
	}
	base, err := app.Connect(cmd.Context(), cfg, log)
	if err != nil {
		return unreachable(err)
	}
	defer func() {
		if err := base.Close(); err != nil {
			log.Error("close", "error", err)
		}
	}()
	return serveUntilDone(cmd.Context(), cmd, base, o)
}

func serveUntilDone(ctx context.Context, cmd *cobra.Command, base *app.Base, o app.ServiceOptions) error {
	service, err := base.StartService(ctx, o)
	if err != nil {
		return serviceError(err)
	}
	out := cmd.ErrOrStderr()
	if service.Rehearses != "" {
		fmt.Fprintf(out, "REHEARSAL: every mail goes to %s, none to a lead; no webhook is called\n", service.Rehearses)
	}
	if service.Pages != nil {
		fmt.Fprintf(out, "pages:  http://%s\n", service.Pages.Addr)
	}
	if service.Public != nil {
		fmt.Fprintf(out, "public: http://%s (unsubscribe, /healthz, /readyz, /metrics)\n", service.Public.Addr)
	}
	<-ctx.Done()
	fmt.Fprintln(out, "stopping: no new mail; waiting for answers to what is under way ...")
	if err := service.Stop(); err != nil {
		return unreachable(err)
	}
	return errStopped
}

// errStopped ends a service that was told to: exit code 0, not 130.
var errStopped = &exitError{code: exitGood}

// serviceError is exit 1 for a file that is not valid, 3 for what cannot be
// reached.
func serviceError(err error) error {
	if p := (*outreach.Problem)(nil); errors.As(err, &p) && (p.Code == "INVALID_FILE" || errors.Is(p, outreach.ErrInvalid)) {
		return bad(err)
	}
	return unreachable(err)
}
