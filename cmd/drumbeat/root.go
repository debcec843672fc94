package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"drumbeat/internal/outreach"
)

// The exit codes of every command.
const (
	exitGood        = 0
	exitBad         = 1 // checked and bad: an invalid file, a missed --check
	exitUsage       = 2
	exitUnreachable = 3 // a server or a file cannot be reached
	exitInterrupted = 130
)

// exitError carries an exit code with an error. An error without one is a
// usage error: cobra's own errors about flags and arguments come bare.
type exitError struct {
	code int
	err  error // nil: everything was already printed
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// bad, usage, unreachable say with which code a command ends.
func bad(err error) error         { return &exitError{code: exitBad, err: err} }
func usage(err error) error       { return &exitError{code: exitUsage, err: err} }
func unreachable(err error) error { return &exitError{code: exitUnreachable, err: err} }

// run executes one command line and gives its exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	understood := false // the arguments are what the command takes
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	command, err := root.ExecuteContextC(ctx)
	var exit *exitError
	if err == nil || (errors.As(err, &exit) && exit.code == exitGood) {
		return exitGood
	}
	if ctx.Err() != nil {
		return exitInterrupted
	}
	report(errOut, err)
	if errors.As(err, &exit) {
		return exit.code
	}
	if !understood {
		fmt.Fprintf(errOut, "Usage: %s; --help says more\n", command.UseLine())
	}
	return exitUsage
}

// report prints an error with its way out.
func report(w io.Writer, err error) {
	if err.Error() == "" {
		return
	}
	fmt.Fprintln(w, "drumbeat:", err)
	var problem *outreach.Problem
	if errors.As(err, &problem) && problem.Fix != "" {
		fmt.Fprintln(w, problem.Fix)
	}
	if problem == nil && errors.Is(err, outreach.ErrNotFound) {
		fmt.Fprintln(w, "drumbeat status shows the sequences and mailboxes that there are, drumbeat lead list the leads")
	}
}

// version is the commit that the program was built from, as far as the build has
// noted it.
func version() string {
	commit, changed := "of an unknown commit", ""
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return commit
	}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			commit = setting.Value[:min(len(setting.Value), 12)]
		case setting.Key == "vcs.modified" && setting.Value == "true":
			changed = " with changes"
		}
	}
	return commit + changed + ", " + info.GoVersion
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "drumbeat",
		Short:         "Outbound email sequences that never mail anyone twice",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newBenchCommand(),
		newConfigCommand(),
		newDemoCommand(),
		newServeCommand(),
		newWorkerCommand(),
		newWebCommand(),
		newDigestCommand(),
		newDoctorCommand(),
		newEnrolCommand(),
		newExplainCommand(),
		newLeadCommand(),
		newMailboxCommand(),
		newMigrateCommand(),
		newReplyCommand(),
		newSendsCommand(),
		newSequenceCommand(),
		newSimulateCommand(),
		newStatusCommand(),
		newSuppressCommand(),
		newWebhookCommand(),
	)
	return root
}
