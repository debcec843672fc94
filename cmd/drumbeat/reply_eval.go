package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/classify"
	"drumbeat/internal/classify/learn"
	"drumbeat/internal/outreach"
	"drumbeat/internal/reply"
)

func newReplyEvalCommand() *cobra.Command {
	asJSON, modelFile := false, ""
	command := &cobra.Command{
		Use:   "eval CASES.jsonl...",
		Short: "Measure how well labelled replies are understood",
		Long: `Measure how well labelled replies are understood. Each case is made a mail and
goes the whole way: structure, new words, label, fields. The form of the cases is
in docs/LABELS.md.`,
		Example: "  drumbeat reply eval cases.jsonl\n  drumbeat reply eval --json cases.jsonl",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			classifier, err := classifierWith(modelFile)
			if err != nil {
				return err
			}
			cases, err := trainingCases(files, true)
			if err != nil {
				return err
			}
			report := learn.Measure(judge(classifier, cases))
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), report)
			}
			return printReport(cmd.OutOrStdout(), report)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	command.Flags().StringVar(&modelFile, "model", "", `a model of "reply train" instead of the shipped one`)
	return command
}

// classifierWith gives the shipped classifier, with another model if one is
// named.
func classifierWith(modelFile string) (*classify.Classifier, error) {
	classifier, err := app.LoadClassifier(modelFile)
	if err != nil {
		return nil, withCode(err)
	}
	return classifier, nil
}

// judge sends every case the whole way. A mail that cannot be read is unclear.
func judge(classifier *classify.Classifier, cases []learn.Case) []learn.Judged {
	judged := make([]learn.Judged, len(cases))
	for i, c := range cases {
		judged[i] = learn.Judged{Case: c, Label: outreach.LabelUnclear}
		message, err := reply.Parse(c.Mail(), time.Time{})
		if err != nil {
			continue
		}
		result := classifier.Classify(classify.InputOf(&message))
		answer := newReplyAnswer("", &message, result)
		judged[i].Label, judged[i].Confidence, judged[i].Result = answer.Label, answer.Confidence, result
	}
	return judged
}

func printReport(w io.Writer, r learn.Report) error {
	fmt.Fprintf(w, "%d replies: accuracy %.3f, macro-F1 %.3f, calibration error %.3f, %d left to a person\n\n", r.Cases, r.Accuracy, r.MacroF1, r.ECE, r.Abstained)
	labels := newTable(w, "LABEL", "PRECISION", "RECALL", "F1", "CASES", "TAKEN FOR")
	for _, s := range r.Labels {
		labels.row(string(s.Label), percent(s.Precision), percent(s.Recall), percent(s.F1), strconv.Itoa(s.Cases), confusions(r, s.Label))
	}
	if err := labels.flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	sure := newTable(w, "THE SUREST", "ARE RIGHT", "FROM CONFIDENCE")
	for _, c := range r.Coverage {
		sure.row(percent(c.Share), percent(c.Accuracy), fmt.Sprintf("%.2f", c.Least))
	}
	if err := sure.flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	languages := newTable(w, "LANGUAGE", "ACCURACY", "CASES")
	for _, l := range r.Languages {
		languages.row(l.Language, percent(l.Accuracy), strconv.Itoa(l.Cases))
	}
	if err := languages.flush(); err != nil {
		return err
	}
	o := r.OptOuts
	fmt.Fprintf(w, "\nopt-outs: recall %s, precision %s; %d suppressed (%d wrongly), %d shown to a person, %d missed\n",
		percent(o.Recall), percent(o.Precision), o.Suppressed, o.Wrongly, o.Triaged, o.Missed)
	fmt.Fprintf(w, "people taken for machines: %d\n", r.Automatic)
	fields := newTable(w, "FIELD", "RIGHT", "OF", "FALSE")
	for _, f := range []struct {
		name  string
		score learn.FieldScore
	}{{"return_on", r.ReturnOn}, {"follow_up_on", r.FollowUpOn}, {"contact", r.Contact}, {"competitor", r.Competitor}, {"language", r.Language}} {
		fields.row(f.name, strconv.Itoa(f.score.Right), strconv.Itoa(f.score.Have), strconv.Itoa(f.score.False))
	}
	if err := fields.flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "cost %d (missed opt-out 50, lead stopped wrongly 10, mailed through an absence 2, a rep's look 1); model %s\n", r.Cost, r.Model)
	return err
}

func percent(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }

// confusions lists what a label was taken for, most often first in the order
// of labels.
func confusions(r learn.Report, truth outreach.Label) string {
	text := ""
	for _, guess := range outreach.WordLabels() {
		if n := r.Confusion[truth][guess]; n > 0 && guess != truth {
			text += fmt.Sprintf("%s %d  ", guess, n)
		}
	}
	return text
}
