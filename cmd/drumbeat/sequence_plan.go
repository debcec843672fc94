package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/strictyaml"
)

// planFlags are the flags of sequence plan.
type planFlags struct {
	list, leads     string
	letFinish, json bool
}

func newSequencePlanCommand() *cobra.Command {
	var f planFlags
	command := &cobra.Command{
		Use:   "plan [DIR|FILE...]",
		Short: "Show what applying would change, and for whom",
		Long: `Show what applying would change: the difference to the current revision, where the
leads stand that are under way and what becomes of them, and whether the mailboxes
can carry what the sequence wants to send. Nothing is written.

Leads under way finish on the revision under which they began. A step that is gone
while leads wait at it is a fault, unless the file says where they go on,
moved: {old-step: step}, or --let-finish lets them have it as it was.

With --list or --leads every step is rendered for every lead of the list, and told
what would keep a mail from going out or embarrass you: missing fields, overlong
subjects, the same text twice, leads without an hour in common with the mailbox.

Exit code 1: the files cannot be applied.`,
		Example: "  drumbeat sequence plan sequences/\n  drumbeat sequence plan sequences/founders.yaml --list march",
		RunE: func(cmd *cobra.Command, paths []string) error {
			if f.list != "" && f.leads != "" {
				return errors.New("--list and --leads exclude each other")
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error { return runPlan(ctx, cmd, base, paths, f) })
		},
	}
	command.Flags().StringVar(&f.list, "list", "", "render every step for every lead of this list")
	command.Flags().StringVar(&f.leads, "leads", "", "the same for the leads of a CSV that is not imported")
	command.Flags().BoolVar(&f.letFinish, "let-finish", false, "leads at a step that is gone get it as it was")
	command.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	return command
}

// planned is the plan of one directory, and the checks of the list.
type planned struct {
	outbound.Checked
	plans  []outbound.SequencePlan
	audits []outbound.AudienceReport // by sequence; empty without a list
}

func runPlan(ctx context.Context, cmd *cobra.Command, base *app.Base, paths []string, f planFlags) error {
	applies, err := appliesOf(base, paths)
	if err != nil {
		return unreachable(err)
	}
	leads, err := f.audience(ctx, base)
	if err != nil {
		return err
	}
	var all []planned
	good := true
	for _, apply := range applies {
		p, err := planDirectory(ctx, cmd.ErrOrStderr(), base, apply, leads, f)
		if err != nil {
			return err
		}
		good = good && p.Good()
		all = append(all, p)
	}
	if f.json {
		err = writeJSON(cmd.OutOrStdout(), plansToJSON(all))
	} else {
		err = printPlans(cmd.OutOrStdout(), all)
	}
	if err == nil && !good {
		return bad(nil)
	}
	return err
}

// audience reads the leads that the flags name; nil for none.
func (f planFlags) audience(ctx context.Context, base *app.Base) ([]outreach.Lead, error) {
	switch {
	case f.list != "":
		return base.LeadsOf(ctx, f.list)
	case f.leads != "":
		file, err := app.ReadLeads(f.leads)
		if err != nil {
			return nil, unreachable(err)
		}
		return file.Leads, nil
	}
	return nil, nil
}

func planDirectory(ctx context.Context, errOut io.Writer, base *app.Base, apply outbound.Apply, leads []outreach.Lead, f planFlags) (planned, error) {
	checked, err := apply.Check()
	p := planned{Checked: checked}
	if err != nil {
		return p, unreachable(err)
	}
	if !p.Good() {
		return p, nil
	}
	if p.plans, err = p.Plan(ctx, base.DB, f.letFinish); err != nil || len(leads) == 0 {
		return p, err
	}
	team, err := base.TeamOf(apply)
	if err != nil {
		return p, bad(err)
	}
	for _, plan := range p.plans {
		shown := newProgress(errOut, "leads rendered")
		shown.every = 500
		var done atomic.Int64
		audit, err := team.CheckAudience(ctx, base, plan.Revision, leads, func(int) { shown.show(int(done.Add(1))) })
		shown.done()
		if err != nil {
			return p, err
		}
		p.audits = append(p.audits, audit)
	}
	return p, nil
}

func printPlans(w io.Writer, all []planned) error {
	for _, p := range all {
		source := func(file string) []byte { return p.Sources[file] }
		if err := strictyaml.WriteText(w, p.Diagnostics, source); err != nil {
			return err
		}
		for i, plan := range p.plans {
			printPlan(w, plan)
			if i < len(p.audits) {
				printAudit(w, p.audits[i])
			}
		}
		if !p.Good() {
			fmt.Fprintln(w, "this cannot be applied")
		}
	}
	return nil
}

func printPlan(w io.Writer, p outbound.SequencePlan) {
	switch {
	case p.Current.Number == 0:
		fmt.Fprintf(w, "%s: new, revision 1\n", p.Sequence.ID)
	case !p.Changed():
		fmt.Fprintf(w, "%s: unchanged, revision %d\n", p.Sequence.ID, p.Current.Number)
	default:
		fmt.Fprintf(w, "%s: revision %d becomes %d; new leads begin under it\n", p.Sequence.ID, p.Current.Number, p.Next)
		for _, change := range p.Changes {
			fmt.Fprintf(w, "  %s\n", change.File)
			for _, line := range change.Lines {
				fmt.Fprintf(w, "    %s\n", printable(line))
			}
		}
	}
	if len(p.Standing) > 0 {
		fmt.Fprintln(w, "  leads under way")
		t := newTable(w)
		for _, at := range p.Standing {
			t.row("    "+counted(at.Count, "lead"), fmt.Sprintf("revision %d", at.Revision), orDash(string(at.Step)), becomes(at))
		}
		_ = t.flush() // a closed pipe is the reader's wish
	}
	mark := "  "
	if !p.Capacity.Enough() {
		mark = "  warning: "
	}
	fmt.Fprintf(w, "%s%s\n", mark, p.Capacity)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// becomes says what becomes of leads who stand somewhere.
func becomes(at outbound.StandingAt) string {
	text := fmt.Sprintf("finish revision %d", at.Revision)
	switch {
	case at.MovesTo != "":
		text = "go on at " + string(at.MovesTo) + " of the new revision"
	case at.Removed:
		text = "wait at a step that is gone"
	}
	if at.Held > 0 {
		text += fmt.Sprintf("; %d of them wait for a person or sleep", at.Held)
	}
	return text
}

func printAudit(w io.Writer, r outbound.AudienceReport) {
	fmt.Fprintf(w, "  %s rendered for %s\n", counted(r.Mails, "mail"), counted(r.Leads, "lead"))
	for _, f := range r.Findings {
		mark := "warning"
		if f.Blocks() {
			mark = "stays back"
		}
		where := ""
		if f.Step != "" {
			where = " at " + string(f.Step)
		}
		fmt.Fprintf(w, "  %s: %s%s, %s: %s\n    %s\n", mark, f.Code, where, counted(f.Count, "lead"), printable(f.Why), printable(strings.Join(f.Leads, ", ")))
	}
	if len(r.Findings) == 0 {
		fmt.Fprintln(w, "  nothing to remark")
	}
}
