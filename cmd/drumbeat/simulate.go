package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/outreach"
	"drumbeat/internal/simulate"
	"drumbeat/internal/strictyaml"
)

// simulateFlags are the flags of simulate.
type simulateFlags struct {
	leads, start, profile, plan, lead, svg string
	days                                   int
	silent, json, showProfile              bool
}

func newSimulateCommand() *cobra.Command {
	f := simulateFlags{days: 60}
	command := &cobra.Command{
		Use:   "simulate SEQUENCE.yaml --leads FILE.csv",
		Short: "Show day by day what a sequence would send to a list, and what holds it up",
		Long: `Show day by day what a sequence would send to a list of leads, and what holds it
up: the limit that binds on each day, when the campaign ends, and what becomes of
everyone. The engine's own rules decide, on a clock that jumps from event to event:
nothing is sent, and neither Postgres nor Redis is needed.

The mailboxes.yaml beside the file says from where mail leaves. The mailboxes are
taken to have nothing else to do, and every mail to be accepted. Leads answer as a
profile says: --profile names a file of yours, --show-profile prints the one that
holds without it, --silent lets nobody answer, which is the longest that it can take.
The same files give the same plan, to the second; its sha256 is printed.

Exit code 1: the sequence has faults; 3: a file cannot be read.`,
		Example: "  drumbeat simulate founders.yaml --leads march.csv --start 2031-03-03\n" +
			"  drumbeat simulate founders.yaml --leads march.csv --lead ann@acme.example\n" +
			"  drumbeat simulate founders.yaml --leads march.csv --plan plan.jsonl --svg calendar.svg --json",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.showProfile {
				_, err := cmd.OutOrStdout().Write(simulate.ShippedProfile())
				return err
			}
			if len(args) == 0 || f.leads == "" {
				return errors.New("name a sequence file and its leads: simulate SEQUENCE.yaml --leads FILE.csv")
			}
			if f.days < 1 || f.days > 366 {
				return fmt.Errorf("--days %d: 1 to 366", f.days)
			}
			return runSimulate(cmd, args[0], f)
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.leads, "leads", "", "CSV of the leads, as lead import reads it")
	flags.StringVar(&f.start, "start", "", "first day, YYYY-MM-DD (default: today)")
	flags.IntVar(&f.days, "days", f.days, "how many days to look ahead, at most 366")
	flags.StringVar(&f.profile, "profile", "", "file that says how leads answer")
	flags.BoolVar(&f.showProfile, "show-profile", false, "print the profile that holds without --profile, to begin one of your own")
	flags.BoolVar(&f.silent, "silent", false, "nobody answers")
	flags.StringVar(&f.lead, "lead", "", "tell what happens to this address")
	flags.StringVar(&f.plan, "plan", "", "write every mail to this file, one JSON object a line")
	flags.StringVar(&f.svg, "svg", "", "draw the calendar into this file")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	return command
}

func runSimulate(cmd *cobra.Command, path string, f simulateFlags) error {
	cfg, err := config.Load(os.Environ())
	if err != nil {
		return err
	}
	desk, err := app.OpenDesk(cfg, cfg.Logger(cmd.ErrOrStderr()), path)
	if err != nil {
		return withCode(err)
	}
	source := func(file string) []byte { return desk.Checked.Sources[file] }
	if err := strictyaml.WriteText(cmd.ErrOrStderr(), desk.Checked.Diagnostics, source); err != nil {
		return err
	}
	if !desk.Checked.Good() {
		return bad(nil)
	}
	s, refused, err := f.simulation(cmd.ErrOrStderr(), desk)
	if err != nil {
		return err
	}
	report, err := f.planned(cmd.Context(), desk, s)
	if err != nil {
		return err
	}
	if f.svg != "" {
		if err := os.WriteFile(f.svg, simulate.SVG(report), 0o644); err != nil {
			return unreachable(err)
		}
	}
	if f.json {
		return writeJSON(cmd.OutOrStdout(), simulateToJSON(report))
	}
	printSimulation(cmd.OutOrStdout(), report, f, s.Profile.Name, refused)
	return nil
}

// simulation reads what the flags name.
func (f simulateFlags) simulation(errOut io.Writer, desk *app.Desk) (s app.Simulation, refused map[string]int, err error) {
	file, err := app.ReadLeads(f.leads)
	if err != nil {
		var problem *outreach.Problem
		if errors.As(err, &problem) {
			return s, nil, bad(err)
		}
		return s, nil, unreachable(err)
	}
	if len(file.Leads) == 0 {
		return s, nil, bad(fmt.Errorf("%s holds no lead that could be written to", f.leads))
	}
	s = app.Simulation{Leads: file.Leads, Days: f.days, Follow: f.lead}
	if s.Profile, err = f.answers(errOut); err != nil {
		return s, nil, err
	}
	if s.Start, err = f.begin(desk); err != nil {
		return s, nil, err
	}
	days := newProgress(errOut, "days")
	days.every = 1
	s.Progress = days.show
	return s, file.Refused, nil
}

// begin is midnight of the first day, by the clock of the sequence's mailbox.
func (f simulateFlags) begin(desk *app.Desk) (time.Time, error) {
	zone := desk.Zone()
	if f.start == "" {
		return outreach.DayOf(clock.Real{}.Now().In(zone)).Time(zone), nil
	}
	day, err := outreach.ParseDay(f.start)
	if err != nil {
		return time.Time{}, fmt.Errorf("--start %q is not a day like 2031-03-03", f.start)
	}
	return day.Time(zone), nil
}

// answers reads the profile.
func (f simulateFlags) answers(errOut io.Writer) (simulate.Profile, error) {
	if f.silent {
		return simulate.Silent(), nil
	}
	name, src := "shipped profile", simulate.ShippedProfile()
	if f.profile != "" {
		var err error
		name = f.profile
		if src, err = os.ReadFile(f.profile); err != nil {
			return simulate.Profile{}, unreachable(err)
		}
	}
	profile, diagnostics := simulate.ParseProfile(name, src)
	if err := strictyaml.WriteText(errOut, diagnostics, func(string) []byte { return src }); err != nil {
		return profile, err
	}
	if strictyaml.HasErrors(diagnostics) {
		return profile, bad(nil)
	}
	return profile, nil
}

// planned simulates, and writes the plan if it is wanted.
func (f simulateFlags) planned(ctx context.Context, desk *app.Desk, s app.Simulation) (report simulate.Report, err error) {
	if f.plan == "" {
		report, err = desk.Simulate(ctx, s)
		return report, withCode(err)
	}
	file, err := os.Create(f.plan)
	if err != nil {
		return report, unreachable(err)
	}
	lines := bufio.NewWriter(file)
	s.Plan = lines
	report, err = desk.Simulate(ctx, s)
	return report, withCode(errors.Join(err, lines.Flush(), file.Close()))
}
