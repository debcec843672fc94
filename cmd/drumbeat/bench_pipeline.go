package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"drumbeat/internal/bench"
	"drumbeat/internal/config"
)

func newBenchPipelineCommand() *cobra.Command {
	var o bench.PipelineOptions
	var asJSON, check bool
	cmd := &cobra.Command{
		Use:   "pipeline",
		Short: "Measure how fast mails go out, against the plain loop of render, build and send",
		Long: `Sends the same mails twice, in turn: by the plain loop of render, build and go-mail send
from memory, which keeps no promise, and by the whole engine with its ledger. Ratios
within a pair are steadier than rates, and CPU ratios steadier still.`,
		Example: `  drumbeat bench pipeline
  drumbeat bench pipeline --rtt 20ms --mails 6000 --json
  drumbeat bench pipeline --no-pipelining --check`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Mailboxes < 1 || o.Mailboxes > 500 || o.Mails < o.Mailboxes || o.Mails > 100_000 || o.Pairs < 1 || o.Pairs > 25 || o.RTT < 0 || o.RTT > time.Second {
				return fmt.Errorf("--mailboxes 1 to 500, --mails up to 100000 and one for each mailbox, --pairs 1 to 25, --rtt up to 1s")
			}
			o.Progress = cmd.ErrOrStderr()
			return withBench(cmd, func(ctx context.Context, cfg config.Config, log *slog.Logger) error {
				report, err := bench.Pipeline(ctx, cfg, log, o)
				if err != nil {
					return err
				}
				if err := printPipeline(cmd.OutOrStdout(), report, asJSON); err != nil {
					return err
				}
				if bar := pipelineBar(report); check && report.Ratio < bar {
					return bad(fmt.Errorf("the ratio is %.2f, less than %.2f", report.Ratio, bar))
				}
				return nil
			})
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&o.Mailboxes, "mailboxes", 100, "mailboxes to send from; each has one connection")
	flags.IntVar(&o.Mails, "mails", 60_000, "mails a run; in a short one much of the time is waking up")
	flags.DurationVar(&o.RTT, "rtt", 0, "how long the mail server's answers take, such as 20ms")
	flags.IntVar(&o.Pairs, "pairs", 3, "runs of each, in turn")
	flags.BoolVar(&o.NoPipelining, "no-pipelining", false, "the mail server does not offer PIPELINING")
	flags.BoolVar(&asJSON, "json", false, "print the result as one JSON object on the last line of stdout")
	flags.BoolVar(&check, "check", false, "fail when the ratio is below its bar")
	return cmd
}

// pipelineBar is the least ratio that the documentation promises.
func pipelineBar(r bench.PipelineReport) float64 {
	switch far := r.RTT >= 10; {
	case far && r.Pipelining:
		return 1.4
	case far:
		return 0.85
	case r.Pipelining:
		return 0.50
	}
	return 0.40
}

func printPipeline(out io.Writer, r bench.PipelineReport, asJSON bool) error {
	if asJSON {
		return writeJSON(out, r)
	}
	fmt.Fprintf(out, "direct %.0f/s, pipeline %.0f/s: ratio %.2f (%.2f to %.2f), CPU ratio %.2f\n", r.Direct, r.Pipeline, r.Ratio, r.RatioMin, r.RatioMax, r.CPURatio)
	fmt.Fprintf(out, "CPU s per 10,000 mails: self %.2f + postgres %.2f + redis %.2f + mail server %.2f = %.2f (direct: %.2f)\n",
		r.CPU.Self, r.CPU.Postgres, r.CPU.Redis, r.CPU.Sink, r.CPU.Total, r.DirectCPU.Total)
	_, err := fmt.Fprintf(out, "a mail: %.2f round trips (direct %.2f), %.3f commits, %.3f Redis commands; %.1f %% of the ledger's updates touched an index\n",
		r.RoundTrips, r.DirectTrips, r.Commits, r.Redis, 100*r.NotHOT)
	return err
}
