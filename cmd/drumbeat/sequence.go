package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"drumbeat/internal/strictyaml"
)

// The formats of sequence validate.
const (
	formatText   = "text"
	formatJSON   = "json"
	formatGitHub = "github"
)

func newSequenceCommand() *cobra.Command {
	return needSubcommand(&cobra.Command{Use: "sequence", Short: "Check, apply, preview, judge and pause sequences"},
		newSequenceInitCommand(), newSequenceValidateCommand(), newSequenceSchemaCommand(), newSequencePlanCommand(), newSequenceApplyCommand(),
		newSequenceRollbackCommand(), newSequenceListCommand(), newSequenceReportCommand(),
		newSequencePreviewCommand(), newSequenceTestSendCommand(), newSequencePauseCommand(), newSequenceResumeCommand())
}

func newSequenceSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of sequence files, for editors",
		Example: "  drumbeat sequence schema > sequences/schema/sequence.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema, err := sequenceSchema()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(schema)
			return err
		},
	}
}

func newSequenceValidateCommand() *cobra.Command {
	format, asJSON := formatText, false
	command := &cobra.Command{
		Use:   "validate FILE|DIR...",
		Short: "Check sequence files and show every fault with its place and a way out",
		Long: `Check sequence files and show every fault with its place and a way out.

A mailboxes.yaml beside a file tells which reps and mailboxes there are. Templates
are looked up in DRUMBEAT_TEMPLATES_DIR, in a directory "templates" in or beside
that of the file, and among the shipped ones. Exit code 0: no errors; 1: errors;
3: a file cannot be read.`,
		Example: "  drumbeat sequence validate sequences/\n  drumbeat sequence validate hello.yaml --format github",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			if asJSON {
				format = formatJSON
			}
			formats := []string{formatText, formatJSON, formatGitHub}
			if !slices.Contains(formats, format) {
				return fmt.Errorf("--format is one of %v, not %q", formats, format)
			}
			v := &validation{sources: map[string][]byte{}, read: map[string][]byte{}, templatesDir: os.Getenv("DRUMBEAT_TEMPLATES_DIR")}
			if err := v.run(paths); err != nil {
				return unreachable(err)
			}
			if err := v.write(cmd.OutOrStdout(), format); err != nil {
				return fmt.Errorf("write the result: %w", err)
			}
			if strictyaml.HasErrors(v.diagnostics) {
				return bad(nil)
			}
			return nil
		},
	}
	command.Flags().StringVar(&format, "format", format, "text, json or github")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object: --format json")
	command.MarkFlagsMutuallyExclusive("format", "json")
	return command
}

// write gives the diagnostics in a format.
func (v *validation) write(w io.Writer, format string) error {
	switch format {
	case formatJSON:
		return v.writeJSON(w)
	case formatGitHub:
		return strictyaml.WriteGitHub(w, v.diagnostics)
	}
	source := func(file string) []byte {
		if src, named := v.sources[file]; named {
			return src
		}
		return v.read[file]
	}
	if err := strictyaml.WriteText(w, v.diagnostics, source); err != nil {
		return err
	}
	failed, warned := v.bySeverity()
	_, err := fmt.Fprintf(w, "%s checked: %s, %s\n",
		counted(len(v.sources), "file"), counted(len(failed), "error"), counted(len(warned), "warning"))
	return err
}

func (v *validation) writeJSON(w io.Writer) error {
	failed, warned := v.bySeverity()
	return json.NewEncoder(w).Encode(map[string]any{"errors": failed, "warnings": warned})
}

// bySeverity parts errors from warnings; neither is nil, so that JSON has lists.
func (v *validation) bySeverity() (failed, warned []strictyaml.Diagnostic) {
	failed, warned = []strictyaml.Diagnostic{}, []strictyaml.Diagnostic{}
	for _, d := range v.diagnostics {
		if d.Severity == strictyaml.Error {
			failed = append(failed, d)
		} else {
			warned = append(warned, d)
		}
	}
	return failed, warned
}

// counted writes "1 error" and "2 errors".
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
