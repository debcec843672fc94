package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"drumbeat/internal/app"
	"drumbeat/internal/clock"
	"drumbeat/internal/config"
	"drumbeat/internal/demo"
	"drumbeat/internal/outreach"
)

// demoDays is how long the shipped sequences and their last answers take.
const demoDays = 42

type demoFlags struct {
	once  bool
	json  bool
	seed  uint64
	start string
	days  int
}

func newDemoCommand() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole loop on shipped data: two sequences, 200 leads, six weeks in minutes",
		Long: `Runs everything for real on data that ships with Drumbeat: it starts Postgres and
Redis, sends to an SMTP server, reads answers over IMAP, understands them, moves
the leads and writes the reps' digests. Only the leads are scripted, and sales
time is stepped from event to event.

Everything is its own: a database that is dropped at the end, also on the server
of DATABASE_URL, and no mail leaves this machine.`,
		Example: `  drumbeat demo                      # watch it, with pages in the browser
  drumbeat demo --once --json        # as fast as it goes; the last line is the result
  drumbeat demo --start 2031-03-03   # another Monday`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd, f) },
	}
	cmd.Flags().BoolVar(&f.once, "once", false, "do not pause between steps, and end when all is over")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the result as one JSON object on the last line of stdout")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "who answers what: another seed, another cast")
	cmd.Flags().StringVar(&f.start, "start", "", "first day of sales time, YYYY-MM-DD (default: the Monday of this week)")
	cmd.Flags().IntVar(&f.days, "days", demoDays, "days of sales time to run")
	return cmd
}

func runDemo(cmd *cobra.Command, f demoFlags) error {
	ctx := cmd.Context()
	start, err := demoStart(f.start)
	if err != nil {
		return err
	}
	if f.days < 1 || f.days > 366 {
		return fmt.Errorf("--days %d: 1 to 366", f.days)
	}
	cfg, err := config.Load(os.Environ())
	if err != nil {
		return err
	}
	// The demo speaks for itself; the log is for what goes wrong.
	if cfg.Log < slog.LevelWarn {
		cfg.Log = slog.LevelError
	}
	view := &demoView{out: cmd.ErrOrStderr(), days: f.days, live: !f.once, start: start}
	view.line("Starting Postgres, Redis and the mail world ...")
	d, err := app.StartDemo(ctx, cfg, cfg.Logger(cmd.ErrOrStderr()), app.DemoOptions{
		Start: start, Days: f.days, Seed: f.seed, Listen: cfg.Listen, Between: view.between,
	})
	if err != nil {
		return unreachable(err)
	}
	defer func() { _ = d.Close() }() // what is left is temporary; the result has been printed
	view.line("Pages: http://%s   (%d leads in %d sequences, from %s)\n", d.Site.Addr, d.Leads, len(demo.Lists()), start.Format("Monday 2 January 2006"))
	if err := d.Run(ctx); err != nil {
		return unreachable(err)
	}
	report, err := d.Report(ctx)
	if err != nil {
		return unreachable(err)
	}
	if err := printDemo(cmd.OutOrStdout(), report, f.json); err != nil {
		return err
	}
	if !report.Good() {
		return bad(fmt.Errorf("the promise is broken: %d duplicates, %d lost", report.Duplicates, report.Lost))
	}
	if !f.once {
		view.line("\nAll days are over. The pages stay at http://%s until Ctrl-C.", d.Site.Addr)
		<-ctx.Done()
	}
	return nil
}

// demoStart is the first day of sales time, at midnight UTC.
func demoStart(flag string) (time.Time, error) {
	if flag == "" {
		today := outreach.DayOf(clock.Real{}.Now())
		return today.AddDays(-(int(today.Weekday()) + 6) % 7).Time(time.UTC), nil
	}
	day, err := outreach.ParseDay(flag)
	if err != nil {
		return time.Time{}, fmt.Errorf("--start: %w", err)
	}
	return day.Time(time.UTC), nil
}

// demoView tells a person how far the demo is.
type demoView struct {
	out   io.Writer
	days  int
	live  bool
	start time.Time
	day   int
	any   bool
}

func (v *demoView) line(format string, args ...any) { fmt.Fprintf(v.out, format+"\n", args...) }

// livePause is how long the live demo rests at a step, in machine time.
const livePause = 60 * time.Millisecond

// between is called at every step: a line a day, and a rest so that one can
// watch.
func (v *demoView) between(ctx context.Context, d *app.Demo, now, _ time.Time) error {
	if day := d.Day(); day != v.day || !v.any {
		v.day, v.any = day, true
		report, err := d.Report(ctx)
		if err != nil {
			return err
		}
		v.progress(now, report)
	}
	if v.live {
		return clock.Machine{}.Sleep(ctx, livePause)
	}
	return nil
}

func (v *demoView) progress(now time.Time, r app.DemoReport) {
	line := fmt.Sprintf("%s  day %2d/%d  sent %4d  replies %3d  %s", now.Format("Mon 2 Jan"), r.Days, v.days, r.Sent, total(r.Replies), stagesLine(r.Stages))
	if file, ok := v.out.(*os.File); ok && !v.live && term.IsTerminal(int(file.Fd())) {
		fmt.Fprintf(v.out, "\r\x1b[K%s", line)
		return
	}
	v.line("%s", line)
}

func total[K comparable](counts map[K]int) int {
	n := 0
	for _, count := range counts {
		n += count
	}
	return n
}

func stagesLine(stages map[outreach.Stage]int) string {
	line := ""
	for _, stage := range outreach.Stages() {
		if n := stages[stage]; n > 0 {
			line += fmt.Sprintf("%s %d  ", stage, n)
		}
	}
	return line
}

// printDemo prints the result on stdout.
func printDemo(out io.Writer, r app.DemoReport, asJSON bool) error {
	if asJSON {
		return writeJSON(out, r)
	}
	fmt.Fprintf(out, "\n%d days: %d leads, %d mails sent, %d failed, %d twice, %d lost, %d in doubt\n",
		r.Days, r.Leads, r.Sent, r.Failed, r.Duplicates, r.Lost, r.Unknown)
	fmt.Fprintf(out, "%d digests, %d alerts, %d drafts, %d people named, %d suppressed\n", r.Digests, r.Alerts, r.Drafts, r.Candidates, r.Suppressed)
	fmt.Fprintln(out, "\nreplies")
	for _, label := range outreach.AllLabels() {
		if n := r.Replies[label]; n > 0 {
			fmt.Fprintf(out, "  %-14s %3d\n", label, n)
		}
	}
	fmt.Fprintln(out, "\nstages")
	for _, stage := range outreach.Stages() {
		if n := r.Stages[stage]; n > 0 {
			fmt.Fprintf(out, "  %-14s %3d\n", stage, n)
		}
	}
	return nil
}
