package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"drumbeat/internal/app"
	"drumbeat/internal/outbound"
	"drumbeat/internal/outreach"
	"drumbeat/internal/zone"
)

func newLeadImportCommand() *cobra.Command {
	var list, source string
	var asJSON bool
	command := &cobra.Command{
		Use:   "import FILE.csv --list NAME",
		Short: "Take leads in from a CSV",
		Long: `Take leads in from a CSV: UTF-8 or Windows-1252; comma, semicolon or tab.

The first row names the columns. email is required; first_name, last_name, company,
title, country, region, timezone, language, linkedin_url, phone, industry, employees
and source are known, also as "First Name" or "Job Title"; all others are kept as
custom fields, {{ custom.NAME }} in templates, in small letters without accents (lead
show names them; email_status, a verifier's word, is asked by audience:
email_status:). A lead that is there already is filled in: a blank never erases, and a
lead that was stopped or suppressed stays so. The same file twice changes nothing.

Refused rows go to FILE.rejected.csv with line and reason; mend them there and
import that file. Exit code 0 also when rows were refused; 1: the file is no list
of leads; 3: it cannot be read.`,
		Example: "  drumbeat lead import march.csv --list march --source 'trade fair'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(list) == "" {
				return errors.New("--list names the list to which the leads come")
			}
			if err := readable(args[0]); err != nil {
				return unreachable(err)
			}
			return withBase(cmd, func(ctx context.Context, base *app.Base) error {
				return importLeads(ctx, cmd, base, leadImport{path: args[0], list: list, source: source, json: asJSON})
			})
		},
	}
	command.Flags().StringVar(&list, "list", "", "list to which the leads come; made when it is not there")
	command.Flags().StringVar(&source, "source", "", "where the addresses come from, for rows that do not say it")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

type leadImport struct {
	path, list, source string
	json               bool
}

// rejects is the path of the file of refused rows: that of the import with
// another ending.
func (i leadImport) rejects() string {
	return strings.TrimSuffix(strings.TrimSuffix(i.path, filepath.Ext(i.path)), ".rejected") + ".rejected.csv"
}

// importResult is the JSON of lead import.
type importResult struct {
	List      string         `json:"list"`
	Rows      int            `json:"rows"`
	Added     int            `json:"added"`
	Updated   int            `json:"updated"`
	Unchanged int            `json:"unchanged"`
	Refused   int            `json:"refused"`
	Reasons   map[string]int `json:"reasons"`
	Rejected  string         `json:"rejected_file"` // empty: nothing was refused
}

func importLeads(ctx context.Context, cmd *cobra.Command, base *app.Base, in leadImport) error {
	progress := newProgress(cmd.ErrOrStderr(), "rows read")
	// Written beside and renamed at the end: the file that is imported may be the rejects of the last time.
	unfinished := in.rejects() + ".part"
	report, err := outbound.Import{
		Batch: outreach.ImportBatch{List: in.list, At: base.Clock.Now()}, Source: in.source, ValidZone: validZone(),
		Open:     func() (io.ReadCloser, error) { return os.Open(in.path) },
		Rejects:  func() (io.WriteCloser, error) { return os.Create(unfinished) },
		Progress: progress.show,
	}.Run(ctx, base.DB)
	progress.done()
	if err != nil {
		_ = os.Remove(unfinished) // where there is one
		return err
	}
	result := importResult{
		List: in.list, Rows: report.Rows, Added: report.Added, Updated: report.Updated, Unchanged: report.Unchanged,
		Refused: report.Refused, Reasons: report.Reasons,
	}
	if report.Refused > 0 {
		result.Rejected = in.rejects()
		if err := os.Rename(unfinished, result.Rejected); err != nil {
			return unreachable(err)
		}
	}
	if in.json {
		return writeJSON(cmd.OutOrStdout(), result)
	}
	result.print(cmd.OutOrStdout())
	return nil
}

func (r importResult) print(w io.Writer) {
	fmt.Fprintf(w, "%s read: %d added, %d updated, %d unchanged, %d refused; list %q\n",
		counted(r.Rows, "row"), r.Added, r.Updated, r.Unchanged, r.Refused, r.List)
	for _, reason := range slices.Sorted(maps.Keys(r.Reasons)) {
		fmt.Fprintf(w, "  %6d  %s\n", r.Reasons[reason], reason)
	}
	if r.Rejected != "" {
		fmt.Fprintf(w, "refused rows: %s\n", r.Rejected)
	}
}

// validZone remembers the names it was asked about: a file has few.
func validZone() func(string) bool {
	known := make(map[string]bool)
	return func(name string) bool {
		valid, asked := known[name]
		if !asked {
			_, err := zone.ParseName(name)
			valid = err == nil
			known[name] = valid
		}
		return valid
	}
}

func readable(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return file.Close()
}
