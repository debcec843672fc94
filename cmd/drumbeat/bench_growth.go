package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"drumbeat/internal/bench"
	"drumbeat/internal/config"
)

// benchReport is what a bench has measured.
type benchReport interface {
	Good() bool // whether the bars are kept
}

// benchCommand is a bench with --json and --check. Its caller adds flags.
func benchCommand[R benchReport](
	cmd *cobra.Command, run func(context.Context, config.Config, *slog.Logger, io.Writer) (R, error), print func(io.Writer, R) error,
) *cobra.Command {
	var asJSON, check bool
	cmd.Args = cobra.NoArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withBench(cmd, func(ctx context.Context, cfg config.Config, log *slog.Logger) error {
			report, err := run(ctx, cfg, log, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(cmd.OutOrStdout(), report)
			} else {
				err = print(cmd.OutOrStdout(), report)
			}
			if err == nil && check && !report.Good() {
				return bad(fmt.Errorf("a bar is missed; docs/PERFORMANCE.md lists them"))
			}
			return err
		})
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one JSON object on the last line of stdout")
	cmd.Flags().BoolVar(&check, "check", false, "fail when a bar is missed")
	return cmd
}

func newBenchLagCommand() *cobra.Command {
	var o bench.LagOptions
	cmd := benchCommand(&cobra.Command{
		Use:   "lag",
		Short: "Measure how late a due mail leaves",
		Long: `Lets mails become due one after another on a system with nothing else to do, and measures
when the mail server has accepted them. Bars: half within 1 s, 99 % within 2.5 s.`,
		Example: "  drumbeat bench lag\n  drumbeat bench lag --mails 600 --every 100ms --check",
	}, func(ctx context.Context, cfg config.Config, log *slog.Logger, progress io.Writer) (bench.LagReport, error) {
		if o.Mails < 1 || o.Mails > 10_000 || o.Mailboxes < 1 || o.Mailboxes > 200 || o.Every < time.Millisecond || o.Every > time.Minute {
			return bench.LagReport{}, usage(errors.New("--mails 1 to 10000, --mailboxes 1 to 200, --every 1ms to 1m"))
		}
		o.Progress = progress
		return bench.Lag(ctx, cfg, log, o)
	}, func(out io.Writer, r bench.LagReport) error {
		_, err := fmt.Fprintf(out, "from due to accepted, %d mails: p50 %.2f s, p99 %.2f s, at most %.2f s\n", r.Mails, r.P50, r.P99, r.Max)
		return err
	})
	cmd.Flags().IntVar(&o.Mails, "mails", 200, "mails that become due")
	cmd.Flags().DurationVar(&o.Every, "every", 200*time.Millisecond, "how far apart")
	cmd.Flags().IntVar(&o.Mailboxes, "mailboxes", 20, "mailboxes they leave from")
	return cmd
}

func newBenchIdleCommand() *cobra.Command {
	var o bench.IdleOptions
	cmd := benchCommand(&cobra.Command{
		Use:   "idle",
		Short: "Measure what a worker costs while all leads sleep",
		Long: `Takes in and enrols leads that sleep for a month, then watches a worker with nothing to
do. Filling a million takes some minutes. Bars: 1 % of a core, 40 MB.`,
		Example: "  drumbeat bench idle\n  drumbeat bench idle --leads 100000 --for 10s --json",
	}, func(ctx context.Context, cfg config.Config, log *slog.Logger, progress io.Writer) (bench.IdleReport, error) {
		if o.Leads < 1 || o.Leads > 10_000_000 || o.For < time.Second || o.For > time.Hour {
			return bench.IdleReport{}, usage(errors.New("--leads 1 to 10000000, --for 1s to 1h"))
		}
		o.Progress = progress
		return bench.Idle(ctx, cfg, log, o)
	}, func(out io.Writer, r bench.IdleReport) error {
		_, err := fmt.Fprintf(out, "%d leads asleep, %.0f s: worker %.2f %% of a core and %.0f MB, postgres %.2f %%, redis %.2f %%; a second %.1f commits, %.1f Redis commands\n",
			r.Leads, r.Seconds, r.Worker, r.WorkerMB, r.Postgres, r.Redis, r.Commits, r.RedisCommands)
		return err
	})
	cmd.Flags().IntVar(&o.Leads, "leads", 1_000_000, "leads that sleep")
	cmd.Flags().DurationVar(&o.For, "for", 30*time.Second, "how long to watch")
	return cmd
}

func newBenchScaleCommand() *cobra.Command {
	var o bench.ScaleOptions
	cmd := benchCommand(&cobra.Command{
		Use:   "scale",
		Short: "Measure whether more sleeping leads cost more",
		Long: `For each size: takes in and enrols so many leads, measures the planner's look for due
ones, then wakes some and measures how fast a worker writes to them and what memory it
takes. Bars, last size to first: the look 1.5 times, rate and memory within 15 %, 600
bytes of Postgres a lead.`,
		Example: "  drumbeat bench scale\n  drumbeat bench scale --sizes 10000,100000 --check",
	}, func(ctx context.Context, cfg config.Config, log *slog.Logger, progress io.Writer) (bench.ScaleReport, error) {
		for _, n := range o.Sizes {
			if n < o.Mails || n > 10_000_000 || o.Mails < 100 {
				return bench.ScaleReport{}, usage(errors.New("--sizes up to 10000000 and at least --mails each; --mails at least 100"))
			}
		}
		o.Progress = progress
		return bench.Scale(ctx, cfg, log, o)
	}, func(out io.Writer, r bench.ScaleReport) error {
		for _, s := range r.Sizes {
			fmt.Fprintf(out, "%8d leads: look p50 %.2f ms, p95 %.2f ms (100 due: %.2f, %.2f); %.0f mails/s, worker %.0f MB, %.0f bytes of Postgres and %.1f of Redis a lead\n",
				s.Leads, s.ScanP50, s.ScanP95, s.DueP50, s.DueP95, s.PerSecond, s.WorkerMB, s.LeadBytes, s.RedisBytes)
		}
		_, err := fmt.Fprintf(out, "last to first: look %.2f, rate %.2f, worker's memory %.2f\n", r.ScanRatio, r.RateRatio, r.RSSRatio)
		return err
	})
	cmd.Flags().IntSliceVar(&o.Sizes, "sizes", []int{10_000, 100_000, 1_000_000}, "leads in each round")
	cmd.Flags().IntVar(&o.Mails, "mails", 10_000, "mails sent in each round")
	return cmd
}

func newBenchImportCommand() *cobra.Command {
	var o bench.ImportOptions
	cmd := benchCommand(&cobra.Command{
		Use:   "import",
		Short: "Measure how fast leads come in",
		Long: `Takes CSV files in by the import command itself, each into a database of its own. With
--check the longest file must come in at 0.7 of the rate of the shortest, in at most 1.5
times its memory; rows a second depend on the machine.`,
		Example: "  drumbeat bench import\n  drumbeat bench import --rows 10000,100000 --json",
	}, func(ctx context.Context, cfg config.Config, log *slog.Logger, progress io.Writer) (bench.ImportReport, error) {
		for _, n := range o.Rows {
			if n < 1 || n > 10_000_000 {
				return bench.ImportReport{}, usage(errors.New("--rows 1 to 10000000 each"))
			}
		}
		o.Progress = progress
		return bench.Import(ctx, cfg, log, o)
	}, func(out io.Writer, r bench.ImportReport) error {
		for _, s := range r.Sizes {
			fmt.Fprintf(out, "%8d rows: %.0f rows/s, peak %.0f MB\n", s.Rows, s.PerSecond, s.PeakMB)
		}
		_, err := fmt.Fprintf(out, "last to first: rate %.2f, memory %.2f\n", r.RateRatio, r.RSSRatio)
		return err
	})
	cmd.Flags().IntSliceVar(&o.Rows, "rows", []int{100_000, 1_000_000}, "rows of each file")
	return cmd
}
