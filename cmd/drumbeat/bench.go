package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"drumbeat/internal/bench"
	"drumbeat/internal/config"
)

func newBenchCommand() *cobra.Command {
	return needSubcommand(&cobra.Command{
		Use:   "bench",
		Short: "Measure Drumbeat, and try to break its promises",
		Long: `Measure Drumbeat, and try to break its promises. A bench has servers and a database of
its own (on the servers of DATABASE_URL and REDIS_URL where those are set, a database and
a queue of its own) and sends to a mail server on this machine alone.`,
	}, newBenchCrashCommand(), newBenchPipelineCommand(), newBenchScaleCommand(), newBenchIdleCommand(),
		newBenchImportCommand(), newBenchLagCommand(), newBenchWorkerCommand(), newBenchSinkCommand())
}

// newBenchWorkerCommand is the worker process of a bench: this program, run by
// itself.
func newBenchWorkerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "worker", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
			if err := bench.Work(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), log); err != nil {
				return unreachable(err)
			}
			return nil
		},
	}
}

// newBenchSinkCommand is the mail server of a bench in a process of its own.
func newBenchSinkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sink", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := bench.Sink(cmd.InOrStdin(), cmd.OutOrStdout()); err != nil {
				return unreachable(err)
			}
			return nil
		},
	}
}

// withBench runs a bench with the settings of the environment, of which it takes
// the servers alone.
func withBench(cmd *cobra.Command, do func(ctx context.Context, cfg config.Config, log *slog.Logger) error) error {
	cfg, err := config.Load(os.Environ())
	if err != nil {
		return err
	}
	cfg.Log = max(cfg.Log, slog.LevelWarn) // the bench speaks for itself
	return withCode(do(cmd.Context(), cfg, cfg.Logger(cmd.ErrOrStderr())))
}
