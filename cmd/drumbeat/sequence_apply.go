package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outbound"
	"drumbeat/internal/render"
	"drumbeat/internal/strictyaml"
)

func newSequenceApplyCommand() *cobra.Command {
	var asJSON, letFinish bool
	command := &cobra.Command{
		Use:   "apply [DIR|FILE...]",
		Short: "Check sequence files and make them current",
		Long: `Check sequence files and make them current: each file that changed, or whose
templates changed, becomes a new revision, under which new leads begin. Leads who
have begun stay on their revision. Without an argument: DRUMBEAT_SEQUENCES_DIR, or
the shipped sequences. A mailboxes.yaml must lie beside the files.

sequence plan shows beforehand what will change. A step that is gone while leads
wait at it is a fault, unless the file says where they go on, moved: {old: step}, or
--let-finish lets them have it as it was. sequence rollback undoes an apply.

One fault anywhere, and nothing is applied (exit 1).`,
		Example: "  drumbeat sequence apply sequences/",
		RunE: func(cmd *cobra.Command, paths []string) error {
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				applies, err := appliesOf(base, paths)
				if err != nil {
					return unreachable(err)
				}
				var reports []outbound.ApplyReport
				for _, apply := range applies {
					apply.LetFinish, apply.Actor = letFinish, actor()
					report, err := apply.Run(ctx, base.DB, base.Clock.Now())
					if err != nil {
						return err
					}
					reports = append(reports, report)
				}
				if asJSON {
					return writeAppliedJSON(cmd.OutOrStdout(), reports)
				}
				return printApplied(cmd.OutOrStdout(), reports)
			})
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	command.Flags().BoolVar(&letFinish, "let-finish", false, "leads at a step that is gone get it as it was")
	return command
}

// appliesOf makes one apply for each directory that the paths name.
func appliesOf(base *app.Base, paths []string) ([]outbound.Apply, error) {
	if len(paths) == 0 {
		return []outbound.Apply{{Files: base.Sequences, Templates: base.Templates}}, nil
	}
	byDir := make(map[string]*outbound.Apply)
	var dirs []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		dir, only := filepath.Clean(path), ""
		if !info.IsDir() {
			dir, only = filepath.Dir(path), filepath.Base(path)
		}
		apply := byDir[dir]
		if apply == nil {
			apply = &outbound.Apply{Files: os.DirFS(dir), Templates: templatesBeside(base.Templates, dir)}
			byDir[dir], dirs = apply, append(dirs, dir)
		}
		if only != "" {
			apply.Only = append(apply.Only, only)
		}
	}
	all := make([]outbound.Apply, len(dirs))
	for i, dir := range dirs {
		all[i] = *byDir[dir]
	}
	return all, nil
}

// templatesBeside puts the templates in and beside a directory between the
// shipped ones and those of DRUMBEAT_TEMPLATES_DIR, as validate looks for them.
func templatesBeside(layers []render.Layer, dir string) []render.Layer {
	return append(append(layers[:1:1], app.TemplatesBeside(dir)...), layers[1:]...)
}

func printApplied(w io.Writer, reports []outbound.ApplyReport) error {
	failed := false
	for _, report := range reports {
		source := func(file string) []byte { return report.Sources[file] }
		if err := strictyaml.WriteText(w, report.Diagnostics, source); err != nil {
			return err
		}
		failed = failed || strictyaml.HasErrors(report.Diagnostics)
		for _, applied := range report.Applied {
			said := "unchanged"
			if applied.Made {
				said = "new"
			}
			fmt.Fprintf(w, "%s: revision %d, %s\n", applied.Sequence, applied.Number, said)
			if applied.Moved > 0 {
				fmt.Fprintf(w, "  %s moved from steps that are gone\n", counted(applied.Moved, "lead"))
			}
		}
		for _, name := range report.Unused {
			fmt.Fprintf(w, "warning: template %s is used by none of these sequences\n", name)
		}
	}
	if failed {
		fmt.Fprintln(w, "nothing was applied where there are errors")
		return bad(nil)
	}
	return nil
}

// appliedJSON is the JSON of sequence apply.
type appliedJSON struct {
	Sequences []appliedSequenceJSON   `json:"sequences"`
	Mailboxes int                     `json:"mailboxes"`
	Unused    []string                `json:"unused_templates"`
	Errors    []strictyaml.Diagnostic `json:"errors"`
	Warnings  []strictyaml.Diagnostic `json:"warnings"`
}

type appliedSequenceJSON struct {
	ID       string `json:"id"`
	File     string `json:"file"`
	Revision int    `json:"revision"`
	New      bool   `json:"new"`
	Moved    int    `json:"moved"`
}

func writeAppliedJSON(w io.Writer, reports []outbound.ApplyReport) error {
	j := appliedJSON{Sequences: []appliedSequenceJSON{}, Unused: []string{}}
	var v validation
	for _, report := range reports {
		v.diagnostics = append(v.diagnostics, report.Diagnostics...)
		j.Mailboxes += report.Mailboxes
		j.Unused = append(j.Unused, report.Unused...)
		for _, a := range report.Applied {
			j.Sequences = append(j.Sequences, appliedSequenceJSON{string(a.Sequence), a.File, a.Number, a.Made, a.Moved})
		}
	}
	j.Errors, j.Warnings = v.bySeverity()
	if err := writeJSON(w, j); err != nil {
		return err
	}
	if len(j.Errors) > 0 {
		return bad(nil)
	}
	return nil
}
