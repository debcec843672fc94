package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/config"
	"drumbeat/internal/outreach"
	"drumbeat/internal/postgres"
)

// withBase opens the installation that the environment names, runs do and closes
// it. Its errors carry the exit code: 1 for what was asked about and is not
// there or not valid, 3 for what cannot be reached.
func withBase(cmd *cobra.Command, do func(ctx context.Context, base *app.Base) error) error {
	cfg, err := config.Load(os.Environ())
	if err != nil {
		return err
	}
	cfg.Log = max(cfg.Log, slog.LevelWarn) // a command says what it did; the service logs how
	base, err := app.Connect(cmd.Context(), cfg, cfg.Logger(cmd.ErrOrStderr()))
	if err != nil {
		return unreachable(err)
	}
	err = withCode(do(cmd.Context(), base))
	if closed := base.Close(); err == nil && closed != nil {
		return unreachable(closed)
	}
	return err
}

// withCode gives an error that has none its exit code.
func withCode(err error) error {
	var coded *exitError
	switch {
	case err == nil || errors.As(err, &coded):
		return err
	case errors.Is(err, outreach.ErrNotFound), errors.Is(err, outreach.ErrInvalid):
		return bad(err)
	}
	return unreachable(err)
}

// actNow is the act that a command stores: who, when, and why in their words.
func actNow(base *app.Base, detail string) postgres.Act {
	return postgres.Act{At: base.Clock.Now(), Actor: actor(), Detail: detail}
}

// actor is who runs the command, as far as the machine knows.
func actor() string {
	if user := strings.TrimSpace(os.Getenv("USER")); user != "" {
		return user
	}
	return "operator"
}

// needSubcommand makes a command that only groups others show its help.
func needSubcommand(command *cobra.Command, below ...*cobra.Command) *cobra.Command {
	command.Args = cobra.NoArgs
	command.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	command.AddCommand(below...)
	return command
}
