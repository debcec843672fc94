package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/classify"
	"drumbeat/internal/classify/learn"
)

func newReplyTrainCommand() *cobra.Command {
	out, words, check, alone := "", "", false, false
	command := &cobra.Command{
		Use:   "train [CASES.jsonl...]",
		Short: "Make the model that tells labels from words",
		Long: `Make the model that tells labels from words: from the labelled replies that ship
with Drumbeat, and from the files given, such as those of "reply export-cases".
The same data give the same bytes.`,
		Example: "  drumbeat reply train --out model.bin cases.jsonl\n  drumbeat reply train --check",
		RunE: func(cmd *cobra.Command, files []string) error {
			cases, err := trainingCases(files, alone)
			if err != nil {
				return err
			}
			if words != "" {
				return writeWords(words, cases)
			}
			untrained, err := classify.NewUntrained()
			if err != nil {
				return fmt.Errorf("read the lexicon: %w", err)
			}
			if check {
				judged, err := learn.CrossValidate(untrained, cases, learn.Options{})
				if err != nil {
					return err
				}
				report := learn.Measure(judged)
				report.Model = "one a writer, made of the others' replies"
				return printReport(cmd.OutOrStdout(), report)
			}
			model := learn.Train(untrained, cases, learn.Options{})
			if err := os.WriteFile(out, model.Encode(), 0o644); err != nil {
				return unreachable(err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: a model of %d replies\n", out, len(cases))
			return err
		},
	}
	command.Flags().StringVar(&out, "out", "model.bin", "where the model is written")
	command.Flags().BoolVar(&check, "check", false, "write nothing; judge each writer's replies by a model of the others'")
	command.Flags().StringVar(&words, "words", "", "write no model but the list of ordinary words, by which names are told, to this file")
	command.Flags().BoolVar(&alone, "alone", false, "leave the shipped replies out")
	return command
}

func writeWords(file string, cases []learn.Case) error {
	list := strings.Join(learn.OrdinaryWords(cases), "\n") + "\n"
	if err := os.WriteFile(file, []byte(list), 0o644); err != nil {
		return unreachable(err)
	}
	return nil
}

// trainingCases joins the shipped replies with those of the files.
func trainingCases(files []string, alone bool) ([]learn.Case, error) {
	var cases []learn.Case
	if !alone {
		shipped, err := learn.Shipped()
		if err != nil {
			return nil, err
		}
		cases = shipped
	}
	for _, file := range files {
		more, err := readCases(file)
		if err != nil {
			return nil, err
		}
		cases = append(cases, more...)
	}
	return cases, nil
}

func readCases(file string) ([]learn.Case, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, unreachable(err)
	}
	defer f.Close()
	cases, err := learn.ReadCases(f, file)
	if err != nil {
		return nil, bad(err)
	}
	return cases, nil
}
