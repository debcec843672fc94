package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/proportion"
)

func newSequenceReportCommand() *cobra.Command {
	var revision int
	var asJSON bool
	command := &cobra.Command{
		Use:   "report SEQUENCE",
		Short: "Show what each step and variant has brought: answers, opt-outs, bounces",
		Long: `Show what each step and variant has brought: answers, opt-outs, bounces.

What a lead says counts for the mail that it answers, else for the last one before
it; a lead counts once for each mail. Steps are judged by the sequence's goal, as a
share of the mails with the range in which the true share lies in 95 of 100 cases.
Where the ranges of variants lie close together the report says so: then chance may
have decided. Decide beforehand how many mails you will wait for; who looks every
day and stops at the first difference will find one that is none.

A text that changed is another mail: --revision counts the leads of one revision.
Leads whom an apply moved count on the revision that they are on now, with all their
mails.`,
		Example: "  drumbeat sequence report saas-founders\n  drumbeat sequence report saas-founders --revision 3 --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				report, err := outbound.Report(ctx, base.DB, outreach.SequenceID(args[0]), revision)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), reportToJSON(report))
				}
				return printSequenceReport(cmd.OutOrStdout(), report)
			})
		},
	}
	command.Flags().IntVar(&revision, "revision", 0, "number of the revision whose leads count; 0: all together")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

func printSequenceReport(w io.Writer, r outbound.SequenceReport) error {
	if len(r.Steps) == 0 {
		_, err := fmt.Fprintf(w, "%s has sent no mail yet\n", r.Sequence)
		return err
	}
	goal := strings.ToUpper(string(r.Goal))
	t := newTable(w, "STEP", "VARIANT", "MAILS", "ANSWERS", "POSITIVE", "MEETINGS", "OPT-OUTS", "BOUNCED", goal+", OF THE MAILS")
	for _, s := range r.Steps {
		t.row(string(s.Step), s.Variant, fmt.Sprint(s.Mails), fmt.Sprint(s.Replied), fmt.Sprint(s.Positive), fmt.Sprint(s.Meetings),
			fmt.Sprint(s.OptOuts), fmt.Sprint(s.Bounced), s.Reached.String())
	}
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s\n", revisionsCounted(r.Revisions))
	for _, c := range r.Contests {
		fmt.Fprintln(w, contestInWords(c))
	}
	return nil
}

func revisionsCounted(numbers []int) string {
	if len(numbers) == 1 {
		return fmt.Sprintf("Counted: leads on revision %d.", numbers[0])
	}
	return fmt.Sprintf("Counted: leads on the revisions %s, though a text may differ between them; --revision shows one.",
		strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]"))
}

func contestInWords(c outbound.Contest) string {
	switch {
	case c.Leader == "":
		return fmt.Sprintf("%s: no variant is ahead.", c.Step)
	case !c.Decided:
		return fmt.Sprintf("%s: %s is ahead, but chance may be the reason: too few mails to tell.", c.Step, c.Leader)
	}
	return fmt.Sprintf("%s: %s is better, and chance is an unlikely reason.", c.Step, c.Leader)
}

// reportJSON is the JSON of sequence report.
type reportJSON struct {
	Sequence  string        `json:"sequence"`
	Goal      string        `json:"goal"`
	Revisions []int         `json:"revisions"`
	Steps     []stepJSON    `json:"steps"`
	Variants  []contestJSON `json:"variants"`
}

type stepJSON struct {
	Step     string    `json:"step"`
	Variant  string    `json:"variant"`
	Mails    int       `json:"mails"`
	Replied  int       `json:"replied"`
	Positive int       `json:"positive"`
	Meetings int       `json:"meetings"`
	OptOuts  int       `json:"opt_outs"`
	Bounced  int       `json:"bounced"`
	Goal     shareJSON `json:"goal"`
}

// shareJSON is a share of the mails and the bounds of its interval of 95 %.
type shareJSON struct {
	Share float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

type contestJSON struct {
	Step    string `json:"step"`
	Leader  string `json:"leader"`  // empty: none is ahead
	Decided bool   `json:"decided"` // false: chance may be the reason
}

func reportToJSON(r outbound.SequenceReport) reportJSON {
	out := reportJSON{Sequence: string(r.Sequence), Goal: string(r.Goal), Revisions: append([]int{}, r.Revisions...), Steps: []stepJSON{}, Variants: []contestJSON{}}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, stepJSON{
			Step: string(s.Step), Variant: s.Variant, Mails: s.Mails, Replied: s.Replied, Positive: s.Positive, Meetings: s.Meetings,
			OptOuts: s.OptOuts, Bounced: s.Bounced, Goal: shareToJSON(s.Reached),
		})
	}
	for _, c := range r.Contests {
		out.Variants = append(out.Variants, contestJSON{string(c.Step), c.Leader, c.Decided})
	}
	return out
}

func shareToJSON(s proportion.Share) shareJSON {
	low, high := s.Interval()
	return shareJSON{Share: s.Value(), Low: low, High: high}
}
