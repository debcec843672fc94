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

func newBenchCrashCommand() *cobra.Command {
	var o bench.CrashOptions
	var asJSON, check bool
	cmd := &cobra.Command{
		Use:   "crash",
		Short: "Kill workers and servers while mails go out, and look for mails sent twice or lost",
		Long: `Runs this program as worker processes that send to every lead once, kills them with
kill -9 while dialogues are open, and does the rest that is asked for. Then it compares
the ledger with the mail server's own log of what it accepted.

The mail server is paced, and the blows fall by how many mails it has accepted, so all
of them fall within the run.`,
		Example: `  drumbeat bench crash
  drumbeat bench crash --leads 10000 --kills 30 --stops 500 --faults --json
  drumbeat bench crash --flush-redis 5 --restart-postgres 3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkCrash(o); err != nil {
				return err
			}
			o.Progress = cmd.ErrOrStderr()
			return withBench(cmd, func(ctx context.Context, cfg config.Config, log *slog.Logger) error {
				report, err := bench.Crash(ctx, cfg, log, o)
				if err != nil {
					return err
				}
				if err := printCrash(cmd.OutOrStdout(), report, asJSON); err != nil {
					return err
				}
				return judgeCrash(report, check)
			})
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&o.Leads, "leads", 1000, "leads to send to")
	flags.IntVar(&o.Kills, "kills", 5, "kill -9 of a worker")
	flags.IntVar(&o.Terms, "terms", 0, "restarts of a worker by SIGTERM")
	flags.IntVar(&o.Processes, "processes", 2, "workers at a time")
	flags.IntVar(&o.Mailboxes, "mailboxes", 20, "mailboxes to send from; each has one connection")
	flags.IntVar(&o.Stops, "stops", 0, "leads that are stopped while mails go out")
	flags.IntVar(&o.FlushRedis, "flush-redis", 0, "how often Redis is emptied")
	flags.DurationVar(&o.StopRedis, "stop-redis", 0, "how long Redis is gone once, such as 35s")
	flags.IntVar(&o.RestartPostgres, "restart-postgres", 0, "how often Postgres crashes and starts again")
	flags.BoolVar(&o.Faults, "faults", false, "let the mail server refuse, defer, dawdle and drop connections")
	flags.Uint64Var(&o.Seed, "seed", 1, "of the random moments")
	flags.DurationVar(&o.Limit, "limit", 15*time.Minute, "the run fails when it takes longer")
	flags.BoolVar(&asJSON, "json", false, "print the result as one JSON object on the last line of stdout")
	flags.BoolVar(&check, "check", false, "also fail when a mailbox rests longer than 15 s after a kill (99 of 100)")
	return cmd
}

func checkCrash(o bench.CrashOptions) error {
	switch {
	case o.Leads < 1 || o.Leads > 100_000:
		return fmt.Errorf("--leads %d: 1 to 100000", o.Leads)
	case o.Processes < 1 || o.Processes > 32:
		return fmt.Errorf("--processes %d: 1 to 32", o.Processes)
	case o.Mailboxes < 1 || o.Mailboxes > 200 || o.Leads > o.Mailboxes*10_000:
		return fmt.Errorf("--mailboxes %d: 1 to 200, and one for each 10000 leads", o.Mailboxes)
	case o.Kills < 0 || o.Terms < 0 || o.Stops < 0 || o.FlushRedis < 0 || o.RestartPostgres < 0 || o.StopRedis < 0:
		return errors.New("a number of blows is not below zero")
	case o.Stops > o.Leads/2:
		return fmt.Errorf("--stops %d: at most half of the leads", o.Stops)
	}
	return nil
}

func judgeCrash(r bench.CrashReport, check bool) error {
	switch {
	case !r.Good():
		return bad(fmt.Errorf("the promise is broken: %d duplicates, %d lost, %d wrong, %d unknown (at most %d by kills), %d sent after a stop",
			r.Duplicates, r.Lost, r.Wrong, r.Unknown, r.Kills*r.Connections, r.SentAfterStop))
	case check && r.RecoveryP99 > bench.CrashBarRecovery:
		return bad(fmt.Errorf("recovery took %.1f s (99 of 100), more than %.0f s", r.RecoveryP99, bench.CrashBarRecovery))
	}
	return nil
}

func printCrash(out io.Writer, r bench.CrashReport, asJSON bool) error {
	if asJSON {
		return writeJSON(out, r)
	}
	fmt.Fprintf(out, "%d leads, %d mails accepted, %d failed, %d cancelled, %d in doubt (%d of them accepted)\n",
		r.Leads, r.Sent, r.Failed, r.Cancelled, r.Unknown, r.UnknownAccepted)
	fmt.Fprintf(out, "%d kills, %d restarts, %d stops, Redis emptied %d times and gone for %.0f s, Postgres crashed %d times\n",
		r.Kills, r.Terms, r.Stops, r.FlushRedis, r.StopRedis, r.RestartPostgres)
	fmt.Fprintf(out, "duplicates %d   lost %d   wrong %d   sent after a stop %d\n", r.Duplicates, r.Lost, r.Wrong, r.SentAfterStop)
	_, err := fmt.Fprintf(out, "recovery %.1f s (half), %.1f s (99 of 100), %d mailboxes; %.0f s in all\n", r.RecoveryP50, r.RecoveryP99, r.Recoveries, r.Seconds)
	return err
}
